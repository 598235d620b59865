// A rich text field: its editor comes when a page has one. What is written goes into the plain field, which the form sends.
export function attach(root) {
  for (const place of root.querySelectorAll("[data-rich-text]:not([data-started])")) {
    place.dataset.started = "true";
    const field = place.querySelector("textarea");
    if (!field.readOnly && !field.disabled) import("../screens/frontend/src/editor.js").then((module) => module.startEditor(place, field));
  }
}
