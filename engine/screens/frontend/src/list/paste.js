// Pasting into picked cells: the block goes to the server as one change. What it refuses stays in the cells as it was pasted, each fault at
// its place, to be mended and tried again; nothing that was pasted is lost.
import { spread, takeTable } from "../clipboard.js";
import { element, saidOf, send } from "../send.js";
import { text } from "../texts.js";
import { toast } from "../toasts.js";
import { replaceRow } from "./cell.js";
import { block, rows, unpick } from "./cells.js";
import { offerUndo } from "./undo.js";

const object = () => location.pathname.split("/")[2];
let waiting = null; // what was pasted and refused: record → field → text
let faults = [];

const rowOf = (id) => document.querySelector(`#rows > tr[data-id="${id}"]`);
const cellOf = (id, field) => rowOf(id)?.querySelector(`[data-edit="${field}"]`);

const restore = () => {
  for (const cell of document.querySelectorAll("#rows td.pasted")) {
    cell.innerHTML = cell.dataset.before;
    cell.classList.remove("pasted", "bad");
    delete cell.dataset.before;
  }
  document.getElementById("paste-bar")?.remove();
};

const show = () => {
  restore();
  for (const [id, cells] of Object.entries(waiting)) {
    for (const [field, value] of Object.entries(cells)) {
      const cell = cellOf(id, field);
      if (!cell) continue;
      const fault = faults.find((one) => String(one.id) === id && one.field === field);
      cell.dataset.before = cell.innerHTML;
      cell.classList.add("pasted");
      cell.classList.toggle("bad", Boolean(fault));
      if (fault) {
        const box = element('<span class="pasted-bad"><input class="input"><span class="error"></span></span>');
        const input = box.querySelector("input");
        input.value = value;
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-label", `${text("paste_mend")} – ${fault.message}`);
        input.title = fault.message;
        box.querySelector(".error").textContent = fault.message;
        input.addEventListener("input", () => (waiting[id][field] = input.value));
        input.addEventListener("keydown", (event) => {
          if (event.key === "Enter" && !event.isComposing) write();
          event.stopPropagation();
        });
        const under = element('<div class="under"></div>');
        under.innerHTML = cell.dataset.before;
        cell.replaceChildren(under, box); // over the cell, so that no column moves
      } else cell.textContent = value;
    }
  }
  const bar = element('<div class="bulk" id="paste-bar" role="alert"><b></b><button class="btn primary" type="button"></button><button class="btn" type="button"></button><button class="btn ghost" type="button"></button></div>');
  const [again, good, drop] = bar.querySelectorAll("button");
  bar.querySelector("b").textContent = `${text("paste_bad", { count: faults.length })}`;
  again.textContent = text("paste_again");
  good.textContent = text("paste_good");
  drop.textContent = text("paste_drop");
  const bad = (id) => new Set(faults.filter((one) => String(one.id) === id).map((one) => one.field));
  const rest = Object.entries(waiting).map(([id, cells]) => [id, Object.entries(cells).filter(([field]) => !bad(id).has(field))]);
  good.hidden = !rest.some(([, cells]) => cells.length);
  again.addEventListener("click", write);
  good.addEventListener("click", () => {
    waiting = Object.fromEntries(rest.filter(([, cells]) => cells.length).map(([id, cells]) => [id, Object.fromEntries(cells)]));
    write();
  });
  drop.addEventListener("click", () => {
    restore();
    waiting = null;
  });
  document.getElementById("list").append(bar);
  document.querySelector("#rows td.bad input")?.focus();
};

const write = async () => {
  const sent = Object.entries(waiting).map(([id, cells]) => ({ id: Number(id), cells }));
  let answer;
  try {
    answer = await send(`/o/${object()}/paste`, JSON.stringify({ rows: sent }), { "Content-Type": "application/json", "HX-Current-URL": location.href });
  } catch {
    return toast(text("failed"), "bad");
  }
  const json = answer.headers.get("Content-Type")?.startsWith("application/json");
  if (!json) return toast(await saidOf(answer), "bad"), void (faults = []);
  const told = await answer.json();
  if (told.faults) {
    faults = told.faults;
    return show();
  }
  restore();
  for (const [id, markup] of Object.entries(told.rows)) {
    const row = rowOf(id);
    if (!row) continue;
    const fresh = replaceRow(row, markup);
    for (const field of Object.keys(waiting[id] ?? {})) fresh.querySelector(`[data-edit="${field}"]`)?.classList.add("saved");
  }
  waiting = null;
  if (told.count) offerUndo(text("paste_done", { count: told.count }), told.undo);
  else toast(text("paste_same"));
};

// Let a block fall on what is picked; what lies beyond the rows that are shown is told.
const drop = (cells) => {
  const found = block();
  if (!found) return;
  const [top, left] = [found.rows[0], found.columns[0]];
  const spreadOut = spread(cells, found.rows[1] - top + 1, found.columns[1] - left + 1);
  const all = rows();
  const wanted = {};
  let beyond = 0;
  spreadOut.forEach((line, down) => {
    const row = all[top + down];
    if (!row) return void (beyond += 1);
    line.forEach((value, right) => {
      const field = row.children[left + right]?.dataset.edit;
      if (field) (wanted[row.dataset.id] ??= {})[field] = value;
    });
  });
  if (!Object.keys(wanted).length) return toast(text("paste_none"), "bad");
  if (beyond) toast(text("paste_rest", { count: beyond }), "bad");
  waiting = wanted;
  faults = [];
  write();
};

const elsewhere = (target) => target.closest?.("input, select, textarea, [contenteditable=true], dialog");

export const startPaste = () => {
  document.addEventListener("paste", (event) => {
    if (elsewhere(event.target) || !block() || waiting) return;
    const cells = takeTable(event);
    if (!cells) return;
    event.preventDefault();
    drop(cells);
  });
  document.addEventListener("keydown", (event) => {
    if (!["Delete", "Backspace"].includes(event.key) || elsewhere(event.target) || !block() || waiting) return;
    event.preventDefault();
    drop([[""]]);
  });
  addEventListener("beforeunload", (event) => waiting && faults.length && event.preventDefault());
  document.addEventListener("htmx:before:swap", () => {
    if (!waiting) return;
    waiting = null;
    unpick();
  });
};
