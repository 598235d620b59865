// Lines in another order: a row is dragged by its grip, or goes up and down by Alt and an arrow or by the two buttons that a click on its
// grip brings. What is stored is the server's matter: the form says in which order the rows stand.
import { draggable } from "./dragging.js";
import { text } from "./texts.js";
import { toast } from "./toasts.js";

// Put rows as they stood; told where `row` is now.
const arrange = (grid, rows, row) => {
  grid.body.append(...rows);
  grid.keepOrder();
  grid.renumber();
  row.dispatchEvent(new Event("change", { bubbles: true }));
  toast(text("lines_moved", { row: grid.rows().indexOf(row) + 1 }));
};

const all = (grid) => [...grid.body.querySelectorAll("tr[data-row]")];

const done = (grid, row, before, kept) => {
  const undo = () => {
    grid.undone.splice(grid.undone.indexOf(undo), 1);
    arrange(grid, before, row);
    grid.order.value = kept;
    refocus(grid, row, row);
  };
  grid.did(undo);
};

const refocus = (grid, row, control) => (row.contains(control) && control !== row ? control.focus() : grid.focus(row, 0));

const movers = (grid, grip) => {
  grid.place.querySelector(".row-movers")?.remove();
  const box = Object.assign(document.createElement("span"), { className: "row-movers" });
  for (const [name, by, sign] of [["lines_up", -1, "↑"], ["lines_down", 1, "↓"]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn square", textContent: sign });
    button.setAttribute("aria-label", text(name));
    button.addEventListener("click", () => {
      grid.move(grip.closest("tr"), by);
      button.focus();
    });
    box.append(button);
  }
  grip.after(box);
  box.firstElementChild.focus();
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || setTimeout(() => box.contains(document.activeElement) || box.remove()));
};

export const startOrder = (grid) => {
  grid.move = (row, by) => {
    const [shown, before, kept, held] = [grid.rows(), all(grid), grid.order.value, document.activeElement];
    const other = shown[shown.indexOf(row) + by];
    if (!other) return;
    by > 0 ? other.after(row) : other.before(row);
    arrange(grid, all(grid), row);
    done(grid, row, before, kept);
    refocus(grid, row, held);
    row.scrollIntoView({ block: "nearest" });
  };
  let [before, kept] = [[], ""];
  draggable([grid.body], {
    sort: true,
    delay: 0,
    handle: "[data-grip]",
    draggable: "tr[data-row]",
    fallbackOnBody: false,
    onStart: () => ([before, kept] = [all(grid), grid.order.value]),
    onEnd: ({ item }) => {
      if (before.every((row, place) => row === all(grid)[place])) return;
      arrange(grid, all(grid), item);
      done(grid, item, before, kept);
    },
  });
  grid.place.addEventListener("click", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (grip) movers(grid, grip);
  });
};
