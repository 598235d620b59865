// Picked cells of a list: one by a click, a block by drawing or with the shift key, moved by the arrow keys; what they hold as texts. What is
// done with them is in paste.js.
import { putTable } from "../clipboard.js";
import { text } from "../texts.js";
import { openCell } from "./cell.js";

const LONGEST = 15; // digits that sums are shown of
const state = { from: null, to: null, drawing: false };

export const rows = () => [...document.querySelectorAll("#rows > tr[data-id]")];
const inside = (target) => target.closest?.("input, select, textarea, button, [contenteditable=true], dialog, .editing, .menu, label");
const columnOf = (cell) => [...cell.parentElement.children].indexOf(cell);
const cellAt = (all, { row, column }) => all[row]?.children[column];

// The block of picked cells: its rows and columns, from and to; null where none is picked.
export const block = () => {
  if (!state.from || !state.to) return null;
  const all = rows();
  const at = (spot) => ({ row: all.findIndex((row) => row.dataset.id === spot.id), column: spot.column });
  const [from, to] = [at(state.from), at(state.to)];
  if (from.row < 0 || to.row < 0) return null;
  const range = (name) => [Math.min(from[name], to[name]), Math.max(from[name], to[name])];
  return { all, rows: range("row"), columns: range("column"), from, to };
};

export const unpick = () => {
  state.from = state.to = null;
  paint();
};

// What a cell says, as a spreadsheet should have it: several values with 、 between them, those that only a number stands for as well.
export const said = (cell) => {
  if (!cell) return "";
  const under = cell.querySelector(".under") ?? cell;
  const several = under.querySelectorAll(".several > :not([data-rest])");
  if (several.length) return [...several].map((one) => one.textContent.trim()).join("、") + (under.querySelector("[data-rest]")?.dataset.rest ?? "");
  const person = under.querySelector(".who > span:last-child");
  const exact = under.querySelector("time[title]");
  return (person ?? under).textContent.trim() || (exact?.textContent ?? "");
};

const texts = (found) => {
  const [top, bottom] = found.rows;
  const [left, right] = found.columns;
  return found.all.slice(top, bottom + 1).map((row) => [...row.children].slice(left, right + 1).map(said));
};

const numeric = (found) => {
  const row = found.all[found.rows[0]];
  return [...row.children].slice(found.columns[0], found.columns[1] + 1).map((cell) => cell.classList.contains("num"));
};

const paint = () => {
  for (const cell of document.querySelectorAll("#rows td.sel")) cell.classList.remove("sel", "sel-at", "sel-t", "sel-r", "sel-b", "sel-l");
  const found = block();
  tell(found);
  if (!found) return;
  const [[top, bottom], [left, right]] = [found.rows, found.columns];
  for (let row = top; row <= bottom; row += 1) {
    for (let column = left; column <= right; column += 1) {
      const cell = cellAt(found.all, { row, column });
      if (!cell) continue;
      cell.classList.add("sel");
      cell.classList.toggle("sel-t", row === top);
      cell.classList.toggle("sel-b", row === bottom);
      cell.classList.toggle("sel-l", column === left);
      cell.classList.toggle("sel-r", column === right);
      cell.classList.toggle("sel-at", row === found.from.row && column === found.from.column && (top !== bottom || left !== right));
    }
  }
};

// How many cells are picked, and what those of numbers come to; exactly, as money must be.
const tell = (found) => {
  const foot = document.getElementById("list-foot");
  let place = document.getElementById("cells-said");
  if (!found || !foot || (found.rows[0] === found.rows[1] && found.columns[0] === found.columns[1])) return place?.remove();
  if (!place) {
    place = document.createElement("span");
    Object.assign(place, { id: "cells-said", className: "push" });
    place.setAttribute("role", "status");
    foot.append(place);
  }
  const shown = texts(found).flat();
  const kinds = numeric(found);
  const numbers = texts(found).flatMap((row) => row.filter((value, column) => kinds[column] && /\d/.test(value)));
  const plain = numbers.map((value) => value.replace(/[^\d.\-%]/g, ""));
  const usable = numbers.length > 1 && plain.every((value) => /^-?\d+(\.\d+)?$/.test(value) && value.length <= LONGEST);
  if (!usable) return void (place.textContent = text("cells_count", { count: shown.length }));
  const places = Math.max(...plain.map((value) => value.split(".")[1]?.length ?? 0));
  const whole = (value) => {
    const [before, after = ""] = value.split(".");
    return BigInt(before + after.padEnd(places, "0"));
  };
  const sum = plain.reduce((all, value) => all + whole(value), 0n);
  const count = BigInt(plain.length);
  const format = (value, scale) => {
    const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
    const cut = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
    const [before, after] = cut.split(".");
    const rest = after?.replace(/0+$/, "");
    return `${value < 0n ? "-" : ""}${before.replace(/\B(?=(\d{3})+$)/g, ",")}${rest ? `.${rest}` : ""}`;
  };
  const average = (sum * 100n) / count;
  place.textContent = text("cells_sum", { count: shown.length, sum: format(sum, places), average: format(average, places + 2) });
};

const spot = (cell) => ({ id: cell.parentElement.dataset.id, column: columnOf(cell) });

const pick = (cell, { extend = false } = {}) => {
  state.to = spot(cell);
  if (!extend || !state.from) state.from = state.to;
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  paint();
};

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const onKey = (event) => {
  if (event.altKey || event.isComposing || inside(event.target) || document.querySelector("dialog[open], details.menu[open]")) return;
  const found = block();
  if (!found) return;
  const step = ARROWS[event.key];
  if (step) {
    const last = found.all[0].children.length - 1;
    const far = event.ctrlKey || event.metaKey;
    const row = Math.max(0, Math.min(found.all.length - 1, far && step[0] ? (step[0] < 0 ? 0 : found.all.length - 1) : found.to.row + step[0]));
    const column = Math.max(1, Math.min(last, far && step[1] ? (step[1] < 0 ? 1 : last) : found.to.column + step[1]));
    pick(cellAt(found.all, { row, column }), { extend: event.shiftKey });
  } else if (event.ctrlKey || event.metaKey) return;
  else if (event.key === "Enter" || event.key === "F2") {
    const cell = cellAt(found.all, found.to);
    if (cell.dataset.edit) openCell(cell);
    else if (event.key === "Enter") cell.parentElement.querySelector(".c-title a")?.click();
  } else if (event.key === "Escape") unpick();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
};

const onDown = (event) => {
  const cell = event.target.closest?.("#rows > tr[data-id] > td:not(.pick)");
  if (!cell) return void (event.target.closest?.("#list") && !inside(event.target) && unpick());
  if (event.button !== 0 || event.pointerType === "touch" || inside(event.target)) return;
  if (event.shiftKey) {
    event.preventDefault();
    pick(cell, { extend: true });
    return;
  }
  state.drawing = { cell, moved: false };
  if (!event.target.closest("a")) pick(cell);
};

const onMove = (event) => {
  if (!state.drawing || !(event.buttons & 1)) return;
  const cell = event.target.closest?.("#rows > tr[data-id] > td:not(.pick)");
  if (!cell || (cell === state.drawing.cell && !state.drawing.moved)) return;
  if (!state.drawing.moved) {
    state.drawing.moved = true;
    document.documentElement.classList.add("drawing");
    pick(state.drawing.cell);
  }
  getSelection()?.removeAllRanges();
  pick(cell, { extend: true });
};

const onUp = () => {
  document.documentElement.classList.remove("drawing");
  const { moved } = state.drawing || {};
  state.drawing = moved ? { ended: true } : false;
  if (moved) setTimeout(() => (state.drawing = false));
};

// Rows that are picked are copied with the heads of their columns, a block of cells as it is.
const onCopy = (event) => {
  if (inside(event.target) || String(getSelection())) return;
  const found = block();
  if (found) {
    putTable(event, texts(found), numeric(found));
    document.getElementById("rows").classList.add("copied");
    setTimeout(() => document.getElementById("rows")?.classList.remove("copied"), 300);
    return;
  }
  const picked = rows().filter((row) => row.querySelector(".pick input:checked"));
  if (!picked.length) return;
  const heads = [...document.querySelectorAll("#list thead th:not(.pick)")].map((head) => head.textContent.trim());
  const cells = picked.map((row) => [...row.querySelectorAll("td:not(.pick)")].map(said));
  putTable(event, [heads, ...cells], [...picked[0].querySelectorAll("td:not(.pick)")].map((cell) => cell.classList.contains("num")));
};

export const startCells = () => {
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", onDown);
  document.addEventListener("pointermove", onMove);
  document.addEventListener("pointerup", onUp);
  document.addEventListener("dragstart", (event) => event.target.closest?.("#rows a") && event.preventDefault());
  document.addEventListener("click", (event) => state.drawing?.ended && event.target.closest?.("#rows") && event.preventDefault(), true);
  document.addEventListener("copy", onCopy);
  document.addEventListener("tenon:rows", paint);
};

export const attachCells = paint;
