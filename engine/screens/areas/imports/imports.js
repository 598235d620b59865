// A file dropped on the first page of an import, or chosen there, is sent at once.
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
