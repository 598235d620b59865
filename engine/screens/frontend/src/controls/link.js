// Links and people: search while typing, by keyboard too; a record that isn't there yet can be made on the way.
import TomSelect from "tom-select/dist/esm/tom-select.js";
import { send } from "../send.js";
import { text } from "../texts.js";
import { dressed, named, settles } from "./picking.js";

const escape = (value) => value.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

// Values of the form that the link's own filter may read, as the server asks for them.
export const others = (select) => {
  const form = select.form;
  if (!form?.matches("[data-form]")) return "";
  const prefix = select.name.replace(/[^.]*$/, "");
  return [...form.elements]
    .filter((one) => one.name.startsWith(prefix) && !one.name.slice(prefix.length).includes(".") && !/^(_|csrf)/.test(one.name) && one !== select)
    .filter((one) => one.value && one.value.length < 60 && one.tagName !== "TEXTAREA")
    .map((one) => `&v.${one.name.slice(prefix.length)}=${encodeURIComponent(one.value)}`)
    .join("");
};

export const attachLink = (select, focus) => {
  const label = named(select);
  const control = new TomSelect(select, {
    valueField: "id",
    labelField: "label",
    searchField: [],
    sortField: "$order",
    maxItems: 1,
    maxOptions: 50,
    loadThrottle: 150,
    preload: "focus",
    openOnFocus: true,
    controlClass: "ts-control",
    selectOnTab: true,
    closeAfterSelect: true,
    dropdownParent: select.closest(".lines, .grid") ? (select.closest("dialog") ?? "body") : null,
    placeholder: text("link_find"),
    hidePlaceholder: true,
    shouldLoad: () => true,
    score: () => () => 1,
    load: (typed, done) => {
      send(`${select.dataset.source}?q=${encodeURIComponent(typed)}${others(select)}`)
        .then((answer) => answer.json())
        .then((answer) => {
          control.clearOptions((option) => String(option.id) === control.getValue());
          done(answer.items);
        })
        .catch(() => done());
    },
    render: {
      option: (data, safe) => `<div class="option">${safe(data.label)}${data.note ? `<small>${safe(data.note)}</small>` : ""}</div>`,
      item: (data, safe) => `<div class="item">${safe(data.label ?? data.text ?? "")}</div>`,
      no_results: (data) =>
        `<div class="no-results">${text("link_none")}${
          select.dataset.create ? ` <a class="link" target="_blank" href="${escape(select.dataset.create + encodeURIComponent(data.input.trim()))}">${text("link_create")}</a>` : ""
        }</div>`,
      loading: () => `<div class="loading">${text("loading")}</div>`,
    },
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
