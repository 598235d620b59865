// Forms: tabs, lines, unsaved changes, and the live rules of the object. Everything here is comfort: the server decides again.
import { attachControls } from "./controls/attach.js";
import { startRules } from "./rules.js";
import { text } from "./texts.js";

const openTab = (form, name) => {
  for (const tab of form.querySelectorAll("[role=tab]")) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", chosen ? "true" : "false");
    tab.tabIndex = chosen ? 0 : -1;
  }
  for (const panel of form.querySelectorAll("[role=tabpanel]")) panel.hidden = panel.dataset.tab !== name;
};

const startTabs = (form) => {
  const tabs = [...form.querySelectorAll("[role=tab]")];
  if (!tabs.length) return;
  for (const tab of tabs) {
    tab.addEventListener("click", () => openTab(form, tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
      openTab(form, next.dataset.tab);
      next.focus();
    });
  }
  const bad = form.querySelector("[role=tabpanel] .bad")?.closest("[role=tabpanel]");
  openTab(form, bad?.dataset.tab ?? tabs[0].dataset.tab);
};

export const reveal = (form, control) => {
  const panel = control.closest("[role=tabpanel]");
  if (panel?.hidden) openTab(form, panel.dataset.tab);
};

const startLines = (form, grid) => {
  const body = grid.querySelector("tbody");
  const blank = grid.querySelector("template");
  let next = Number(grid.dataset.next);

  const number = () => {
    const shown = [...body.querySelectorAll("tr:not(.gone):not(.lines-empty)")];
    shown.forEach((row, index) => {
      row.querySelector(".row-no").textContent = index + 1;
      row.querySelector("[data-remove]")?.setAttribute("aria-label", text("lines_remove", { row: index + 1 }));
    });
    const empty = body.querySelector(".lines-empty");
    if (empty) empty.hidden = shown.length > 0;
  };
  const changed = () => grid.dispatchEvent(new Event("change", { bubbles: true }));
  const add = () => {
    const holder = document.createElement("template");
    holder.innerHTML = blank.innerHTML.replaceAll("__row__", next);
    next += 1;
    const row = holder.content.querySelector("tr");
    body.append(row);
    attachControls(row);
    number();
    changed();
    focusIn(row, 0);
  };
  const remove = (row) => {
    const id = row.querySelector('input[name$=".id"]');
    const beside = row.nextElementSibling ?? row.previousElementSibling;
    if (id?.value) {
      row.classList.add("gone");
      row.querySelector('input[name$=".remove"]').value = "1";
    } else row.remove();
    number();
    changed();
    if (beside?.matches("tr:not(.gone)")) focusIn(beside, 0);
    else grid.querySelector("[data-add]").focus();
  };
  const controls = (row) => [...row.querySelectorAll("input:not([type=hidden]):not(.ts-hidden-accessible), select:not(.tomselected), textarea")];
  const focusIn = (row, column) => {
    const all = controls(row);
    (all[column] ?? all[0])?.focus();
  };

  grid.addEventListener("click", (event) => {
    if (event.target.closest("[data-add]")) add();
    const gone = event.target.closest("[data-remove]");
    if (gone) remove(gone.closest("tr"));
  });
  grid.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody tr");
    if (!row || event.isComposing) return;
    const shown = [...body.querySelectorAll("tr:not(.gone):not(.lines-empty)")];
    const at = shown.indexOf(row);
    const column = controls(row).indexOf(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || (event.target.matches("input:not([role=combobox])") && !event.shiftKey))) {
      event.preventDefault();
      at === shown.length - 1 ? add() : focusIn(shown[at + 1], column);
    } else if ((event.ctrlKey || event.metaKey) && event.key === "Backspace") {
      event.preventDefault();
      remove(row);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("input[type=text]:not([role=combobox]):not([data-control^=date])")) {
      const other = shown[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (other) {
        event.preventDefault();
        focusIn(other, column);
      }
    }
  });
  number();
};

const watchUnsaved = (form) => {
  let dirty = form.dataset.dirty === "true";
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("change", () => (dirty = true));
  form.addEventListener("submit", () => (dirty = false));
  addEventListener("beforeunload", (event) => dirty && event.preventDefault());
  return () => dirty;
};

export const attachForm = (root) => {
  for (const form of root.querySelectorAll("form[data-form]:not([data-started])")) {
    form.dataset.started = "true";
    form.noValidate = true; // the rules and the server say what is wrong, in the page's language
    startTabs(form);
    form.querySelectorAll(".lines").forEach((grid) => startLines(form, grid));
    watchUnsaved(form);
    form.addEventListener("submit", () => {
      for (const button of document.querySelectorAll("[data-save]")) {
        button.setAttribute("aria-disabled", "true");
        setTimeout(() => button.removeAttribute("aria-disabled"), 4000);
      }
    });
    form.addEventListener("change", (event) => {
      const choice = event.target.closest(".conflict input[type=radio]");
      if (choice) choice.closest(".field").classList.toggle("theirs", choice.value === "theirs");
    });
    const first = form.querySelector(".bad input:not([type=hidden]), .bad select, .bad textarea, .conflict input:checked") ?? (form.dataset.new === "true" && form.querySelector("[data-autofocus] .field:first-child input[type=text]"));
    if (first) {
      reveal(form, first);
      // A link's list of answers opens with the focus and would hide what is wrong with the fields below it.
      const notice = first.matches("select[data-control=link]") && form.querySelector(".notice.bad[role=alert]");
      if (notice) notice.tabIndex = -1;
      setTimeout(() => (notice || first).focus(), 0);
    }
    const named = location.hash.startsWith("#f-") && form.querySelector(`#${CSS.escape(location.hash.slice(1))}`);
    if (named) {
      reveal(form, named);
      (named.closest(".field") ?? named).scrollIntoView({ block: "center" });
      if (!named.readOnly) setTimeout(() => named.focus({ preventScroll: true }), 0);
    }
    if (form.dataset.rules) startRules(form, form.dataset.rules, text);
  }
};
