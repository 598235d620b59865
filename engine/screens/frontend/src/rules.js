// The live rules of a form: the object's module (made by the server from its definition) says what to compute, this reads the
// controls, computes and applies it. The server computes everything again on saving.
import { Reader } from "./reader.js";
import { send } from "./send.js";
import { language, text } from "./texts.js";
import { showComputed, writeControl } from "./values.js";

const UNSEEN = 100; // milliseconds, where no frame comes
const ROUNDS = 4; // defaults may follow one another; a circle ends here

const block = (form, name) => JSON.parse(form.querySelector(`script[data-${name}]`)?.textContent || "{}");

class Sheet {
  constructor(form, module) {
    this.form = form;
    this.module = module;
    this.around = block(form, "surroundings");
    this.known = block(form, "known");
    this.reached = new Map();
    this.lines = new Map(); // row → its reader
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
    return [...grid.querySelectorAll("tbody tr[data-row]:not(.gone)")].map((row) => this.lines.get(row) ?? this.meet(name, rules, row));
  }

  meet(name, rules, row) {
    const prefix = `${name}.${row.dataset.row}.`;
    const id = row.querySelector(`[name="${prefix}id"]`)?.value;
    const known = (id && this.known[name]?.find((one) => String(one.id) === id)) || {};
    const reader = new Reader(this, rules, row, prefix, known);
    reader.isNew = !id;
    this.lines.set(row, reader);
    return reader;
  }

  // The records that a change concerns: the form's own, and of its rows those that are new or have changed. No rule of a row reads another.
  readers(changed) {
    const rows = Object.keys(this.module.lines).flatMap((name) => this.lineReaders(name));
    const concerned = new Set([...changed, ...this.owed].map((path) => path.replace(/[^.]*$/, "")));
    const moved = rows.filter((reader) => !reader.settled || concerned.has(reader.prefix));
    for (const reader of moved) reader.forget();
    return [this.main, ...moved];
  }

  // Fetch what rules read over links that have changed; true when something new has come.
  async reach(readers) {
    const wanted = [];
    for (const reader of readers) {
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
    if (!wanted.length) return false;
    await Promise.all(
      wanted.map(async ([key, url]) => {
        const answer = await send(url);
        this.reached.set(key, answer.ok ? await answer.json() : null);
      }),
    );
    return true;
  }

  async run(changed) {
    this.renew();
    const readers = this.readers(changed);
    if (await this.reach(readers)) readers.forEach((reader) => reader.forget());
    for (let round = 0, moved = changed; round < ROUNDS; round += 1) {
      const next = this.defaults(moved, readers);
      if (!next.size) break;
      readers.forEach((reader) => reader.forget());
      if (await this.reach(readers)) {
        this.renew();
        readers.forEach((reader) => reader.forget());
      }
      moved = next;
    }
    for (const reader of readers.slice(1)) this.apply(reader); // rows first: the form sums them up
    this.main.still(() => this.apply(this.main));
  }

  // Give defaults: to blank fields of a new record, and anew where a field that they follow has changed.
  defaults(changed, readers) {
    const moved = new Set();
    for (const reader of readers) {
      const fresh = reader === this.main ? this.isNew : reader.isNew;
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
        if (!writeControl(control, type, value, this.around)) continue;
        moved.add(path);
        this.form.dispatchEvent(new CustomEvent("tenon:set", { detail: { path } }));
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
    reader.settled = true;
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

  // Whether a field is still to be filled in: it must be, and nobody has come to it yet. Saving asks for it.
  ahead(reader, name) {
    const control = reader.control(name);
    return control?.getAttribute("aria-required") === "true" && !this.touched.has(name) && (reader.get([name]) ?? "") === "";
  }

  // Say what is wrong at the field, once something that the check reads has been touched and what it needs is there.
  check(reader) {
    const loose = [];
    const said = new Map();
    for (const check of reader.rules.checks) {
      const asked = check.reads.some((name) => [...this.touched].some((path) => path === name || path.startsWith(`${name}.`)));
      if (!asked || check.f(reader, this.moment) !== false || check.reads.some((name) => this.ahead(reader, name))) continue;
      const message = check.message[language] || check.message.en || check.message.zh;
      if (check.field && reader.field(check.field) && !said.has(check.field)) said.set(check.field, message);
      else if (!check.field) loose.push(message);
    }
    for (const field of this.form.querySelectorAll(".field[data-live]")) if (!said.has(field.dataset.field)) this.say(field, "");
    for (const [name, message] of said) this.say(reader.field(name), message);
    const notes = this.form.querySelector("[data-rule-notes]");
    if (notes.hidden && !loose.length) return; // an attribute written is a style worked out, also where it says what it said
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
  let due = 0; // the frame that is waited for
  let timer;
  const run = () => {
    cancelAnimationFrame(due);
    clearTimeout(timer);
    due = 0;
    const changed = waiting;
    waiting = new Set();
    sheet.run(changed).catch((error) => console.error(text("failed"), error));
  };
  // What follows from a key is drawn with the key itself: a page with hundreds of rows drawn twice is felt. Out of sight nothing is drawn.
  const later = () => {
    if (due) return;
    due = requestAnimationFrame(run);
    timer = setTimeout(run, UNSEEN);
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
