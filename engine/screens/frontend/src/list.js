// Lists: moving by keys, picking rows, changing a cell in place, choosing and ordering columns. Filters, sorting and paging are
// plain addresses; htmx swaps the list instead of the page.
import { attachControls } from "./controls/attach.js";
import { element, fetchMarkup } from "./send.js";
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

const count = () => {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  const some = picked().length;
  bar.hidden = !some;
  for (const place of document.querySelectorAll("[data-picked]")) place.textContent = text("picked", { count: some });
  const all = document.querySelector("[data-pick-all]");
  if (all) {
    all.checked = some > 0 && some === rows().length;
    all.indeterminate = some > 0 && some < rows().length;
  }
};

const openCell = async (cell) => {
  if (cell.classList.contains("editing")) return;
  const row = cell.closest("tr");
  const before = cell.innerHTML;
  const url = `${row.dataset.url}/cell/${cell.dataset.edit}`;
  const answer = await fetchMarkup(url);
  if (!answer?.ok) return;
  // The form lies over the cell: what stood there keeps its place, so no column moves.
  cell.classList.add("editing");
  cell.innerHTML = `<div class="under">${before}</div>${answer.markup}`;
  attachControls(cell);
  const form = cell.querySelector("form");
  const control = form.querySelector("input:not([type=hidden]), select, textarea");
  control.tomselect ? control.tomselect.focus() : control.focus();
  control.select?.();
  const given = new URLSearchParams(new FormData(form)).toString();
  let done = false;

  const close = (markup) => {
    done = true;
    cell.classList.remove("editing");
    cell.innerHTML = markup;
  };
  const save = async () => {
    if (done) return;
    const body = new FormData(form);
    if (new URLSearchParams(body).toString() === given) return close(before);
    done = true;
    const result = await fetchMarkup(url, body);
    if (result?.ok) {
      const fresh = element(`<table>${result.markup}</table>`).querySelector("tr");
      row.replaceWith(fresh);
      fresh.querySelector(`[data-edit="${cell.dataset.edit}"]`)?.classList.add("saved");
      fresh.dispatchEvent(new Event("tenon:added", { bubbles: true }));
      return;
    }
    done = false;
    const problem = form.querySelector(".error");
    problem.textContent = result?.markup || text("failed");
    control.setAttribute("aria-invalid", "true");
    control.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close(before);
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.isComposing && !control.tomselect) {
      event.preventDefault();
      save();
    }
  });
  form.addEventListener("change", (event) => event.target.matches("select, [type=checkbox]") && save());
  form.addEventListener("focusout", () =>
    setTimeout(() => {
      if (!form.contains(document.activeElement) && !document.activeElement?.closest(".air-datepicker, .ts-dropdown") && !form.querySelector("[aria-invalid]")) save();
    }, 160),
  );
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
    if (event.target.closest(".pick")) count();
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
      openCell(cell);
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-more]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      more(link);
    }
    const nudge = event.target.closest("[data-nudge]");
    if (nudge) moveColumn(nudge.closest("li"), Number(nudge.dataset.nudge));
    if (event.target.closest("[data-unpick]")) {
      for (const box of document.querySelectorAll(".pick input")) box.checked = false;
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
  if (document.getElementById("list")) import("./list/index.js").then(({ attachListExtras }) => attachListExtras());
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
