// Several choices or tags: a chip for each; choices are picked from their list, tags are typed, with Enter or a separator behind each.
import TomSelect from "tom-select/dist/esm/tom-select.js";
import { text } from "../texts.js";
import { chip, dressed, named, settles, takesOut } from "./picking.js";

const SEPARATORS = /[;；,，、\n\t]/;

export const attachSeveral = (input) => {
  const label = named(input);
  const free = input.dataset.free !== undefined;
  const items = input.value.split(";").filter(Boolean);
  const offered = JSON.parse(input.dataset.choices || "[]").map(([id, shown, , retired]) => ({ id, label: shown, retired }));
  const known = new Set(offered.map((one) => one.id));
  new TomSelect(input, {
    valueField: "id",
    labelField: "label",
    searchField: ["label", "id"],
    sortField: "$order",
    delimiter: ";",
    options: [...offered.filter((one) => !one.retired || items.includes(one.id)), ...items.filter((id) => !known.has(id)).map((id) => ({ id, label: id }))],
    items,
    maxItems: null,
    maxOptions: 200,
    hideSelected: true,
    openOnFocus: !free,
    selectOnTab: true,
    closeAfterSelect: false,
    controlClass: "ts-control",
    create: free ? (typed) => ({ id: typed.trim(), label: typed.trim() }) : false,
    createOnBlur: free,
    createFilter: (typed) => Boolean(typed.trim()),
    hidePlaceholder: true,
    placeholder: text(free ? "tag_add" : "choice_add"),
    onType(typed) {
      if (!free || !SEPARATORS.test(typed)) return;
      this.setTextboxValue("");
      for (const word of typed.split(SEPARATORS).map((one) => one.trim()).filter(Boolean)) {
        this.addOption({ id: word, label: word });
        this.addItem(word);
      }
    },
    onItemAdd() {
      this.setTextboxValue("");
      this.refreshOptions(!free);
    },
    render: {
      option: (data, safe) => `<div class="option">${safe(data.label)}</div>`,
      option_create: (data, safe) => `<div class="create">${safe(text("tag_add"))} <b>${safe(data.input)}</b></div>`,
      item: chip,
      no_results: () => (free ? null : `<div class="no-results">${text("link_none")}</div>`),
    },
    onInitialize() {
      settles(this);
      dressed(this, input, label);
      takesOut(this);
    },
  });
};
