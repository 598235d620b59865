// Short messages at the foot of the page: those the server put there, and those scripts or answers (HX-Trigger: toast) bring.
import { text } from "./texts.js";

const LIFE = 6000; // milliseconds; one with a button stays twice as long

const live = (toast) => setTimeout(() => toast.remove(), toast.querySelector("button, a") ? LIFE * 2 : LIFE);

export const toast = (message, kind = "") => {
  for (const other of document.querySelectorAll("#toasts .toast:not(:has(button, a))")) if (other.textContent === message) other.remove(); // said once
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  box.textContent = message;
  document.getElementById("toasts")?.append(box);
  live(box);
};

// A message with a button that does something about it; `act` null leaves the button out.
export const offer = (message, label, act, kind = "") => {
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  box.append(Object.assign(document.createElement("span"), { textContent: message }));
  if (act) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
    button.addEventListener("click", () => (box.remove(), act()));
    box.append(button);
  }
  document.getElementById("toasts")?.append(box);
  live(box);
};

export const startToasts = () => {
  document.querySelectorAll("#toasts .toast").forEach(live);
  // What somebody asked for by a click or by typing and did not get: what is there stays, and they are told.
  const failed = ({ detail: { ctx } }) => {
    const asked = ctx?.sourceElement?.matches?.("a, button, form");
    if (asked && !(ctx.response?.status < 500)) toast(text("failed"), "bad");
  };
  document.addEventListener("htmx:response:error", failed);
  document.addEventListener("htmx:error", failed);
  document.addEventListener("toast", (event) => toast(event.detail.message ?? event.detail.value, event.detail.kind));
};
