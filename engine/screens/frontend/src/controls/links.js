// Several links: a chip for each with a button that takes it out, and a search beside them; Backspace in the empty search takes the last
// one out.
import TomSelect from "tom-select/dist/esm/tom-select.js";
import { send } from "../send.js";
import { text } from "../texts.js";
import { others } from "./link.js";

export const attachLinks = (input) => {
  const label = input.getAttribute("aria-label") ?? input.labels?.[0]?.textContent.replace("*", "").trim() ?? "";
  input.setAttribute("aria-label", label);
  input.className = ""; // Tom Select would wear it too
  const control = new TomSelect(input, {
    valueField: "id",
    labelField: "label",
    searchField: [],
    sortField: "$order",
    delimiter: ";",
    options: JSON.parse(input.dataset.labels || "[]"),
    items: input.value.split(";").filter(Boolean),
    maxItems: null,
    maxOptions: 50,
    hideSelected: true,
    loadThrottle: 150,
    preload: "focus",
    openOnFocus: true,
    controlClass: "ts-control",
    selectOnTab: true,
    closeAfterSelect: false,
    placeholder: text("link_find"),
    hidePlaceholder: true,
    shouldLoad: () => true,
    score: () => () => 1,
    load: (typed, done) => {
      send(`${input.dataset.source}?q=${encodeURIComponent(typed)}${others(input)}`)
        .then((answer) => answer.json())
        .then((answer) => {
          control.clearOptions((option) => control.items.includes(String(option.id)));
          done(answer.items);
        })
        .catch(() => done());
    },
    onItemAdd() {
      this.setTextboxValue("");
      this.load("");
    },
    render: {
      option: (data, safe) => `<div class="option">${safe(data.label)}${data.note ? `<small>${safe(data.note)}</small>` : ""}</div>`,
      item: (data, safe) =>
        `<div class="item token"><span>${safe(data.label ?? "")}</span><button type="button" class="take-out" tabindex="-1" aria-label="${safe(`${text("take_out")} ${data.label ?? ""}`)}">×</button></div>`,
      no_results: () => `<div class="no-results">${text("link_none")}</div>`,
      loading: () => `<div class="loading">${text("loading")}</div>`,
    },
    onInitialize() {
      const typing = this.control_input;
      typing.setAttribute("aria-label", label);
      typing.setAttribute("autocomplete", "off");
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (input.hasAttribute(name)) typing.setAttribute(name, input.getAttribute(name));
      }
      this.wrapper.classList.toggle("required", input.required);
      this.control.addEventListener("click", (event) => {
        const chip = event.target.closest(".take-out")?.closest("[data-value]");
        if (!chip) return;
        event.stopPropagation();
        this.removeItem(chip);
        this.refreshOptions(false);
      }, true);
    },
  });
};
