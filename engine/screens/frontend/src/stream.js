// The stream of changes: of all tabs of a browser one holds it and tells the others; it says for all of them which records they show. Where
// there is none, it asks now and then. What is done about a change is not known here.
import { send } from "./send.js";

const NEWS = "/inbox/news";
const ASK_EVERY = 30_000; // milliseconds, where there is no stream
const TRY_EVERY = 60_000; // until a stream that was lost is looked for again
const IDLE = 600_000; // with no tab in sight for that long nothing is listened to, so that a session can end
const SILENT = 70_000; // without a sign of life a stream is lost, whatever the browser thinks of its connection
const SEEN = "tenon-newest"; // the newest message that this browser has told of
const LEADER = "tenon-leader"; // which tab holds the stream, where the browser has no locks
const LEASE = 90_000; // milliseconds: a tab in the background looks once a minute
const RENEW = 5000;

const channel = "BroadcastChannel" in window ? new BroadcastChannel("tenon") : null;
let handle = () => {};
let source = null;
let address = null;
let looked = 0;
let leads = false;
let active = Date.now();
let last = ""; // the last event that was heard
let heard = 0; // when; 0: the stream has said nothing yet

// Which record each tab shows (``account/7``, ``account/7/edit``), what of it the stream was told, and who is there.
const TAB = Math.random().toString(36).slice(2);
const places = new Map();
const known = new Map();
const answered = new Set(); // tabs that said they are there; one that crashed does not
let mine = "";
let opened = "";
let moving = null;

const tell = (message) => {
  channel?.postMessage(message);
  handle(message);
};

const newest = () => Number(localStorage.getItem(SEEN) ?? Number.NaN);

// Ask what is new in the inbox, and whether there is a stream.
const ask = async () => {
  const since = newest();
  const answer = await send(Number.isNaN(since) ? NEWS : `${NEWS}?after=${since}`).catch(() => null);
  if (!answer?.ok) return;
  const news = await answer.json();
  localStorage.setItem(SEEN, news.newest);
  address = news.stream;
  tell({ kind: "news", ...news });
};

const close = () => {
  source?.close();
  source = null;
  heard = 0;
};

const wanted = () => [...new Set(places.values())].sort().join(",");

const listen = () => {
  if (source || !address) return;
  looked = Date.now();
  let before = false;
  opened = wanted();
  const asked = new URLSearchParams(Object.entries({ at: opened, after: last }).filter(([, value]) => value)).toString();
  source = new EventSource(asked ? `${address}?${asked}` : address);
  for (const name of ["hello", "beat", "records", "inbox", "here", "reset"])
    source.addEventListener(name, (event) => {
      heard = Date.now();
      last = event.lastEventId || last;
    });
  source.addEventListener("hello", (event) => {
    if (Date.now() - active > IDLE) return close();
    const said = JSON.parse(event.data);
    tell({ kind: "unread", unread: said.unread });
    if (said.newest > newest()) ask();
    before = true;
  });
  source.addEventListener("records", (event) => {
    tell({ kind: "records", records: JSON.parse(event.data).records });
  });
  source.addEventListener("inbox", ask);
  source.addEventListener("here", (event) => {
    const said = { kind: "here", ...JSON.parse(event.data) };
    known.set(said.record.join("/"), said);
    tell(said);
  });
  source.addEventListener("reset", () => tell({ kind: "reset" }));
  source.addEventListener("error", () => {
    heard = 0;
    if (source?.readyState !== EventSource.CLOSED) return; // it comes again by itself
    close();
    known.clear();
    tell({ kind: "alone" });
    if (before) setTimeout(begin, 1000 + Math.random() * 2000); // its time was over: with a new ticket it goes on
  });
};

// A stream says at its beginning what is looked at: where that has changed it begins anew, and goes on where it was.
const move = () => {
  clearTimeout(moving);
  moving = setTimeout(() => {
    if (!source || opened === wanted()) return;
    close();
    listen();
  }, 200);
};

const note = (tab, place) => {
  answered.add(tab);
  if (place) places.set(tab, place);
  else places.delete(tab);
  const there = known.get(place.split("/", 2).join("/"));
  if (there) tell(there); // who came to a record that another tab shows, too
  move();
};

const say = () => {
  if (leads) note(TAB, mine);
  else channel?.postMessage({ kind: "at", tab: TAB, place: mine });
};

// Say which record this page shows, "" for none.
export const lookAt = (place) => {
  mine = place;
  say();
};

const begin = async () => {
  await ask();
  listen();
};

// What came while nobody was told: after a laptop's sleep, or a connection that died without a word.
const wake = () => {
  close();
  begin();
};

const lead = () => {
  leads = true;
  places.set(TAB, mine);
  channel?.postMessage({ kind: "where" });
  begin();
};

const keepLeading = () => {
  setInterval(() => {
    if (!leads) return;
    for (const tab of places.keys()) if (tab !== TAB && !answered.has(tab)) note(tab, "");
    answered.clear();
    channel?.postMessage({ kind: "where" });
  }, 2 * ASK_EVERY);
  setInterval(async () => {
    if (!leads || Date.now() - active > IDLE) return;
    if (heard && Date.now() - heard > SILENT) return wake();
    if (heard) return;
    await ask();
    tell({ kind: "reset" });
    if (!source && Date.now() - looked > TRY_EVERY) listen();
  }, ASK_EVERY);
};

const resign = () => {
  leads = false;
  close();
};

// Without TLS a browser has no locks: a tab leads as long as it says so, and another takes over when it is gone.
const stand = () => {
  const held = JSON.parse(localStorage.getItem(LEADER) ?? "null");
  if (held && held.tab !== TAB && held.until > Date.now()) return leads && resign();
  const ours = held?.tab === TAB;
  localStorage.setItem(LEADER, JSON.stringify({ tab: TAB, until: Date.now() + LEASE }));
  if (ours && !leads) lead(); // nobody else stood for it in the meantime
  else if (!ours) setTimeout(stand, 100);
};

const elect = () => {
  if (navigator.locks) return navigator.locks.request("tenon-stream", () => (lead(), new Promise(() => {})));
  if (!channel) return lead();
  stand();
  setInterval(stand, RENEW);
  addEventListener("storage", ({ key, newValue }) => key === LEADER && !newValue && setTimeout(stand, Math.random() * 200));
  addEventListener("pagehide", () => leads && (resign(), localStorage.removeItem(LEADER)));
  addEventListener("pageshow", ({ persisted }) => persisted && stand());
};

const awake = () => {
  if (document.hidden) return;
  const away = Date.now() - active > IDLE;
  active = Date.now();
  if (leads && away && !source) {
    begin();
    tell({ kind: "reset" });
  } else channel?.postMessage({ kind: "awake" });
};

// Call ``then`` with every message: news, unread, records, reset, here, alone.
export const startStream = (then) => {
  handle = then;
  channel?.addEventListener("message", ({ data }) => {
    if (data.kind === "awake") active = Date.now();
    else if (data.kind === "at") leads && note(data.tab, data.place);
    else if (data.kind === "where") say();
    else handle(data);
  });
  document.addEventListener("visibilitychange", awake);
  addEventListener("pagehide", () => leads || channel?.postMessage({ kind: "at", tab: TAB, place: "" }));
  setInterval(awake, ASK_EVERY);
  keepLeading();
  elect();
  if (!leads) setTimeout(() => leads || ask(), 300); // another one leads: only the number for the bell
};
