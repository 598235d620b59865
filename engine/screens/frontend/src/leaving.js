// What is unsaved: a form knows whether somebody has changed it, and whoever leaves it is asked once.
import { forget } from "./drafts.js";
import { element } from "./send.js";
import { text } from "./texts.js";

const NEVER = { dirty: false, settle: () => {}, note: () => {} };

const ask = (form, state, url) => {
  const box = element('<dialog class="dialog" aria-labelledby="leaving-title"><div class="dialog-body"><h2 id="leaving-title"></h2><p></p><div class="dialog-acts"><button class="btn" type="button" data-leave></button><button class="btn" type="button" data-stay></button><button class="btn primary" type="button" data-go></button></div></div></dialog>');
  box.querySelector("h2").textContent = text("leave_title");
  box.querySelector("p").textContent = text("leave_hint");
  const button = (name, label, act) => {
    const found = box.querySelector(`[data-${name}]`);
    found.textContent = text(label);
    found.addEventListener("click", () => (box.close(), act()));
  };
  button("leave", "leave_drop", () => {
    state.settle();
    forget(form).then(() => location.assign(url));
  });
  button("stay", "leave_stay", () => {});
  button("go", "leave_save", () => form.requestSubmit());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  box.querySelector("[data-go]").focus();
};

// A form in a dialog is closed with it: nobody leaves a page by that.
export const watchUnsaved = (form) => {
  if (form.closest("dialog")) return NEVER;
  const state = { dirty: form.dataset.dirty === "true", settle: () => (state.dirty = false), note: () => (state.dirty = true) };
  const note = (event) => {
    if (!event.target.name?.startsWith("_") && !event.target.closest?.("[data-draft-offer]")) state.note();
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  addEventListener("beforeunload", (event) => form.isConnected && state.dirty && event.preventDefault());
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const aside = event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || aside || !form.isConnected || !state.dirty || link.target || link.hasAttribute("download") || link.closest("dialog")) return;
    if (link.origin !== location.origin || (link.hash && link.pathname === location.pathname)) return;
    event.preventDefault();
    ask(form, state, link.href);
  });
  return state;
};
