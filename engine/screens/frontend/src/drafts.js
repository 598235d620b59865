// What was typed and not saved, kept in this browser alone: through a closed tab, a crash, a session that is over. It is offered when the
// form is opened again, and never put back by itself. A key names the person and the record.
import { drop, dropAll, newest, PREFIX, put, sweep } from "./kept.js";
import { fetchMarkup } from "./send.js";
import { swapForm } from "./swapping.js";
import { language, text } from "./texts.js";

const KEPT = 14 * 24 * 3600 * 1000; // milliseconds
const PAUSE = 700; // after the last key
const OURS = new Set(["_csrf_token", "_person"]);

const keyOf = (form) => (form.dataset.draft ? PREFIX + form.dataset.draft : "");

// It is gone once what this answers has come.
export const forget = async (form) => {
  const key = keyOf(form);
  if (key) await drop(key, `${key}+`);
};

const pairsOf = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OURS.has(name));

// A moment as the server writes it, in the person's zone: 23 Nov 2026 05:16, 2026-11-23 05:16.
const moment = (form, at) => {
  const timeZone = JSON.parse(form.querySelector("script[data-surroundings]")?.textContent || "{}").zone;
  const month = language === "zh" ? "2-digit" : "short";
  const format = new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric", month, day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const of = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
  const day = language === "zh" ? `${of.year}-${of.month}-${of.day}` : `${Number(of.day)} ${of.month} ${of.year}`;
  return `${day} ${of.hour}:${of.minute}`;
};

const offer = (form, draft, decided) => {
  const box = document.createElement("div");
  box.className = "notice draft-offer";
  box.setAttribute("role", "status");
  box.dataset.draftOffer = "";
  const said = document.createElement("span");
  said.textContent = text("draft_offer", { time: moment(form, draft.at) });
  const button = (label, css, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: css, textContent: text(label) });
    made.addEventListener("click", act);
    return made;
  };
  const restore = async () => {
    const body = new FormData();
    for (const [name, value] of draft.pairs) body.append(name, value);
    for (const name of OURS) body.append(name, form.elements.namedItem(name)?.value ?? "");
    body.append("_draft", "1");
    const answer = await fetchMarkup(form.action, body);
    if (answer?.ok) swapForm(form, answer.markup);
  };
  const giveUp = () => {
    forget(form);
    box.remove();
    decided();
  };
  box.append(said, button("draft_restore", "btn primary", restore), button("draft_drop", "btn ghost", giveUp));
  form.prepend(box);
};

export const startDraft = (form, state) => {
  const key = keyOf(form);
  if (!key) return;
  let place = `${key}+`; // what is typed meanwhile does not take the place of what is offered
  let timer = null;
  const keep = () => {
    clearTimeout(timer);
    timer = null;
    if (state.dirty && form.isConnected) put(place, { at: Date.now(), pairs: pairsOf(form) });
  };
  const find = async () => {
    const draft = await newest(key, `${key}+`);
    if (draft?.at > Date.now() - KEPT) {
      put(key, draft);
      offer(form, draft, () => (place = key));
    } else place = key;
    await sweep(Date.now() - KEPT);
  };
  if (form.dataset.dirty === "true") {
    place = key;
    keep();
  } else find();
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && timer && keep());
};

// Whoever signs out leaves nothing behind.
document.addEventListener("submit", (event) => {
  if (!event.target.matches?.('form[action="/sign-out"]')) return;
  event.preventDefault();
  dropAll().then(() => event.target.submit());
});
