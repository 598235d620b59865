// The stream of changes: of all tabs of a browser one holds it and tells the others. Where there is none, it asks now and then. What is
// done about a change is not known here.
import { send } from "./send.js";

const NEWS = "/inbox/news";
const ASK_EVERY = 30_000; // milliseconds, where there is no stream
const TRY_EVERY = 60_000; // until a stream that was lost is looked for again
const IDLE = 600_000; // with no tab in sight for that long nothing is listened to, so that a session can end
const SEEN = "tenon-newest"; // the newest message that this browser has told of

const channel = "BroadcastChannel" in window ? new BroadcastChannel("tenon") : null;
let handle = () => {};
let source = null;
let address = null;
let looked = 0;
let leads = false;
let active = Date.now();

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
};

const listen = () => {
  if (source || !address) return;
  looked = Date.now();
  let before = false;
  source = new EventSource(address);
  source.addEventListener("hello", (event) => {
    if (Date.now() - active > IDLE) return close();
    const said = JSON.parse(event.data);
    tell({ kind: "unread", unread: said.unread });
    if (said.newest > newest()) ask();
    before = true;
  });
  source.addEventListener("records", (event) => tell({ kind: "records", records: JSON.parse(event.data).records }));
  source.addEventListener("inbox", ask);
  source.addEventListener("reset", () => tell({ kind: "reset" }));
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return; // it comes again by itself
    close();
    if (before) setTimeout(begin, 1000 + Math.random() * 2000); // its time was over: with a new ticket it goes on
  });
};

const begin = async () => {
  await ask();
  listen();
};

const lead = () => {
  leads = true;
  begin();
  setInterval(async () => {
    if (source || Date.now() - active > IDLE) return;
    await ask();
    tell({ kind: "reset" });
    if (Date.now() - looked > TRY_EVERY) listen();
  }, ASK_EVERY);
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

// Call ``then`` with every message: news, unread, records, reset.
export const startStream = (then) => {
  handle = then;
  channel?.addEventListener("message", ({ data }) => {
    if (data.kind === "awake") active = Date.now();
    else handle(data);
  });
  document.addEventListener("visibilitychange", awake);
  setInterval(awake, ASK_EVERY);
  if (navigator.locks) navigator.locks.request("tenon-stream", () => (lead(), new Promise(() => {})));
  else lead(); // no locks without TLS: each tab by itself
  if (!leads) setTimeout(() => leads || ask(), 300); // another one leads: only the number for the bell
};
