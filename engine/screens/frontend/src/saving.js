// Saving a form without leaving it before it is saved: what is refused comes back into the page, a session that is over is begun again in a
// dialog, a network that is away costs nothing. Without a script the form is posted as any other.
import { forget } from "./drafts.js";
import { saidOf, send } from "./send.js";
import { signInAgain } from "./signing.js";
import { swapForm } from "./swapping.js";
import { text } from "./texts.js";
import { toast } from "./toasts.js";

const post = async (form) => {
  const answer = await send(form.action, new FormData(form));
  if (answer.status !== 401) return answer;
  return (await signInAgain(form)) ? post(form) : null;
};

const busy = (form, on) => {
  form.toggleAttribute("data-saving", on);
  const buttons = [...form.querySelectorAll("button:not([type=button])"), ...document.querySelectorAll(`[data-save][form="${CSS.escape(form.id)}"]`)];
  for (const button of buttons) on ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled");
};

const finish = async (form, state, saved) => {
  state.settle();
  await forget(form);
  const event = new CustomEvent("tenon:saved", { detail: saved, cancelable: true, bubbles: true });
  if (form.dispatchEvent(event)) location.assign(saved.next);
};

export const startSaving = (form, state) => {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.saving !== undefined) return;
    busy(form, true);
    try {
      const answer = await post(form);
      if (!answer) return;
      const kind = answer.headers.get("Content-Type") ?? "";
      if (answer.ok && kind.startsWith("application/json")) await finish(form, state, await answer.json());
      else if (kind.startsWith("text/html")) swapForm(form, await answer.text()) ?? toast(text("failed"), "bad");
      else toast(await saidOf(answer), "bad");
    } catch {
      toast(text("save_offline"), "bad");
    } finally {
      busy(form, false);
    }
  });
};
