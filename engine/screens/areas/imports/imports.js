// The first page of an import: a file dropped there, or chosen, is sent at once. The preview: a faulty cell is mended where it stands.
import { dropZone } from "../../frontend/src/dropping.js";
import { text } from "../../frontend/src/texts.js";

const form = document.querySelector("[data-import-drop]");
if (form) {
  const zone = form.querySelector(".imports-zone");
  const input = zone.querySelector("input");
  const go = () => {
    if (!input.files.length || form.dataset.sending) return;
    form.dataset.sending = "true";
    zone.querySelector("[data-drop-text]").textContent = text("imports_sending", { file: input.files[0].name });
    form.requestSubmit();
  };
  input.addEventListener("change", go);
  dropZone(zone, input, go);
}

const close = () => {
  const open = document.querySelector("td .imports-cell");
  if (!open) return;
  open.previousElementSibling.hidden = false;
  open.remove();
};

const mend = (cell) => {
  close();
  const box = document.getElementById("mend-cell").content.firstElementChild.cloneNode(true);
  const { mend: row, place, text: was } = cell.dataset;
  box.elements.row.value = row;
  Object.assign(box.querySelector("[data-was]"), { name: `was_${place}`, value: was });
  const input = Object.assign(box.querySelector("[data-new]"), { name: `cell_${place}`, value: was });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    cell.focus();
  });
  cell.after(box);
  cell.hidden = true;
  input.select();
};

document.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-mend]");
  if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  mend(cell);
});
