// The live rules of a form: the object's module (made by the server from its definition) says what to compute, this reads the
// controls, computes and applies it. The server computes everything again on saving.
import { send } from "./send.js";
import { language, text } from "./texts.js";
import { readControl, showComputed, writeControl } from "./values.js";

const ROUNDS = 4; // defaults may follow one another; a circle ends here

const block = (form, name) => JSON.parse(form.querySelector(`script[data-${name}]`)?.textContent || "{}");

// A record as the rules read it: what the controls hold, else what is stored. `place` is where the fields are: the form, or a row.
class Reader {
  constructor(sheet, rules, place, prefix, known) {
    const named = new Map([[sheet.around.me, sheet.around.name]]);
    Object.assign(this, { sheet, rules, place, prefix, known, open: new Set(), named });
  }

  // What is linked has a label, of which rules know nothing: the one read last is what a default of this record comes to.
  note(value, label = value?.label) {
    const id = value !== null && typeof value === "object" ? value.id : value;
    if (id && label) this.named.set(Number(id), label);
    return value;
  }

  field(name) {
    const found = this.place.querySelectorAll(`[data-field="${name}"][data-type]`);
    return [...found].find((one) => this.place.tagName === "TR" || !one.closest(".lines")) ?? null;
  }

  control(name) {
    return this.sheet.form.elements.namedItem(this.prefix + name);
  }

  get(path) {
    const [name, next] = path;
    if (next !== undefined) return this.beyond(name, next);
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
    return this.sheet.lineReaders(path[0]);
  }
}

class Sheet {
  constructor(form, module) {
    this.form = form;
    this.module = module;
    this.around = block(form, "surroundings");
    this.known = block(form, "known");
    this.reached = new Map();
    this.touched = new Set();
    this.owed = new Set();
    this.isNew = form.dataset.new === "true";
    this.renew();
    this.main = new Reader(this, module.rules, form, "", this.known);
  }

  renew() {
    this.moment = this.module.moment({ ...this.around, zone: this.around.home, now: new Date().toISOString() });
  }

  lineReaders(name) {
    const rules = this.module.lines[name];
    const grid = this.form.querySelector(`.lines[data-lines="${name}"]`);
    if (!rules || !grid) return [];
    const known = new Map((this.known[name] ?? []).map((row) => [String(row.id), row]));
    return [...grid.querySelectorAll("tbody tr[data-row]:not(.gone)")].map((row) => {
      const prefix = `${name}.${row.dataset.row}.`;
      const id = this.form.elements.namedItem(`${prefix}id`)?.value;
      return new Reader(this, rules, row, prefix, known.get(id) ?? {});
    });
  }

  readers() {
    return [this.main, ...Object.keys(this.module.lines).flatMap((name) => this.lineReaders(name))];
  }

  // Fetch what rules read over links that have changed; true when something new has come.
  async reach() {
    const wanted = [];
    for (const reader of this.readers()) {
      for (const [name, paths] of Object.entries(reader.rules.links)) {
        if (!paths.length) continue;
        const link = reader.get([name]);
        const id = link && typeof link === "object" ? link.id : link;
        const key = `${reader.rules.object}/${name}/${id}`;
        if (id && !this.reached.has(key)) {
          this.reached.set(key, null);
          wanted.push([key, `/o/${reader.rules.object}/reach/${name}/${id}`]);
        }
      }
    }
    await Promise.all(
      wanted.map(async ([key, url]) => {
        const answer = await send(url);
        this.reached.set(key, answer.ok ? await answer.json() : null);
      }),
    );
    return wanted.length > 0;
  }

  async run(changed) {
    this.renew();
    await this.reach();
    for (let round = 0, moved = changed; round < ROUNDS; round += 1) {
      const next = this.defaults(moved);
      if (!next.size) break;
      if (await this.reach()) this.renew();
      moved = next;
    }
    for (const reader of this.readers()) this.apply(reader);
  }

  // Give defaults: to blank fields of a new record, and anew where a field that they follow has changed.
  defaults(changed) {
    const moved = new Set();
    for (const reader of this.readers()) {
      const fresh = reader === this.main ? this.isNew : !this.form.elements.namedItem(`${reader.prefix}id`)?.value;
      for (const [name, rule] of Object.entries(reader.rules.defaults)) {
        const control = reader.control(name);
        if (!control) continue;
        const path = reader.prefix + name;
        const again = rule.again.some((other) => changed.has(reader.prefix + other));
        const first = fresh && !this.touched.has(path) && reader.get([name]) === null;
        const owed = this.owed.has(path) && !this.touched.has(path);
        if (!again && !owed && !(first && rule.reads.length)) continue;
        if (this.busy(control, path)) {
          this.owed.add(path);
          continue;
        }
        this.owed.delete(path);
        const type = reader.field(name)?.dataset.type;
        const found = rule.f(reader, this.moment);
        const value = type === "link" && reader.named.has(found) ? { id: found, label: reader.named.get(found) } : found;
        if (writeControl(control, type, value, this.around)) moved.add(path);
      }
    }
    return moved;
  }

  // Whether a person is at work in a control: what they are choosing or typing is not taken from under their hand. It comes when they
  // leave it as it was.
  busy(control, path) {
    if (control.tomselect) return control.tomselect.isFocused;
    return control === document.activeElement && this.touched.has(path);
  }

  apply(reader) {
    const { rules } = reader;
    for (const [name, rule] of Object.entries(rules.computed)) {
      const field = reader.field(name);
      const output = field?.querySelector("[data-computed]");
      if (output) showComputed(output, field, rule.f(reader, this.moment));
    }
    if (reader !== this.main) return;
    for (const [name, rule] of Object.entries(rules.visible)) {
      const field = reader.field(name);
      if (field) field.hidden = rule.f(reader, this.moment) !== true;
    }
    for (const [name, rule] of Object.entries(rules.required)) {
      const field = reader.field(name);
      if (field && !("required" in field.dataset)) this.require(field, reader.control(name), rule.f(reader, this.moment) === true);
    }
    for (const [name, rule] of Object.entries(rules.readonly)) {
      const control = reader.control(name);
      if (control) this.lock(control, rule.f(reader, this.moment) === true);
    }
    this.check(reader);
  }

  require(field, control, wanted) {
    field.querySelector(".star")?.toggleAttribute("hidden", !wanted);
    control?.setAttribute("aria-required", wanted ? "true" : "false");
  }

  lock(control, locked) {
    if (control.tomselect) locked ? control.tomselect.lock() : control.tomselect.unlock();
    else if (control.tagName === "SELECT" || control.type === "checkbox") control.classList.toggle("locked", locked);
    else control.readOnly = locked;
    control.closest(".field")?.classList.toggle("readonly", locked);
  }

  // Say what is wrong at the field, once something that the check reads has been touched.
  check(reader) {
    const loose = [];
    const said = new Map();
    for (const check of reader.rules.checks) {
      const asked = check.reads.some((name) => [...this.touched].some((path) => path === name || path.startsWith(`${name}.`)));
      if (!asked || check.f(reader, this.moment) !== false) continue;
      const message = check.message[language] || check.message.en || check.message.zh;
      if (check.field && reader.field(check.field) && !said.has(check.field)) said.set(check.field, message);
      else if (!check.field) loose.push(message);
    }
    for (const field of this.form.querySelectorAll(".field[data-live]")) if (!said.has(field.dataset.field)) this.say(field, "");
    for (const [name, message] of said) this.say(reader.field(name), message);
    const notes = document.getElementById("rule-notes");
    notes.hidden = loose.length === 0;
    notes.querySelector("ul").replaceChildren(
      ...loose.map((message) => Object.assign(document.createElement("li"), { textContent: message })),
    );
  }

  say(field, message) {
    field.toggleAttribute("data-live", Boolean(message));
    field.classList.toggle("bad", Boolean(message));
    const place = field.querySelector(":scope > .error");
    place.textContent = message;
    const control = field.querySelector("input, select, textarea");
    if (message) control?.setAttribute("aria-invalid", "true");
    else control?.removeAttribute("aria-invalid");
    if (message && control && !control.getAttribute("aria-describedby")?.includes(place.id)) {
      control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${place.id}`.trim());
    }
  }
}

export const startRules = async (form, url) => {
  const sheet = new Sheet(form, await import(url));
  let waiting = new Set();
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const changed = waiting;
      waiting = new Set();
      sheet.run(changed).catch((error) => console.error(text("failed"), error));
    }, 60);
  };
  const note = (event) => {
    const name = event.target.name ?? "";
    if (name && !name.startsWith("_") && event.isTrusted) sheet.touched.add(name);
    if (name && !name.startsWith("_") && (event.type === "change" || event.isTrusted)) waiting.add(name);
    later();
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("focusout", () => sheet.owed.size && later());
  await sheet.run(new Set());
  form.dataset.live = "true";
};
