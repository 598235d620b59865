// Forms: tabs, lines, what is unsaved, and the live rules of the object. Everything here is comfort: the server decides again.
import { startDepending } from "./controls/depends.js";
import { startReading } from "./controls/reading.js";
import { startDraft } from "./drafts.js";
import { watchUnsaved } from "./leaving.js";
import { startLines } from "./lines.js";
import { startRules } from "./rules.js";
import { startSaving } from "./saving.js";
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

// Where a form begins to be read: what is wrong, what an address names, else the first field of a new record.
const lead = (form) => {
  const bad = form.querySelector(".bad input:not([type=hidden]), .bad select, .bad textarea, .conflict input:checked");
  const first = bad ?? (form.dataset.new === "true" && form.querySelector("[data-autofocus] .field:first-child input[type=text]"));
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
};

export const attachForm = (root) => {
  const forms = root.matches?.("form[data-form]") ? [root] : root.querySelectorAll("form[data-form]");
  for (const form of forms) {
    if (form.dataset.started) continue;
    form.dataset.started = "true";
    form.noValidate = true; // the rules and the server say what is wrong, in the page's language
    startTabs(form);
    form.querySelectorAll(".lines").forEach((grid) => startLines(form, grid));
    const unsaved = watchUnsaved(form);
    startDepending(form);
    startReading(form);
    startSaving(form, unsaved);
    startDraft(form, unsaved);
    form.addEventListener("change", (event) => {
      const choice = event.target.closest(".conflict input[type=radio]");
      if (choice) choice.closest(".field").classList.toggle("theirs", choice.value === "theirs");
    });
    lead(form);
    if (form.dataset.rules) startRules(form, form.dataset.rules, text);
  }
};
