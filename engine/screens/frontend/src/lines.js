// The grid of a record's lines: rows are added, doubled, taken out and brought back, walked through by keys, filled from a clipboard.
// Another order of rows is lines_order.js's matter.
import { attachControls } from "./controls/attach.js";
import { text } from "./texts.js";
import { offer } from "./toasts.js";

const STEADY = 40; // rows from which on columns keep their widths and what is out of sight is not drawn: at every key it would be felt
const CONTROLS = "input:not([type=hidden]):not(.ts-hidden-accessible), select:not(.tomselected), textarea";
const WALKED = "input[type=text]:not([role=combobox]):not([data-control^=date])";

export class Grid {
  constructor(form, place) {
    Object.assign(this, { form, place, body: place.querySelector("tbody"), blank: place.querySelector("template"), next: Number(place.dataset.next) });
    place.addEventListener("click", (event) => this.click(event));
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("paste", (event) => this.blank && import("./grid_paste.js").then(({ paste }) => paste(this, event, this.taken(event))));
    place.addEventListener("paste", (event) => this.taken(event) && event.preventDefault());
    this.undone = []; // what takes the last acts back, the latest at the end
    this.typed = false; // since the last act: then undoing is a matter of the text
    place.addEventListener("input", () => (this.typed = true));
    place.addEventListener("focusin", () => (this.typed = false));
    this.order = place.querySelector("[data-order]");
    if (this.order) import("./lines_order.js").then(({ startOrder }) => startOrder(this));
    this.renumber();
  }

  // The table that a paste event brings; null for what is a matter of the one cell.
  taken(event) {
    const given = event.clipboardData?.getData("text/plain") ?? "";
    return this.blank && event.target.closest("td[data-field]") && /[\t\n]/.test(given.replace(/\n$/, "")) ? given : null;
  }

  rows() {
    return [...this.body.querySelectorAll("tr[data-row]:not(.gone)")];
  }

  controls(row) {
    return [...row.querySelectorAll(CONTROLS)];
  }

  focus(row, column) {
    const all = this.controls(row);
    (all[column] ?? all[0])?.focus();
  }

  changed() {
    this.place.dispatchEvent(new Event("change", { bubbles: true }));
  }

  renumber(from = 0) {
    const shown = this.rows();
    for (const [index, row] of shown.entries()) {
      if (index < from) continue;
      row.querySelector(".row-at").textContent = index + 1;
      row.querySelector("[data-grip]")?.setAttribute("aria-label", text("lines_grip", { row: index + 1 }));
      row.querySelector("[data-remove]")?.setAttribute("aria-label", text("lines_remove", { row: index + 1 }));
      row.querySelector("[data-double]")?.setAttribute("aria-label", text("lines_double", { row: index + 1 }));
    }
    const empty = this.body.querySelector(".lines-empty");
    if (empty) empty.hidden = shown.length > 0;
    if (shown.length > STEADY) this.steady();
    if (this.order?.value) this.keepOrder();
  }

  // The order of rows as it stands goes with the form: once one was moved, or put between others.
  keepOrder() {
    this.order.value = this.rows().map((row) => row.dataset.row).join(",");
  }

  did(undo) {
    this.undone.push(undo);
    this.typed = false;
  }

  steady() {
    const table = this.body.parentElement;
    table.classList.add("long");
    if (table.classList.contains("steady") || matchMedia("(max-width: 760px)").matches) return;
    const heads = [...table.querySelectorAll("th")];
    const widths = heads.map((head) => head.getBoundingClientRect().width);
    if (!widths.some(Boolean)) return; // it lies in a tab that is closed
    table.style.setProperty("--cells", widths.map((width) => `minmax(${Math.floor(width)}px, ${Math.floor(width)}fr)`).join(" "));
    table.classList.add("steady");
  }

  // New rows behind `after`, else at the end, as the defaults begin them. What is told of them is for who fills them.
  make(count, after = null) {
    const holder = document.createElement("template");
    for (let made = 0; made < count; made += 1) {
      const row = document.createElement("template");
      row.innerHTML = this.blank.innerHTML.replaceAll("__row__", this.next);
      this.next += 1;
      holder.content.append(row.content.querySelector("tr"));
    }
    const rows = [...holder.content.children];
    const at = after ? this.rows().indexOf(after) + 1 : this.rows().length;
    after ? after.after(holder.content) : this.body.append(holder.content);
    rows.forEach((row) => attachControls(row));
    if (this.order && rows.at(-1)?.nextElementSibling?.matches("tr[data-row]")) this.keepOrder();
    this.renumber(at);
    return rows;
  }

  add() {
    const [row] = this.make(1);
    this.changed();
    this.focus(row, 0);
  }

  double(row) {
    const [copy] = this.make(1, row);
    for (const cell of row.querySelectorAll("td[data-field]")) {
      const [from, to] = [cell, copy.querySelector(`td[data-field="${cell.dataset.field}"]`)].map((one) => one?.querySelector("[name]"));
      if (!from || !to) continue;
      if (to.type === "checkbox") to.checked = from.checked;
      else if (to.tagName === "SELECT" && from.value && ![...to.options].some((one) => one.value === from.value)) {
        to.replaceChildren(new Option(from.selectedOptions[0].textContent, from.value, true, true));
      } else to.value = from.value;
      to.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.changed();
    this.focus(copy, 0);
  }

  remove(row) {
    const stored = row.querySelector('input[name$=".id"]')?.value;
    const mark = row.querySelector('input[name$=".remove"]');
    const [behind, before] = [row.nextElementSibling, row.previousElementSibling];
    const at = this.rows().indexOf(row);
    const number = row.querySelector(".row-at").textContent;
    if (stored) {
      row.classList.add("gone");
      mark.value = "1";
    } else row.remove();
    this.renumber(at);
    this.changed();
    const beside = [behind, before].find((one) => one?.matches("tr[data-row]:not(.gone)"));
    beside ? this.focus(beside, 0) : this.place.querySelector("[data-add]").focus();
    const undo = () => {
      if (this.undone.includes(undo)) this.undone.splice(this.undone.indexOf(undo), 1);
      if (stored) {
        row.classList.remove("gone");
        mark.value = "";
      } else if (behind?.isConnected) behind.before(row);
      else this.body.append(row);
      this.renumber(at);
      row.querySelector("[name]").dispatchEvent(new Event("change", { bubbles: true }));
      this.focus(row, 0);
    };
    this.did(undo);
    offer(text("lines_removed", { row: number }), text("undo"), undo);
  }

  click(event) {
    const row = event.target.closest("tr");
    if (event.target.closest("[data-add]")) this.add();
    else if (event.target.closest("[data-remove]")) this.remove(row);
    else if (event.target.closest("[data-double]")) this.double(row);
    else if (event.target.closest("[data-copy]")) import("./grid_paste.js").then(({ copy }) => copy(this));
  }

  key(event) {
    const { key, target } = event;
    const row = target.closest("tr[data-row]");
    const strong = event.ctrlKey || event.metaKey;
    if (!row || event.isComposing || (key.length === 1 && !strong)) return;
    if (strong && key === "Backspace" && this.blank) this.remove(row);
    else if (strong && key.toLowerCase() === "d" && this.blank) this.double(row);
    else if (strong && key.toLowerCase() === "z" && !event.shiftKey && !this.typed && this.undone.length) this.undone.at(-1)();
    else if (event.altKey && this.move && (key === "ArrowDown" || key === "ArrowUp")) this.move(row, key === "ArrowDown" ? 1 : -1);
    else if (key === "Enter" && (strong || (target.matches("input:not([role=combobox])") && !event.shiftKey))) this.step(row, target, 1, true);
    else if ((key === "ArrowDown" || key === "ArrowUp") && target.matches(WALKED)) {
      if (!this.step(row, target, key === "ArrowDown" ? 1 : -1, false)) return;
    } else if ((key === "ArrowLeft" || key === "ArrowRight") && target.matches(WALKED)) {
      if (!this.walk(row, target, key === "ArrowRight" ? 1 : -1)) return;
    } else return;
    event.preventDefault();
  }

  step(row, control, by, grow) {
    const shown = this.rows();
    const other = shown[shown.indexOf(row) + by];
    if (other) this.focus(other, this.controls(row).indexOf(control));
    else if (grow && this.blank) this.add();
    return Boolean(other) || grow;
  }

  walk(row, control, by) {
    const edge = by > 0 ? control.value.length : 0;
    if (control.selectionStart !== edge || control.selectionEnd !== edge) return false;
    const all = this.controls(row);
    const other = all[all.indexOf(control) + by];
    other?.focus();
    return Boolean(other);
  }
}

export const startLines = (form, place) => new Grid(form, place);
