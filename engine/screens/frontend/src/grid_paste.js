// Tables between a grid of lines and a spreadsheet: what is pasted is read by the server as if it were typed; what it can't read stays, with
// the reason at its cell.
import { parseTable, putTable } from "./clipboard.js";
import { send } from "./send.js";
import { text } from "./texts.js";
import { toast } from "./toasts.js";

const AT_ONCE = 200; // rows of one question

const cellsOf = (row) => [...row.querySelectorAll("td[data-field]")];
const controlOf = (cell) => cell?.querySelector("[name]:not([readonly]):not([disabled])") ?? null;

const say = (cell, control, message) => {
  cell.classList.toggle("bad", Boolean(message));
  cell.querySelector(".error").textContent = message;
  message ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid");
};

const put = (cell, given) => {
  const control = controlOf(cell);
  if (!control) return;
  const { value, label = value, error = "" } = given;
  if (control.type === "checkbox") control.checked = value === "true";
  else if (control.tomselect) {
    control.tomselect.addOption({ id: value, label });
    control.tomselect.setValue(value, true);
  } else if (control.tagName === "SELECT" && value && ![...control.options].some((one) => one.value === value)) {
    if (control.dataset.control === "link") control.replaceChildren(new Option(label, value, true, true));
  } else control.value = value;
  say(cell, control, error);
  control.dispatchEvent(new Event("input", { bubbles: true }));
};

const ask = async (grid, columns, rows) => {
  const url = `${grid.form.action.replace(/\/(?:\d+\/edit|new)$/, "")}/lines/${grid.place.dataset.lines}`;
  const body = new FormData();
  body.append("cells", JSON.stringify({ columns, rows }));
  const answer = await send(url, body);
  return answer.ok ? (await answer.json()).rows : null;
};

export const paste = async (grid, event, given) => {
  if (given === null) return;
  const start = event.target.closest("td[data-field]");
  const row = start.closest("tr");
  const table = parseTable(given);
  const at = cellsOf(row).indexOf(start);
  const width = Math.max(...table.map((cells) => cells.length));
  const columns = cellsOf(row).slice(at, at + width).map((cell) => cell.dataset.field);
  grid.place.setAttribute("aria-busy", "true");
  let faults = 0;
  try {
    const shown = grid.rows();
    const targets = shown.slice(shown.indexOf(row));
    if (targets.length < table.length) targets.push(...grid.make(table.length - targets.length));
    for (let from = 0; from < table.length; from += AT_ONCE) {
      const part = table.slice(from, from + AT_ONCE).map((cells) => columns.map((_, place) => cells[place] ?? ""));
      const read = await ask(grid, columns, part);
      if (!read) return toast(text("failed"), "bad");
      read.forEach((cells, place) => {
        const into = cellsOf(targets[from + place]).slice(at);
        cells.forEach((cell, column) => cell && put(into[column], cell));
        faults += cells.filter((cell) => cell?.error).length;
      });
    }
    grid.changed();
    toast(text(faults ? "lines_pasted_faults" : "lines_pasted", { count: table.length, faults }), faults ? "bad" : "");
    grid.place.querySelector("[aria-invalid=true]")?.focus();
  } finally {
    grid.place.removeAttribute("aria-busy");
  }
};

const shown = (cell) => {
  const control = cell.querySelector("[name]");
  if (!control) return cell.querySelector("[data-computed]")?.textContent.trim() ?? "";
  if (control.tagName === "SELECT") return control.selectedOptions[0]?.textContent.trim() ?? "";
  return control.type === "checkbox" ? text(control.checked ? "yes" : "no") : control.value;
};

// Put the whole grid on the clipboard, its headings above.
export const copy = (grid) => {
  const heads = [...grid.place.querySelectorAll("th[data-head]")];
  const rows = [heads.map((head) => head.dataset.head), ...grid.rows().map((row) => cellsOf(row).map(shown))];
  const numeric = heads.map((head) => head.classList.contains("num"));
  document.addEventListener("copy", (event) => putTable(event, rows, numeric), { once: true });
  document.execCommand("copy");
  toast(text("lines_copied", { count: rows.length - 1 }));
};
