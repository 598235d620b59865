// Undoing: what was done last on this object's lists, as a message that offers it and by Ctrl-Z, one act after the other; what was undone is
// done again by Ctrl-Shift-Z (or Ctrl-Y), until something else is done.
import { saidOf, send } from "../send.js";
import { text } from "../texts.js";
import { offer, toast } from "../toasts.js";
import { refresh } from "./refresh.js";

const MOST = 30; // acts that a tab remembers
const [DONE, UNDONE] = ["undo", "redo"];
const object = () => /^\/o\/([a-z][a-z0-9_]*)/.exec(location.pathname)?.[1] ?? "";
const key = (kind) => `tenon-${kind}-${object()}`;
const read = (kind) => JSON.parse(sessionStorage.getItem(key(kind)) ?? "[]");
const write = (kind, tokens) => sessionStorage.setItem(key(kind), JSON.stringify(tokens.slice(-MOST)));
let busy = false;

const remember = (token, kind = DONE) => {
  if (token) write(kind, [...read(kind).filter((one) => one !== token), token]);
};

const forget = (token) => [DONE, UNDONE].forEach((kind) => write(kind, read(kind).filter((one) => one !== token)));

// Undo what a token stands for, part by part; answers whether it worked. `kind`: what became of it, done or, by an undoing, undone.
const undo = async (token, kind = DONE) => {
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
      const said = refused.length || !count ? done.said : text(kind === DONE ? "undone" : "redone", { count });
      tell(said, again, kind === DONE ? UNDONE : DONE, refused.length ? "bad" : "");
      return true;
    }
  } finally {
    busy = false;
  }
};

const tell = (message, token, kind, tone = "") => {
  document.querySelector(".toast.undo")?.remove(); // the newest takes the place of the one before
  remember(token, kind);
  offer(message, text(kind), token ? () => undo(token, kind) : null, `undo ${tone}`);
};

export const offerUndo = (message, token) => {
  write(UNDONE, []);
  tell(message, token, DONE);
};

export const startUndo = () => {
  document.addEventListener("keydown", (event) => {
    const pressed = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (pressed !== "z" && (pressed !== "y" || event.shiftKey))) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable=true], dialog")) return;
    const kind = event.shiftKey || pressed === "y" ? UNDONE : DONE;
    const token = read(kind).at(-1);
    if (!token || !document.getElementById("list")) return;
    event.preventDefault();
    undo(token, kind);
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
