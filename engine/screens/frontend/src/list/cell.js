// Changing one cell where it stands: the form that opens over it, saving it, and the row as it then is.
import { attachControls } from "../controls/attach.js";
import { element, fetchMarkup, saidOf, send } from "../send.js";
import { text } from "../texts.js";
import { offerUndo } from "./undo.js";

// Put a row as the server drew it in the place of the one that is shown.
export const replaceRow = (row, markup) => {
  const fresh = element(`<table>${markup}</table>`).querySelector("tr");
  if (row.dataset.in !== undefined) fresh.dataset.in = row.dataset.in;
  if (row.classList.contains("at")) fresh.classList.add("at");
  const [box, kept] = [fresh.querySelector(".pick input"), row.querySelector(".pick input")];
  if (box && kept?.checked) box.checked = true;
  row.replaceWith(fresh);
  fresh.dispatchEvent(new Event("tenon:added", { bubbles: true }));
  document.dispatchEvent(new CustomEvent("tenon:rows"));
  return fresh;
};

export const openCell = async (cell) => {
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
    const result = await send(url, body, { "HX-Current-URL": location.href });
    if (result.status === 401) return location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    if (result.ok) {
      const fresh = replaceRow(row, await result.text());
      fresh.querySelector(`[data-edit="${cell.dataset.edit}"]`)?.classList.add("saved");
      offerUndo(text("cell_done", { count: 1 }), result.headers.get("X-Undo"));
      return;
    }
    done = false;
    const problem = form.querySelector(".error");
    problem.textContent = await saidOf(result);
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
      control.dispatchEvent(new Event("change", { bubbles: true })); // as leaving it would
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
