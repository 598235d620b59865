// A record as the rules read it: what the controls hold, else what is stored. `place` is where its fields are: the form, or a row. What a
// row holds is remembered until something in it changes: a grid of hundreds of rows is summed up at every key. What the form itself holds
// is remembered while nothing is written into its controls (`still`), so that each sum is taken once though many rules build on it.
import { readControl } from "./values.js";

export class Reader {
  constructor(sheet, rules, place, prefix, known) {
    const named = new Map([[sheet.around.me, sheet.around.name]]);
    Object.assign(this, { sheet, rules, place, prefix, known, open: new Set(), named, fields: new Map(), controls: new Map(), held: new Map() });
    this.isRow = place.tagName === "TR";
    this.remembers = this.isRow;
  }

  // What is linked has a label, of which rules know nothing: the one read last is what a default of this record comes to.
  note(value, label = value?.label) {
    const id = value !== null && typeof value === "object" ? value.id : value;
    if (id && label) this.named.set(Number(id), label);
    return value;
  }

  field(name) {
    const known = this.fields.get(name);
    if (known === null || known?.isConnected) return known;
    const found = this.place.querySelectorAll(`[data-field="${name}"][data-type]`);
    const field = [...found].find((one) => this.isRow || !one.closest(".lines")) ?? null;
    this.fields.set(name, field);
    return field;
  }

  control(name) {
    const known = this.controls.get(name);
    if (known === null || known?.isConnected) return known;
    const path = this.prefix + name;
    const found = this.isRow ? this.place.querySelector(`[name="${CSS.escape(path)}"]`) : this.sheet.form.elements.namedItem(path);
    const control = (found instanceof RadioNodeList ? found[0] : found) ?? null;
    this.controls.set(name, control);
    return control;
  }

  forget() {
    this.held.clear();
  }

  still(act) {
    this.forget();
    this.remembers = true;
    try {
      act();
    } finally {
      this.remembers = this.isRow;
      if (!this.isRow) this.forget();
    }
  }

  get(path) {
    const [name, next] = path;
    if (next !== undefined) return this.beyond(name, next);
    if (!this.remembers || this.open.has(name)) return this.read(name);
    if (!this.held.has(name)) this.held.set(name, this.read(name));
    return this.held.get(name);
  }

  read(name) {
    const rule = this.rules.computed[name];
    if (rule && !this.open.has(name)) {
      this.open.add(name);
      try {
        return rule.f(this, this.sheet.moment);
      } finally {
        this.open.delete(name);
      }
    }
    const control = this.control(name);
    if (!control) return this.note(this.known[name] ?? null);
    const type = this.field(name)?.dataset.type;
    const value = readControl(control, type, this.sheet.around);
    return type === "link" ? this.note(value, control.selectedOptions?.[0]?.textContent) : value;
  }

  beyond(name, next) {
    const link = this.get([name]);
    const id = link && typeof link === "object" ? link.id : link;
    return id ? this.note(this.sheet.reached.get(`${this.rules.object}/${name}/${id}`)?.[next] ?? null) : null;
  }

  rows(path) {
    if (!this.remembers || this.isRow) return this.sheet.lineReaders(path[0]);
    const key = `${path[0]}.`; // no field's name
    if (!this.held.has(key)) this.held.set(key, this.sheet.lineReaders(path[0]));
    return this.held.get(key);
  }
}
