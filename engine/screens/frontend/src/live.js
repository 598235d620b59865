// Pages that follow what happens: the bell, messages that arrive, rows and records that others change. Nothing moves under the reader's
// hand: what is there is changed in its place, what would move is offered, what was typed stays.
import htmx from "htmx.org/dist/htmx.esm.js";
import { showPeople, startPresence } from "./presence.js";
import { element, send } from "./send.js";
import { startStream } from "./stream.js";
import { text } from "./texts.js";

const SOON = 300; // milliseconds: changes come in swarms
const PAUSE = 2000; // between two looks at what concerns this page
const REST = 10_000; // between two looks at what may concern it

const state = { unread: 0, timer: null, last: 0, rest: 0, waiting: null };

// --- the bell and what arrives ---

const ring = () => {
  for (const bell of document.querySelectorAll("[data-bell]")) {
    const count = bell.querySelector("[data-bell-count]");
    bell.dataset.name ??= bell.getAttribute("aria-label");
    count.hidden = !state.unread;
    count.textContent = state.unread > 99 ? "99+" : state.unread;
    const said = state.unread ? `${bell.dataset.name}, ${text("live_unread", { count: state.unread })}` : bell.dataset.name;
    bell.setAttribute("aria-label", said);
  }
};

const announce = (item) => {
  const box = element('<div class="toast"><span class="cut"></span><a class="btn"></a></div>');
  box.querySelector("span").textContent = item.body ? `${item.subject} · ${item.body}` : item.subject;
  Object.assign(box.querySelector("a"), { href: item.url, textContent: text("live_open") });
  document.getElementById("toasts")?.append(box);
  setTimeout(() => box.remove(), 12_000);
};

const take = (news) => {
  state.unread = news.unread;
  ring();
  if (document.hidden || document.querySelector("[data-inbox-page]")) return;
  if (news.more) announce({ subject: text("live_unread", { count: news.unread }), url: "/inbox" });
  else news.items.forEach(announce);
};

// --- notes that lie over the page, so that nothing below moves ---

const note = (message, label, act) => {
  document.querySelector(".live-note")?.remove();
  const box = element('<div class="live-note" role="status"><span></span><button class="btn primary" type="button"></button><button class="btn ghost square" type="button" data-later>×</button></div>');
  const [go, later] = box.querySelectorAll("button");
  box.querySelector("span").textContent = message;
  go.textContent = label;
  later.setAttribute("aria-label", text("live_dismiss"));
  go.addEventListener("click", () => (box.remove(), act()));
  later.addEventListener("click", () => box.remove());
  document.body.append(box);
};

// --- lists and boards ---

const shown = (row) => {
  const copy = row.cloneNode(true);
  for (const time of copy.querySelectorAll("time[data-ago]")) time.textContent = "";
  return copy.innerHTML;
};

const busy = (row) => row.querySelector(".editing") || row.contains(document.activeElement);

const replace = (row, fresh) => {
  const box = row.querySelector(".pick input");
  if (box?.checked) fresh.querySelector(".pick input").checked = true;
  if (row.classList.contains("at")) fresh.classList.add("at");
  fresh.classList.add("fresh");
  row.replaceWith(fresh);
  fresh.dispatchEvent(new Event("tenon:added", { bubbles: true }));
};

const fetchList = async () => {
  const answer = await send(location.pathname + location.search);
  if (answer.status >= 500) throw new Error("not answered");
  return answer.ok ? element(await answer.text()) : null;
};

const swapList = async () => {
  const fresh = await fetchList();
  if (fresh?.id !== "list") return;
  document.getElementById("list").replaceWith(fresh);
  htmx.process(fresh);
  fresh.dispatchEvent(new Event("tenon:added", { bubbles: true }));
};

const words = (page, here, name) => {
  const [now, then] = [page.querySelector(name), here.querySelector(name)];
  if (now && then && now.textContent !== then.textContent) then.textContent = now.textContent;
};

// A board: cards go where they have gone to; a lane in which somebody is at work waits.
const followBoard = async () => {
  if (occupied()) return false;
  const page = await fetchList();
  for (const lane of page?.querySelectorAll("[data-lane]") ?? []) {
    const here = document.querySelector(`#list [data-lane="${CSS.escape(lane.dataset.lane)}"]`);
    const [then, now] = [here?.querySelector("[data-cards]"), lane.querySelector("[data-cards]")];
    if (!then || !now) continue;
    words(lane, here, "[data-count]");
    words(lane, here, "[data-sum]");
    const known = new Map([...then.children].map((card) => [card.dataset.id, card]));
    const rest = [...then.children].slice(now.children.length); // what was loaded further down stays
    const same = (card) => known.get(card.dataset.id) && shown(known.get(card.dataset.id)) === shown(card);
    const wanted = [...now.children].map((card) => (same(card) ? known.get(card.dataset.id) : (card.classList.add("fresh"), card)));
    const kept = lane.querySelector("[data-lane-more]") ? rest.filter((card) => !wanted.some((one) => one.dataset.id === card.dataset.id)) : [];
    const all = [...wanted, ...kept];
    if (all.some((card, place) => then.children[place] !== card) || all.length !== then.children.length) then.replaceChildren(...all);
  }
};

// The figures of groups change where they stand; whether there are others than those shown.
const followGroups = (heads) => {
  const there = new Map([...document.querySelectorAll("#rows > .group")].map((head) => [head.dataset.group, head]));
  for (const head of heads) {
    const here = there.get(head.dataset.group);
    if (!here) return true;
    words(head, here, ".group-count");
    head.querySelectorAll("td").forEach((cell, place) => {
      const then = here.querySelectorAll("td")[place];
      if (then && place && then.textContent !== cell.textContent) then.replaceWith(cell.cloneNode(true));
    });
  }
  return heads.length !== there.size;
};

const followList = async () => {
  const page = await fetchList();
  if (!page) return;
  const rows = [...document.querySelectorAll("#list [data-id]")];
  const fresh = [...page.querySelectorAll("[data-id]")];
  const known = new Map(rows.map((row) => [row.dataset.id, row]));
  let moved = fresh.length > rows.length || fresh.some((row, place) => rows[place]?.dataset.id !== row.dataset.id || rows[place].dataset.at !== row.dataset.at);
  const heads = [...page.querySelectorAll("#rows > .group")];
  if (heads.length) {
    moved = fresh.some((row) => known.get(row.dataset.id)?.dataset.in !== row.dataset.in);
    moved = followGroups(heads) || moved;
  } else if (!page.querySelector("a[data-more]")) moved ||= rows.length !== fresh.length;
  for (const row of fresh) {
    const here = known.get(row.dataset.id);
    if (here && here.dataset.at === row.dataset.at && !busy(here) && shown(here) !== shown(row)) replace(here, row);
  }
  for (const place of ["totals", "count"]) {
    const url = page.querySelector(`#${place}`)?.getAttribute("hx-get");
    if (url && document.getElementById(place)) htmx.ajax("GET", url, { target: `#${place}`, swap: place === "totals" ? "outerHTML" : "innerHTML" });
  }
  if (moved && rows.length) note(text("live_list"), text("live_refresh"), swapList);
  else if (moved) swapList();
};

// --- records and forms ---

const occupied = () => document.querySelector("dialog[open], details.menu[open], .sortable-drag, .sortable-chosen") || document.activeElement?.closest("#content input, #content textarea, #content select, #content [contenteditable]");

const followRecord = async () => {
  if (occupied()) return false;
  let failed = false; // which is told by events alone
  const note = ({ detail: { ctx } }) => (failed ||= !(ctx?.response?.status < 500));
  const told = ["htmx:error", "htmx:response:error"];
  for (const name of told) document.addEventListener(name, note);
  await htmx.ajax("GET", location.href, { target: ".main", select: ".main", swap: "outerMorph" });
  for (const name of told) document.removeEventListener(name, note);
  if (failed) throw new Error("not answered");
  ring();
};

const followForm = async (object, id, form) => {
  const answer = await send(`/api/v1/records/${object}/${id}?fields=version`);
  if (answer.status === 404) return note(text("live_gone"), text("live_look"), () => open(`/o/${object}/${id}`));
  if (!answer.ok) return;
  const { version } = await answer.json();
  if (version <= Math.max(Number(form._version?.value ?? 0), Number(form.dataset.told ?? 0))) return;
  form.dataset.told = version;
  note(text("live_form"), text("live_look"), () => open(`/o/${object}/${id}`, "_blank"));
};

// --- which of it concerns this page ---

const here = () => {
  const found = /^\/o\/([a-z][a-z0-9_]*)(?:\/(\d+)(\/edit)?)?$/.exec(location.pathname);
  return found ? { object: found[1], id: found[2] ?? "", form: found[3] ? document.getElementById("record-form") : null } : {};
};

// How much a change concerns the page: 2 what is on it, 1 perhaps, 0 not at all.
const concern = (page, [object, id]) => {
  if (!page.object) return 0;
  if (object === page.object && page.id) return String(id) === page.id ? 2 : 0;
  if (page.form) return 0;
  if (object === page.object) return document.querySelector(`#list [data-id="${id}"]`) ? 2 : 1;
  return document.querySelector(`#content a[href^="/o/${object}/"]`) ? 1 : 0;
};

const follow = async () => {
  state.timer = null;
  if (document.hidden || !state.waiting) return;
  const { weight } = state.waiting;
  const page = here();
  const now = Date.now();
  const due = weight === 2 ? state.last + PAUSE : state.rest + REST;
  if (now < due) return plan(due - now);
  state.last = state.rest = now;
  state.waiting = null;
  try {
    if (page.form) await followForm(page.object, page.id, page.form);
    else if (page.id || document.querySelector("#list [data-lane]")) {
      if ((await (page.id ? followRecord() : followBoard())) === false) {
        state.waiting = { weight };
        plan(PAUSE);
      }
    } else if (document.getElementById("list")) await followList();
  } catch {
    state.waiting ??= { weight }; // the network went away, or the server for a moment
    plan(REST);
  }
};

const plan = (after) => {
  state.timer ??= setTimeout(follow, after);
};

const changed = (records) => {
  document.dispatchEvent(new CustomEvent("tenon:changed", { detail: { records } }));
  const page = here();
  const weight = records ? Math.max(0, ...records.map((one) => concern(page, one))) : page.object ? 2 : 0;
  if (!weight) return;
  state.waiting = { weight: Math.max(weight, state.waiting?.weight ?? 0) };
  plan(SOON);
};

const followInbox = () => {
  if (!document.querySelector("[data-inbox-page]") || document.hidden || occupied()) return;
  htmx.ajax("GET", location.href, { target: "#inbox", select: "#inbox", swap: "outerMorph" });
};

const handle = (message) => {
  if (message.kind === "records") changed(message.records);
  else if (message.kind === "reset") changed(null);
  else if (message.kind === "here" || message.kind === "alone") showPeople(message);
  else if (message.kind === "news") {
    take(message);
    if (message.items.length) followInbox();
  } else if (message.kind === "unread") {
    state.unread = message.unread;
    ring();
  }
};

export const startLive = () => {
  if (!document.querySelector("[data-bell]")) return localStorage.removeItem("tenon-newest"); // nobody is signed in
  document.addEventListener("visibilitychange", () => state.waiting && plan(SOON));
  addEventListener("online", () => state.waiting && (clearTimeout(state.timer), (state.timer = null), plan(SOON)));
  document.addEventListener("htmx:after:swap", ring);
  startPresence();
  startStream(handle);
};
