// Lists: moving by keys, picking rows, choosing and ordering columns; what else they can do is loaded with them (list/). Filters, sorting and paging are
// plain addresses; htmx swaps the list instead of the page.
import { attachControls } from "./controls/attach.js";
import { fetchMarkup } from "./send.js";
import { text } from "./texts.js";
import { toast } from "./toasts.js";

const rows = () => [...document.querySelectorAll("#rows > tr[data-id]")];

const move = (by) => {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("at"));
  const next = Math.max(0, Math.min(all.length - 1, now < 0 ? 0 : now + by));
  all.forEach((row, index) => row.classList.toggle("at", index === next));
  all[next].querySelector(".c-title a")?.focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
};

const current = () => document.querySelector("#rows > tr.at");

let marked = null; // the row that was picked or unpicked last

const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !document.getElementById("rows")) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, details.menu[open]")) return;
  const row = current();
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (event.key === "x" && row) row.querySelector(".pick input")?.click();
  else if (event.key === "e" && row) location.assign(`${row.querySelector(".c-title a").pathname}/edit`);
  else if (event.key === "Escape") document.querySelectorAll("#rows .pick :checked").forEach((box) => box.click());
  else return;
  event.preventDefault();
};

const picked = () => rows().filter((row) => row.querySelector(".pick input:checked"));

let tellPicked = () => {}; // what list/ says of picked rows, once it is there

const count = () => {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  const some = picked().length;
  bar.hidden = !some && !document.querySelector("#content.picking");
  for (const place of document.querySelectorAll("[data-picked]")) place.textContent = text("picked", { count: some });
  const all = document.querySelector("[data-pick-all]");
  if (all) {
    all.checked = some > 0 && some === rows().length;
    all.indeterminate = some > 0 && some < rows().length;
  }
  tellPicked(some, rows().length);
};

const more = async (link) => {
  link.classList.add("htmx-request");
  const answer = await fetchMarkup(link.href);
  if (!answer?.ok) return toast(text("failed"), "bad");
  const page = new DOMParser().parseFromString(answer.markup, "text/html");
  const body = document.getElementById("rows");
  const first = page.querySelector("#rows > tr");
  body.append(...page.querySelectorAll("#rows > tr"));
  document.getElementById("list-foot").replaceWith(page.getElementById("list-foot"));
  first?.querySelector(".c-title a")?.focus({ preventScroll: true });
};

const moveColumn = (item, by) => {
  const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (other) by < 0 ? other.before(item) : other.after(item);
};

export const startList = () => {
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      for (const box of document.querySelectorAll("#rows .pick input")) box.checked = event.target.checked;
    }
    if (event.target.closest(".pick, [data-pick-group]")) count();
    if (event.target.matches("[data-op]")) {
      const operand = event.target.form.querySelector("[data-operand]");
      if (operand) operand.dataset.takes = event.target.selectedOptions[0].dataset.takes;
    }
    const bulk = event.target.closest("[data-bulk-field]");
    if (bulk) loadBulkControl(bulk);
  });
  document.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("#rows td[data-edit]");
    if (cell && !cell.classList.contains("editing")) {
      event.preventDefault();
      getSelection()?.removeAllRanges();
      import("./list/cell.js").then(({ openCell }) => openCell(cell));
    }
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest("#rows tr[data-id] .pick input");
    if (box) {
      const all = rows();
      const [from, to] = [all.indexOf(marked), all.indexOf(box.closest("tr"))].sort((one, other) => one - other);
      if (event.shiftKey && from >= 0) for (const row of all.slice(from, to + 1)) row.querySelector(".pick input").checked = box.checked;
      marked = box.closest("tr");
    }
    if (event.target.closest("[data-picking]")) {
      document.getElementById("content").classList.add("picking"); // on a phone a tap picks now, until the selection is cleared
      event.target.closest("details").open = false;
    }
    const link = event.target.closest("a[data-more]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      more(link);
    }
    const nudge = event.target.closest("[data-nudge]");
    if (nudge) moveColumn(nudge.closest("li"), Number(nudge.dataset.nudge));
    if (event.target.closest("[data-unpick]")) {
      for (const box of document.querySelectorAll(".pick input")) box.checked = false;
      document.getElementById("content").classList.remove("picking");
      count();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "bulk" && !form.matches("[data-bulk]")) return;
    form.querySelectorAll("input[data-id]").forEach((input) => input.remove());
    for (const row of picked()) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "id", value: row.dataset.id });
      input.dataset.id = "";
      form.append(input);
    }
  });
};

const loadBulkControl = async (select) => {
  const place = document.getElementById("bulk-control");
  const answer = await fetchMarkup(`${select.dataset.bulkField}/${select.value}`);
  if (!answer?.ok) return;
  place.innerHTML = answer.markup;
  attachControls(place);
};

export const attachList = () => {
  count();
  if (document.getElementById("list"))
    import("./list/index.js").then((extras) => {
      tellPicked = extras.tellPicked;
      extras.attachListExtras(count);
    });
  const columns = document.querySelector(".cols:not([data-sorting])");
  if (columns) {
    columns.dataset.sorting = "";
    columns.addEventListener(
      "pointerenter",
      () =>
        import("sortablejs").then(({ default: Sortable }) =>
          Sortable.create(columns, { handle: ".grip", animation: 120, forceFallback: true, fallbackOnBody: true, delay: 180, delayOnTouchOnly: true }),
        ),
      { once: true },
    );
  }
};
