// Boards: cards are dragged, or moved by their menu; a drop is a transition (or a change of the field), which may ask first and
// may be refused: then the card goes back where it was.
import { draggable } from "../../frontend/src/dragging.js";
import { offerUndo } from "../../frontend/src/list/undo.js";
import { element, fetchMarkup, saidOf, send } from "../../frontend/src/send.js";
import { text } from "../../frontend/src/texts.js";
import { toast } from "../../frontend/src/toasts.js";
import { ask, take } from "./processes.js";

const planOf = (board) => (board.plan ??= JSON.parse(board.dataset.board));
const laneOf = (card) => card.closest("[data-lane]").dataset.lane;
const lanes = (board) => [...board.querySelectorAll("[data-lane]")];
const cardsIn = (board, lane) => board.querySelector(`[data-lane="${CSS.escape(lane)}"] [data-cards]`);
const way = (board, source, target) => planOf(board).moves[source]?.[target];

const renew = async (board) => {
  const answer = await send(planOf(board).figures).catch(() => null);
  if (!answer?.ok) return;
  for (const [lane, [count, sum]] of Object.entries(await answer.json())) {
    const place = board.querySelector(`[data-lane="${CSS.escape(lane)}"]`);
    if (!place) continue;
    place.querySelector("[data-count]").textContent = count;
    place.querySelector("[data-sum]").textContent = sum;
  }
};

// Once a move is done the lanes are drawn anew: the record may have changed in more than its lane.
const settle = async (board, card, said) => {
  card.classList.remove("busy");
  if (said) toast(said);
  const url = location.pathname + location.search;
  const answer = await fetchMarkup(url);
  if (!answer?.ok) return renew(board);
  const page = new DOMParser().parseFromString(answer.markup, "text/html");
  const fresh = page.querySelector(`.deal[data-id="${card.dataset.id}"]`);
  if (fresh) card.replaceWith(fresh);
  else card.dataset.at = laneOf(card);
  for (const lane of page.querySelectorAll("[data-lane]")) {
    const place = board.querySelector(`[data-lane="${CSS.escape(lane.dataset.lane)}"]`);
    for (const name of ["[data-count]", "[data-sum]"]) place.querySelector(name).textContent = lane.querySelector(name).textContent;
  }
  board.querySelector(`.deal[data-id="${card.dataset.id}"] > a`)?.focus({ preventScroll: true });
};

const goBack = (card, home) => {
  card.classList.remove("busy");
  home.before?.isConnected ? home.before.before(card) : home.cards.append(card);
};

const choose = (board, names, done, gone) => {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog sheet";
  dialog.setAttribute("aria-label", text("lane_how"));
  const body = document.createElement("div");
  body.className = "dialog-body ways";
  const head = document.createElement("h2");
  head.textContent = text("lane_how");
  body.append(head);
  let chosen = "";
  for (const name of names) {
    const button = document.createElement("button");
    button.className = "btn wide";
    button.textContent = planOf(board).ways[name].label;
    button.addEventListener("click", () => {
      chosen = name;
      dialog.close();
    });
    body.append(button);
  }
  dialog.append(body);
  dialog.addEventListener("close", () => {
    dialog.remove();
    chosen ? done(chosen) : gone();
  });
  document.body.append(dialog);
  dialog.showModal();
};

const change = async (board, card, target, done, gone) => {
  const plan = planOf(board);
  const body = new FormData();
  body.set("value", target === "-" ? "" : target);
  body.set("base", JSON.stringify(card.dataset.at || null));
  const answer = await send(`/o/${plan.object}/${card.dataset.id}/cell/${plan.field}`, body).catch(() => null);
  if (answer?.ok) {
    offerUndo(text("lane_moved", { lane: plan.labels[target] }), answer.headers.get("X-Undo"));
    return done("");
  }
  toast(await saidOf(answer), "bad");
  gone();
};

// Bring a card, which lies in its new lane already, to where that lane says; `home` is where it came from.
const move = (board, card, source, target, home) => {
  const plan = planOf(board);
  const names = way(board, source, target);
  const gone = () => goBack(card, home);
  const done = (said) => settle(board, card, said);
  if (!names) {
    toast(text("lane_none", { source: plan.labels[source], target: plan.labels[target] }), "bad");
    return gone();
  }
  card.classList.add("busy");
  if (!names.length) return change(board, card, target, done, gone);
  const go = (name) => {
    const chosen = plan.ways[name];
    const path = `/o/${plan.object}/${card.dataset.id}/transitions/${name}`;
    if (!chosen.asks) return take(path, board.dataset.token, { done, gone, target: chosen.choose ? target : "" });
    ask(path, { target: chosen.choose ? target : "", stays: true, done, gone });
  };
  // What asks for nothing goes before what skips with a reason: a drop means the plain way where there is one.
  const plain = names.filter((name) => !plan.ways[name].choose);
  const open = plain.length ? plain : names;
  open.length === 1 ? go(open[0]) : choose(board, open, go, gone);
};

const sortable = async (board) => {
  if (board.dataset.sorting || !Object.keys(planOf(board).moves).length) return;
  board.dataset.sorting = "true";
  let home = null;
  await draggable(lanes(board).map((lane) => lane.querySelector("[data-cards]")), {
    group: "board",
    draggable: ".deal:not(.locked)",
    filter: "[data-move]",
    preventOnFilter: false,
    fallbackClass: "drag",
    onStart: ({ item, from, oldDraggableIndex }) => {
      home = { cards: from, before: item.nextElementSibling, index: oldDraggableIndex };
      const source = laneOf(item);
      for (const one of lanes(board)) {
        const key = one.dataset.lane;
        one.querySelector("[data-cards]").classList.toggle("shut", key !== source && !way(board, source, key));
      }
    },
    onMove: ({ to }) => {
      for (const one of lanes(board)) one.querySelector("[data-cards]").classList.toggle("over", one.contains(to));
    },
    onEnd: ({ item, from, to }) => {
      for (const one of board.querySelectorAll("[data-cards]")) one.classList.remove("shut", "over");
      if (from === to) return;
      move(board, item, from.closest("[data-lane]").dataset.lane, to.closest("[data-lane]").dataset.lane, home);
    },
  });
};

// The menu of a card: where it may go, for keys and clicks.
const openMenu = (button) => {
  const board = button.closest("[data-board]");
  const card = button.closest(".deal");
  const source = laneOf(card);
  const plan = planOf(board);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog sheet";
  dialog.setAttribute("aria-label", text("lane_pick"));
  const body = element(`<div class="dialog-body ways"><h2></h2></div>`);
  body.firstElementChild.textContent = text("lane_pick");
  let target = "";
  for (const key of Object.keys(plan.moves[source] ?? {})) {
    const item = element(`<button class="menu-item" type="button"><span></span></button>`);
    item.firstElementChild.textContent = plan.labels[key] ?? key;
    item.addEventListener("click", () => {
      target = key;
      dialog.close();
    });
    body.append(item);
  }
  if (body.children.length === 1) body.append(element(`<p class="muted">—</p>`));
  dialog.append(body);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (!target) return button.focus();
    const home = { cards: card.parentElement, before: card.nextElementSibling };
    cardsIn(board, target)?.prepend(card);
    move(board, card, source, target, home);
  });
  document.body.append(dialog);
  dialog.showModal();
};

const more = async (link) => {
  link.classList.add("htmx-request");
  const answer = await fetchMarkup(link.href);
  if (!answer?.ok) return toast(text("failed"), "bad");
  const lane = link.closest("[data-lane]");
  const page = new DOMParser().parseFromString(answer.markup, "text/html");
  const cards = [...page.querySelectorAll(".deal")].filter((card) => !lane.querySelector(`.deal[data-id="${card.dataset.id}"]`));
  lane.querySelector("[data-cards]").append(...cards);
  lane.querySelector(".lane-foot").replaceWith(page.querySelector(".lane-foot"));
  cards[0]?.querySelector("a").focus({ preventScroll: true });
};

export const startBoard = () => {
  const attach = () => document.querySelectorAll("[data-board]").forEach((board) => sortable(board));
  attach();
  document.addEventListener("htmx:after:swap", attach);
  document.addEventListener("tenon:added", attach); // drawn anew, after an undoing say
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) openMenu(button);
    const link = event.target.closest("a[data-lane-more]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      more(link);
    }
  });
};
