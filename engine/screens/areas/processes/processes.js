// Processes on a page: a transition's form opens in a dialog and comes back with what is wrong; boards are in board.js.
import { attachControls } from "../../frontend/src/controls/attach.js";
import { element, saidOf, send } from "../../frontend/src/send.js";
import { toast } from "../../frontend/src/toasts.js";
import { startBoard } from "./board.js";

const STAYS = { "Tenon-Stays": "1" }; // the page stays: the answer says what to tell

const show = (dialog, markup) => {
  const form = element(markup);
  dialog.replaceChildren(form);
  attachControls(dialog);
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector("[aria-invalid], .field.bad :is(input, select, textarea), .notice") ??
    dialog.querySelector(".field :is(input:not([type=hidden]), select, textarea)") ?? dialog.querySelector(".dialog-acts button");
  first?.focus();
  return form;
};

const leave = () => location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);

// Ask a transition's questions. `done(said)` is called once it is taken, `gone()` when the dialog closes without that.
export const ask = (url, { markup = "", target = "", stays = false, done, gone }) => {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog sheet";
  dialog.setAttribute("aria-labelledby", "transition-title");
  let taken = false;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (!taken) gone?.();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) event.preventDefault();
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector(".dialog-acts button");
    if (button.disabled) return;
    button.disabled = true;
    const answer = await send(url, new FormData(form), stays ? STAYS : {}).catch(() => null);
    if (answer?.status === 204) {
      taken = true;
      dialog.close();
      return done(decodeURIComponent(answer.headers.get("Tenon-Said") ?? ""));
    }
    button.disabled = false;
    if (answer?.status === 401) return leave();
    if (answer && [400, 409, 412, 422].includes(answer.status)) return show(dialog, await answer.text());
    toast(await saidOf(answer), "bad");
  });
  document.body.append(dialog);
  if (markup) return show(dialog, markup);
  send(target ? `${url}?_target=${encodeURIComponent(target)}` : url).then(async (answer) => {
    if (answer.status === 401) return leave();
    if (answer.ok) {
      const asked = await answer.text();
      if (!stays || !element(asked).matches("[data-ready]")) return show(dialog, asked);
      taken = true; // by now all that it asks for is there: nothing is left to say
      dialog.remove();
      return take(url, element(asked).elements.csrf_token.value, { done, gone, target });
    }
    toast(await saidOf(answer), "bad");
    dialog.remove();
    gone?.();
  });
};

// Take a transition that asks for nothing; where it is refused the dialog says why.
export const take = async (url, token, { done, gone, target = "" }) => {
  const body = new FormData();
  body.set("csrf_token", token);
  if (target) body.set("_target", target);
  const answer = await send(url, body, STAYS).catch(() => null);
  if (answer?.status === 204) return done(decodeURIComponent(answer.headers.get("Tenon-Said") ?? ""));
  if (answer?.status === 401) return leave();
  if (answer && [409, 412, 422].includes(answer.status)) return ask(url, { markup: await answer.text(), stays: true, done, gone });
  toast(await saidOf(answer), "bad");
  gone?.();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-transition]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(link.getAttribute("href"), { done: () => location.reload() });
});

startBoard();
