// Several links: a chip for each with a button that takes it out, and a search beside them; Backspace in the empty search takes the last
// one out.
import TomSelect from "tom-select/dist/esm/tom-select.js";
import { asking, chip, dressed, named, settles, takesOut } from "./picking.js";

export const attachLinks = (input) => {
  const label = named(input);
  const ask = asking(input);
  new TomSelect(input, {
    ...ask,
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
    render: { ...ask.render, item: chip },
    onInitialize() {
      settles(this);
      dressed(this, input, label);
      takesOut(this, () => this.refreshOptions(false));
    },
  });
};
