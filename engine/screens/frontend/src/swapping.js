// A form that the server has drawn once more takes the place of the one that was sent.
import { element } from "./send.js";

export const swapForm = (form, markup) => {
  const page = new DOMParser().parseFromString(markup, "text/html");
  const found = page.querySelector(form.id ? `#${CSS.escape(form.id)}` : "form[data-form]");
  if (!found) return null;
  const token = page.querySelector('meta[name="csrf"]')?.content;
  if (token) document.querySelector('meta[name="csrf"]').content = token;
  const fresh = element(found.outerHTML);
  form.replaceWith(fresh);
  fresh.dispatchEvent(new Event("tenon:added", { bubbles: true }));
  fresh.querySelector(".notice")?.scrollIntoView({ block: "nearest" });
  return fresh;
};
