// What the pickers made of Tom Select share: their name and notes for assistive technology, and chips that a button takes out.
import { text } from "../texts.js";

const NOTES = ["aria-describedby", "aria-invalid"];

// Name a control as its label does; Tom Select would wear the class of the element it takes over.
export const named = (element) => {
  const label = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent.replace("*", "").trim() ?? "";
  element.setAttribute("aria-label", label);
  element.className = "";
  return label;
};

// Give the box that is typed into what the element says of itself.
export const dressed = (control, element, label) => {
  const typing = control.control_input;
  typing.setAttribute("aria-label", label);
  typing.setAttribute("autocomplete", "off");
  for (const name of NOTES) {
    if (element.getAttribute(name)) typing.setAttribute(name, element.getAttribute(name));
  }
  control.wrapper.classList.toggle("required", element.required);
};

// What is typed is looked up a moment later. Once something is taken, or the box is left, that moment must not come any more: it would
// open the list again and take the focus from wherever the person has gone.
export const settles = (control) => {
  const forget = () => {
    clearTimeout(control.refreshTimeout);
    control.refreshTimeout = null;
  };
  control.on("item_add", forget);
  control.on("blur", forget);
};

export const chip = (data, safe) => {
  const label = data.label ?? "";
  return `<div class="item token"><span>${safe(label)}</span><button type="button" class="take-out" tabindex="-1" aria-label="${safe(`${text("take_out")} ${label}`)}">×</button></div>`;
};

// Let the buttons of chips take them out; `after` follows.
export const takesOut = (control, after = () => {}) => {
  control.control.addEventListener(
    "click",
    (event) => {
      const found = event.target.closest(".take-out")?.closest("[data-value]");
      if (!found) return;
      event.stopPropagation();
      control.removeItem(found);
      after();
    },
    true,
  );
};
