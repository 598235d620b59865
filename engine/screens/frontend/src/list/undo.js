// Undoing: what was done last on this object's lists, as a message that offers it and by Ctrl-Z; what was undone can be done again.
import { saidOf, send } from "../send.js";
import { text } from "../texts.js";
import { offer, toast } from "../toasts.js";
import { refresh } from "./refresh.js";

const MOST = 30; // acts that a tab remembers
const object = () => /^\/o\/([a-z][a-z0-9_]*)/.exec(location.pathname)?.[1] ?? "";
const key = () => `tenon-undo-${object()}`;
const read = () => JSON.parse(sessionStorage.getItem(key()) ?? "[]");
const write = (tokens) => sessionStorage.setItem(key(), JSON.stringify(tokens.slice(-MOST)));
let busy = false;

export const remember = (token) => {
  if (token) write([...read().filter((one) => one !== token), token]);
};

const forget = (token) => write(read().filter((one) => one !== token));

// Undo what a token stands for, part by part; answers whether it worked.
export const undo = async (token) => {
  if (busy) return false;
  busy = true;
  forget(token);
  try {
    let again = "";
    let count = 0;
    const refused = [];
    for (;;) {
      const answer = await send(`/o/${object()}/undo/${token}`, JSON.stringify({ again }), { "Content-Type": "application/json" });
      if (!answer.ok) return toast(await saidOf(answer), "bad"), false;
      const done = await answer.json();
      again = done.again;
      count += done.count;
      refused.push(...done.refused);
      if (done.left) continue;
      await refresh();
      offerUndo(refused.length || !count ? done.said : text("undone", { count }), again, text("redo"), refused.length ? "bad" : "");
      return true;
    }
  } finally {
    busy = false;
  }
};

export const offerUndo = (message, token, label = text("undo"), kind = "") => {
  document.querySelector(".toast.undo")?.remove(); // the newest takes the place of the one before
  remember(token);
  offer(message, label, token ? () => undo(token) : null, `undo ${kind}`);
};

export const startUndo = () => {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "z") return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable=true], dialog")) return;
    const token = read().at(-1);
    if (!token || !document.getElementById("list")) return;
    event.preventDefault();
    undo(token);
  });
  // What the server offers to undo: by the key as well, and without leaving the page.
  for (const form of document.querySelectorAll("#toasts form")) {
    const token = /\/undo\/([\w-]+)$/.exec(form.getAttribute("action"))?.[1];
    if (token) remember(token);
  }
  document.addEventListener("submit", (event) => {
    const token = /\/undo\/([\w-]+)$/.exec(event.target.getAttribute?.("action") ?? "")?.[1];
    if (!token || !document.getElementById("list")) return;
    event.preventDefault();
    event.target.closest(".toast")?.remove();
    undo(token);
  });
};
