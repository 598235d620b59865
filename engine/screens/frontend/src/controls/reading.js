// What is typed is read by the server when its field is left, as it will be on saving: its reading is shown in place of 1.2万 or 3 Mar 2026, or
// why there is none. What is written as the server would write it needs no question. Nothing hangs on the answer: a network that is away says nothing.
import { send } from "../send.js";
import { day } from "../values.js";
import { grouped, plain } from "./number.js";

// Whether a text is how its value is written already.
const settled = (control) => {
  const typed = control.value.trim();
  if (control.dataset.control === "date") return /^\d{4}-\d\d-\d\d$/.test(typed) && day(typed) === typed;
  const number = /^-?(?:0|[1-9]\d*)(?:\.(\d+))?$/.exec(plain(typed));
  return control.dataset.control === "number" && number !== null && (number[1]?.length ?? 0) <= Number(control.dataset.scale ?? 12);
};

const placeOf = (control) => control.closest("td[data-field], .field");

const say = (control, message) => {
  const place = placeOf(control);
  const error = place?.querySelector(":scope > .error");
  if (!error) return;
  place.classList.toggle("bad", Boolean(message));
  place.toggleAttribute("data-unread", Boolean(message));
  error.textContent = message;
  if (!message) return control.removeAttribute("aria-invalid");
  control.setAttribute("aria-invalid", "true");
  const described = control.getAttribute("aria-describedby") ?? "";
  if (error.id && !described.split(" ").includes(error.id)) control.setAttribute("aria-describedby", `${described} ${error.id}`.trim());
};

const ask = async (form, control) => {
  const [, lines, name] = /^(?:([a-z][a-z0-9_]*)\.\d+\.)?([a-z][a-z0-9_]*)$/.exec(control.name) ?? [];
  if (!name) return null;
  const base = form.action.replace(/\/(?:\d+\/edit|new)$/, "");
  const body = new FormData();
  body.append("cells", JSON.stringify({ columns: [name], rows: [[control.value]] }));
  const answer = await send(lines ? `${base}/lines/${lines}` : `${base}/typed`, body);
  return answer.ok ? (await answer.json()).rows[0][0] : null;
};

const read = async (form, control) => {
  const typed = control.value;
  if (!typed.trim() || settled(control)) return;
  const told = await ask(form, control).catch(() => null);
  if (!told || control.value !== typed || control.readOnly) return;
  if (told.error) return say(control, told.error);
  const shown = control.dataset.control === "number" ? grouped(told.value) : told.value;
  if (shown === typed || control === document.activeElement) return;
  control.value = shown ?? told.value;
  control.dispatchEvent(new Event("change", { bubbles: true }));
};

export const startReading = (form) => {
  form.addEventListener("change", (event) => event.isTrusted && event.target.matches?.("[data-read]") && read(form, event.target));
  form.addEventListener("input", (event) => placeOf(event.target)?.hasAttribute("data-unread") && say(event.target, ""));
};
