// What controls get beyond plain HTML. Libraries come only when a page has, or someone touches, a control that needs them.
import { attachNumber } from "./number.js";

const lazily = (input, load) => {
  const start = () => load().then((attach) => attach(input, document.activeElement === input || input.matches(":focus-within")));
  input.addEventListener("focus", start, { once: true });
  // The browser's own list of a select would open for a blink, and take the keys.
  if (input.tagName === "SELECT") {
    input.addEventListener("mousedown", (event) => {
      event.preventDefault();
      input.focus();
    });
  }
  input.addEventListener("pointerenter", () => load(), { once: true });
};

// On a phone days are picked from a sheet, which the keyboard would cover.
const dated = (input) => {
  if (matchMedia("(max-width: 760px) and (pointer: coarse)").matches) input.inputMode = "none";
  lazily(input, () => import("./date.js").then((module) => module.attachDate));
};

const WAYS = {
  number: attachNumber,
  percent: attachNumber,
  date: dated,
  datetime: dated,
  links: (input) => import("./links.js").then((module) => module.attachLinks(input)), // at once: ids alone say nothing to anybody
  several: (input) => import("./several.js").then((module) => module.attachSeveral(input)),
  link: (input) => lazily(input, () => import("./link.js").then((module) => module.attachLink)),
};

const EAGER = new Set([WAYS.links, WAYS.several]); // what they hold is no text for people

export const attachControls = (root) => {
  // Markup that came through a template was parsed as if there were no script: what stands in for it would be sent twice.
  for (const spare of root.querySelectorAll("noscript")) spare.remove();
  for (const control of root.querySelectorAll("[data-control]:not([data-attached])")) {
    control.dataset.attached = "true";
    const way = WAYS[control.dataset.control];
    if (way !== attachNumber && !EAGER.has(way) && (control.readOnly || control.disabled)) continue;
    way?.(control);
  }
};
