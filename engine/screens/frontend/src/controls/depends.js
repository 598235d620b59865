// Pickers whose candidates hang on other fields of the form: when one of these changes, what they offer is asked for anew, and a record
// that does not belong any more is taken out.
import { send } from "../send.js";
import { others } from "./others.js";

const check = async (select) => {
  const control = select.tomselect;
  const value = select.value;
  if (control) {
    control.clearOptions((option) => String(option.id) === value);
    control.wrapper.classList.remove("preloaded");
    control.lastQuery = null;
  }
  if (!value) return;
  const answer = await send(`${select.dataset.source}?only=${encodeURIComponent(value)}${others(select)}`);
  if (!answer.ok || select.value !== value) return;
  const { items } = await answer.json();
  if (items.some((one) => String(one.id) === value)) return;
  if (control) control.clear();
  else {
    select.replaceChildren(new Option("", ""));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

export const startDepending = (form) => {
  const follow = (path) => {
    const [name, prefix] = [path.replace(/^.*\./, ""), path.replace(/[^.]*$/, "")];
    for (const select of form.querySelectorAll(`select[data-depends~="${CSS.escape(name)}"]`)) {
      if (select.name.replace(/[^.]*$/, "") === prefix && !select.disabled) check(select);
    }
  };
  form.addEventListener("change", (event) => event.target.name && follow(event.target.name));
  form.addEventListener("tenon:set", (event) => follow(event.detail.path));
};
