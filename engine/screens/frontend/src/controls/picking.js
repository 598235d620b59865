// What the pickers made of Tom Select share: their name and notes for assistive technology, and chips that a button takes out.
import { saidOf, send } from "../send.js";
import { text } from "../texts.js";
import { others } from "./others.js";

const NOTES = ["aria-describedby", "aria-invalid"];

// Name a control as its label does; Tom Select would wear the class of the element it takes over.
export const named = (element) => {
  const label = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent.replace("*", "").trim() ?? "";
  element.setAttribute("aria-label", label);
  element.className = "";
  return label;
};

// Give the box that is typed into what the element says of itself.
export const dressed = (control, element, label) => {
  const typing = control.control_input;
  typing.setAttribute("aria-label", label);
  typing.setAttribute("autocomplete", "off");
  for (const name of NOTES) {
    if (element.getAttribute(name)) typing.setAttribute(name, element.getAttribute(name));
  }
  control.wrapper.classList.toggle("required", element.required);
};

// What is typed is looked up a moment later. Once something is taken, or the box is left, that moment must not come any more: it would
// open the list again and take the focus from wherever the person has gone.
export const settles = (control) => {
  const forget = () => {
    clearTimeout(control.refreshTimeout);
    control.refreshTimeout = null;
  };
  control.on("item_add", forget);
  control.on("blur", forget);
  // On a phone the keyboard takes the lower half: what is typed into goes up, so that its list has room.
  control.on("dropdown_open", () => matchMedia("(max-width: 760px)").matches && control.wrapper.scrollIntoView({ block: "start" }));
  // Making something new comes last, and is never what Enter takes while there is anything else.
  control.hook("after", "refreshOptions", () => {
    const make = control.dropdown_content.querySelector(".create");
    const first = control.dropdown_content.querySelector("[data-selectable]:not(.create)");
    if (!make || !first) return;
    control.dropdown_content.append(make);
    if (control.activeOption === make) control.setActiveOption(first);
  });
};

// What a picker asks the server. Until an answer is there, only what shows the typed text is offered, so that Enter never takes something
// else. A record that is not there yet is made on the way, where the person may: its short form comes in a dialog.
export const asking = (element) => {
  let asked = "";
  let found = new Set();
  let failed = "";
  const known = (typed) => asked === typed.trim();
  const shows = (item, typed) => String(item.label ?? "").toLowerCase().includes(typed.trim().toLowerCase());
  // The dialog gives the focus back to the picker: no list opens over what was just made.
  function make(typed, done) {
    const { openOnFocus, preload } = this.settings;
    Object.assign(this.settings, { openOnFocus: false, preload: false });
    const end = (made) => {
      done(made);
      Object.assign(this.settings, { openOnFocus, preload });
    };
    import("./making.js").then((module) => module.make(element, typed.trim())).then(end, () => end());
  }
  return {
    valueField: "id",
    labelField: "label",
    searchField: [],
    sortField: "$order",
    maxOptions: 50,
    loadThrottle: 150,
    preload: "focus",
    openOnFocus: true,
    controlClass: "ts-control",
    selectOnTab: true,
    placeholder: text("link_find"),
    hidePlaceholder: true,
    shouldLoad: () => true,
    score: (typed) => (item) => Number((known(typed) && found.has(String(item.id))) || shows(item, typed)),
    render: {
      option,
      no_results: (_data, safe) => `<div class="no-results">${failed ? safe(failed) : text("link_none")}</div>`,
      option_create: creates,
      loading: () => `<div class="loading">${text("loading")}</div>`,
    },
    load(typed, done) {
      send(`${element.dataset.source}?q=${encodeURIComponent(typed)}${others(element)}`)
        .then((answer) => (answer.ok ? answer.json() : saidOf(answer).then((said) => Promise.reject(new Error(said)))))
        .then(({ items }) => {
          failed = "";
          if (this.inputValue() !== typed.trim()) return done();
          asked = typed.trim();
          found = new Set(items.map((one) => String(one.id)));
          this.clearOptions((option) => this.items.includes(String(option.id)));
          done(items);
        })
        .catch((error) => {
          failed = (error instanceof TypeError ? "" : error.message) || text("failed");
          done();
        });
    },
    ...(element.dataset.create ? { create: make, createFilter: (typed) => Boolean(typed.trim()) && known(typed) } : {}),
  };
};

const option = (data, safe) => `<div class="option">${safe(data.label)}${data.note ? `<small>${safe(data.note)}</small>` : ""}</div>`;

const creates = (data, safe) => `<div class="create" role="option">${safe(text("link_make", { name: data.input.trim() }))}</div>`;

export const chip = (data, safe) => {
  const label = data.label ?? "";
  return `<div class="item token"><span>${safe(label)}</span><button type="button" class="take-out" tabindex="-1" aria-label="${safe(`${text("take_out")} ${label}`)}">×</button></div>`;
};

// Let the buttons of chips take them out; `after` follows.
export const takesOut = (control, after = () => {}) => {
  control.control.addEventListener(
    "click",
    (event) => {
      const found = event.target.closest(".take-out")?.closest("[data-value]");
      if (!found) return;
      event.stopPropagation();
      control.removeItem(found);
      after();
    },
    true,
  );
};
