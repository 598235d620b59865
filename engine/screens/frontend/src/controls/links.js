// Several links: a chip for each with a button that takes it out, and a search beside them; Backspace in the empty search takes the last
// one out.
import TomSelect from "tom-select/dist/esm/tom-select.js";
import { text } from "../texts.js";
import { asking, chip, creates, dressed, named, option, settles, takesOut } from "./picking.js";

export const attachLinks = (input) => {
  const label = named(input);
  new TomSelect(input, {
    ...asking(input),
    delimiter: ";",
    options: JSON.parse(input.dataset.labels || "[]"),
    items: input.value.split(";").filter(Boolean),
    maxItems: null,
    hideSelected: true,
    closeAfterSelect: false,
    onItemAdd() {
      this.setTextboxValue("");
      this.load("");
    },
    render: {
      option,
      item: chip,
      no_results: () => `<div class="no-results">${text("link_none")}</div>`,
      option_create: creates,
      loading: () => `<div class="loading">${text("loading")}</div>`,
    },
    onInitialize() {
      settles(this);
      dressed(this, input, label);
      takesOut(this, () => this.refreshOptions(false));
    },
  });
};
