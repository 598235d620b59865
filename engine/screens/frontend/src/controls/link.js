// Links and people: search while typing, by keyboard too; a record that isn't there yet can be made on the way.
import TomSelect from "tom-select/dist/esm/tom-select.js";
import { text } from "../texts.js";
import { asking, dressed, named, settles } from "./picking.js";

export const attachLink = (select, focus) => {
  const label = named(select);
  const ask = asking(select);
  const control = new TomSelect(select, {
    ...ask,
    maxItems: 1,
    closeAfterSelect: true,
    dropdownParent: select.closest(".lines, .grid") ? (select.closest("dialog") ?? "body") : null,
    render: { ...ask.render, item: (data, safe) => `<div class="item">${safe(data.label ?? data.text ?? "")}</div>` },
    onInitialize() {
      settles(this);
      dressed(this, select, label);
      const clear = document.createElement("button");
      clear.type = "button";
      clear.className = "clear";
      clear.tabIndex = -1;
      clear.setAttribute("aria-label", text("clear"));
      clear.textContent = "×";
      clear.addEventListener("mousedown", (event) => {
        event.preventDefault();
        event.stopPropagation();
        this.clear();
      });
      this.control.append(clear);
    },
  });
  if (focus) control.focus();
};
