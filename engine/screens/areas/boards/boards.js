// Boards: charts drawn from the data that stands beside them, and a look whether anything has changed: when the stream of changes
// tells of something, and now and then. Only what has
// changed is fetched, and only where it differs is the page touched, so that nothing jumps and no focus is lost.
import { element, fetchMarkup, send } from "../../frontend/src/send.js";

const PATIENCE = 8000; // milliseconds until a part that has not come is asked for again
const SOON = 500; // after somebody changed something: changes come in swarms

let drawing;
const charts = () => (drawing ??= import("./charts.js"));

const attach = async (root) => {
  const waiting = [...root.querySelectorAll(".chart:not([data-drawn])")];
  if (!waiting.length) return;
  const { draw } = await charts();
  for (const chart of waiting) draw(chart, JSON.parse(chart.parentElement.querySelector(".chart-data").textContent));
};

const board = document.querySelector("[data-board]");

// Put fresh bodies in place of those that differ.
const update = async (part, markup) => {
  const fresh = element(`<div>${markup}</div>`);
  for (const widget of fresh.querySelectorAll(".widget")) {
    const here = document.getElementById(widget.id);
    const [now, then] = [widget.querySelector(".widget-body"), here?.querySelector(".widget-body")];
    if (!now || !then || (now.dataset.digest && now.dataset.digest === then.dataset.digest)) continue;
    const chart = then.querySelector(".chart[data-drawn]");
    const data = now.querySelector(".chart-data");
    if (chart && data && now.querySelector(".chart").dataset.chart === chart.dataset.chart) {
      const open = then.querySelector(".chart-table").open;
      then.querySelector(".chart-data").textContent = data.textContent;
      then.querySelector(".chart-table").replaceWith(now.querySelector(".chart-table"));
      then.querySelector(".chart-table").open = open;
      then.dataset.digest = now.dataset.digest;
      (await charts()).draw(chart, JSON.parse(data.textContent));
    } else {
      const focus = then.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      const scrolled = then.querySelector(".scroll")?.scrollLeft;
      const sheet = now.querySelector(`#${then.querySelector(".sheet-pick:checked")?.id ?? "none"}`);
      if (sheet) sheet.checked = true;
      then.replaceWith(now);
      if (scrolled) now.querySelector(".scroll").scrollLeft = scrolled;
      if (focus) [...now.querySelectorAll("a")].find((link) => link.getAttribute("href") === focus)?.focus();
    }
  }
  attach(part);
  document.dispatchEvent(new Event("tenon:drawn"));
};

const reload = async (part) => {
  const answer = await fetchMarkup(part.dataset.part).catch(() => null);
  if (answer?.ok) await update(part, answer.markup);
  return Boolean(answer?.ok);
};

let marks = null;
const look = async () => {
  if (document.hidden) return;
  const answer = await send(board.dataset.state).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  const before = marks;
  marks = found;
  const changed = before === null ? new Set() : new Set(Object.keys(found).filter((name) => found[name] !== before[name]));
  for (const part of board.querySelectorAll("[data-part]")) {
    const failed = performance.now() > PATIENCE && part.querySelector(".waiting");
    if (failed || part.dataset.objects.split(" ").some((name) => changed.has(name))) await reload(part);
  }
};

if (board) {
  const every = Number(board.dataset.refresh) * 1000;
  const next = () =>
    setTimeout(async () => {
      await look();
      next();
    }, every);
  look();
  next();
  let soon = null;
  document.addEventListener("tenon:changed", () => {
    soon ??= setTimeout(() => {
      soon = null;
      look();
    }, SOON);
  });
  document.addEventListener("visibilitychange", look);
  document.addEventListener("htmx:after:swap", () => attach(board));
  attach(board);
}
