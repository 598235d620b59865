// Keys that work everywhere outside a text: an element says with data-key which key presses it, data-focus-key which focuses it.
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");

export const startKeys = () => {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      const save = document.querySelector("[data-save]");
      if (save) {
        event.preventDefault();
        save.click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const focus = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
    const press = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (focus) {
      event.preventDefault();
      focus.focus();
      focus.select?.();
    } else if (press) {
      event.preventDefault();
      press.click();
    }
  });
};
