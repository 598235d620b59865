// Several links: a chip for each with a button that takes it out, and a search beside them; Backspace in the empty search takes the last
// one out.
import TomSelect from "tom-select/dist/esm/tom-select.js";
import { send } from "../send.js";
import { text } from "../texts.js";
import { others } from "./link.js";
import { chip, dressed, named, settles, takesOut } from "./picking.js";

export const attachLinks = (input) => {
  const label = named(input);
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
      item: chip,
      no_results: () => `<div class="no-results">${text("link_none")}</div>`,
      loading: () => `<div class="loading">${text("loading")}</div>`,
    },
    onInitialize() {
      settles(this);
      dressed(this, input, label);
      takesOut(this, () => this.refreshOptions(false));
    },
  });
};
