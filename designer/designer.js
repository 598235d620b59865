// The designer's pages: each act is posted and answered with the changed parts, in order; what is typed keeps its focus and caret. Without
// it everything works by plain forms. Drag is one way beside clicks and keys; undo and redo have the keys that everybody knows.
import { fetchMarkup, element } from "../engine/screens/frontend/src/send.js";
import { toast } from "../engine/screens/frontend/src/toasts.js";

const bench = () => document.getElementById("bench");
const stack = () => document.querySelector(".dz-stack"); // the pages of views and checks
let queue = Promise.resolve();
let pressed = false;
let released = () => {};
addEventListener("pointerdown", () => (pressed = true), true);
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => { pressed = false; setTimeout(() => released()); }, true);
let open = 0; // acts on their way, and typing about to be sent
const busy = (by) => {
  open += by;
  document.body.toggleAttribute("data-saving", open > 0);
};
const inTurn = (work) => {
  busy(1);
  queue = queue.then(work).catch(() => null).finally(() => busy(-1));
  return queue;
};
// Told when it is sent, not when it was clicked: what somebody did just before is no change by others.
const current = (body) => {
  const rev = document.getElementById("designer-acts")?.dataset.rev;
  if (rev && body.has("rev")) body.set("rev", rev);
  return body;
};
const calm = () => (pressed ? new Promise((go) => (released = go)) : null); // a swap under a held button would swallow its click

const kept = () => {
  const at = document.activeElement;
  const caret = at && "selectionStart" in at && at.type !== "checkbox" ? [at.selectionStart, at.selectionEnd] : null;
  const scroll = [...document.querySelectorAll(".dz-palette, .dz-canvas, .dz-panel")].map((one) => one.scrollTop);
  const folds = new Map([...document.querySelectorAll(".dz-panel details[id], .dz-stack details[id]")].map((one) => [one.id, one.open]));
  return { id: at?.id, value: at?.value, caret, scroll, folds, field: bench()?.dataset.field };
};

const restore = (was) => {
  document.querySelectorAll(".dz-palette, .dz-canvas, .dz-panel").forEach((one, index) => (one.scrollTop = was.scroll[index] ?? 0));
  const same = was.field === bench().dataset.field;
  if (bench().dataset.typing) {
    const first = document.querySelector(".dz-panel [data-first]");
    first?.focus({ preventScroll: true });
    first?.select();
    document.querySelector(".dz-item.here")?.scrollIntoView({ block: "nearest" });
    return;
  }
  if (same) unfold(was);
  refocus(was);
};

const unfold = (was) => {
  for (const [id, open] of was.folds) {
    const fold = document.getElementById(id);
    if (fold && open) fold.open = true;
  }
};

const refocus = (was) => {
  const again = was.id && document.getElementById(was.id);
  if (!again) return;
  if (again.matches(".input, .dz-title-input, textarea") && was.value !== undefined) again.value = was.value; // typed on meanwhile
  again.focus({ preventScroll: true });
  if (was.caret && again.setSelectionRange && again.type !== "checkbox") try { again.setSelectionRange(...was.caret); } catch { /* a control without a caret */ }
};

const show = (markup) => {
  const box = document.createElement("template");
  box.innerHTML = markup;
  const was = kept();
  for (const part of [...box.content.children]) document.getElementById(part.id)?.replaceWith(part);
  attach();
  restore(was);
  const { object, field, tab, phone } = bench().dataset;
  const asked = new URLSearchParams(Object.entries({ field, tab, phone }).filter(([, value]) => value));
  history.replaceState(history.state, "", `/designer/objects/${object}${asked.size ? "?" : ""}${asked}`);
};

// A page of plain forms as it is now: its own part, and the bar.
const showStack = (markup) => {
  const page = new DOMParser().parseFromString(markup, "text/html");
  const was = kept();
  for (const part of [".dz-stack", "#designer-acts"]) {
    const fresh = page.querySelector(part);
    if (fresh) document.querySelector(part)?.replaceWith(fresh);
  }
  attach();
  unfold(was);
  refocus(was);
};

const postStack = (url, body) => {
  inTurn(async () => {
    const found = await fetchMarkup(url, current(body)).catch(() => null);
    if (!found) return;
    await calm();
    if (found.ok) return showStack(found.markup);
    toast(found.markup, "bad");
    if (found.status !== 409) return;
    const now = await fetchMarkup(location.pathname);
    if (now?.ok) showStack(now.markup);
  });
};

const post = (url, body) => {
  inTurn(async () => {
    const found = await fetchMarkup(url, current(body)).catch(() => null);
    if (!found) return;
    await calm();
    if (found.ok) return show(found.markup);
    toast(found.markup, "bad");
    if (found.status === 409) await look(location.href);
  });
  return queue;
};

const look = async (url) => {
  const found = await fetchMarkup(url).catch(() => null);
  if (found?.ok) show(found.markup);
};

const act = (values) => {
  const body = new FormData();
  const { field, tab, phone } = bench().dataset;
  const rev = document.getElementById("designer-acts")?.dataset.rev ?? "";
  for (const [key, value] of Object.entries({ at: field, seen: tab, phone, rev, ...values })) body.set(key, value);
  return post(bench().dataset.act, body);
};

const sent = new WeakMap();
const save = (form) => {
  if (!bench()) return form.requestSubmit();
  const body = new FormData(form);
  const said = new URLSearchParams([...body].filter(([key]) => !["rev", "csrf_token", "at", "seen"].includes(key))).toString();
  if (sent.get(form) === said) return;
  sent.set(form, said);
  body.set("rev", document.getElementById("designer-acts")?.dataset.rev ?? "");
  post(form.action, body);
};
const initial = (form) => sent.set(form, new URLSearchParams([...new FormData(form)].filter(([key]) => !["rev", "csrf_token", "at", "seen"].includes(key))).toString());

const sorted = (event) => {
  const to = event.to;
  const { tab, section } = to.dataset;
  const index = [...to.children].filter((one) => one.matches(".dz-item, [data-type]")).indexOf(event.item);
  const { item, type } = event.item.dataset;
  if (type) act({ act: "add", type, tab, section, index });
  else if (event.from !== to || event.oldIndex !== event.newIndex) act({ act: "move", field: item, tab, section, index });
};

let dragging = null;
const drag = async () => {
  dragging ??= import("sortablejs");
  const { default: Sortable } = await dragging;
  const common = { animation: 120, forceFallback: true, fallbackOnBody: true, delay: 180, delayOnTouchOnly: true, fallbackTolerance: 4 };
  for (const box of document.querySelectorAll("[data-drop]:not([data-sorts])")) {
    box.dataset.sorts = "1";
    Sortable.create(box, { ...common, group: "fields", draggable: ".dz-item", onEnd: sorted, filter: ".dz-hint" });
  }
  for (const box of document.querySelectorAll("[data-kinds]:not([data-sorts])")) {
    box.dataset.sorts = "1";
    Sortable.create(box, { ...common, group: { name: "fields", pull: "clone", put: false }, sort: false, filter: ":has(:disabled)", onEnd: (event) => event.to !== event.from && sorted(event) });
  }
};

const openDialog = async (url) => {
  await queue;
  const found = await fetchMarkup(url);
  const box = document.getElementById("dz-dialog");
  if (!found || !box) return;
  if (!found.ok) return toast(found.markup, "bad");
  box.replaceChildren(element(found.markup));
  if (!box.open) box.showModal();
};

const watch = async (box) => {
  for (;;) {
    const found = await fetchMarkup(`/designer/publish/state?back=${encodeURIComponent(location.pathname.startsWith("/designer/objects") ? location.pathname + location.search : "/designer")}`).catch(() => null);
    if (found?.ok) {
      box.replaceChildren(element(found.markup));
      if (box.firstElementChild.dataset.state !== "running") break;
    }
    await new Promise((go) => setTimeout(go, 300));
  }
  if (box.firstElementChild.dataset.state === "done" && bench()) look(location.href);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-begin]")) {
    const box = form.closest("dialog, [data-state-box]");
    if (!box) return;
    event.preventDefault();
    fetchMarkup(form.action, new FormData(form)).then((found) => (found?.ok ? watch(box) : found && toast(found.markup, "bad")));
    return;
  }
  const turn = form.matches("[data-turn]");
  if (stack() && (turn || form.closest(".dz-stack") || form.matches("[data-closes][action^='/designer/objects/']"))) {
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    if (turn) body.set("next", location.pathname);
    else body.set("rev", "");
    form.closest("dialog")?.close();
    return postStack(form.action, body);
  }
  if (!bench() || !(turn || form.action.endsWith(bench().dataset.act))) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  if (turn) {
    body.set("next", location.pathname + location.search);
    return post(form.action, body);
  }
  const rev = document.getElementById("designer-acts")?.dataset.rev;
  if (rev) body.set("rev", rev);
  if (!body.has("at")) body.set("at", bench().dataset.field);
  if (!body.has("seen")) body.set("seen", bench().dataset.tab);
  if (form.matches("[data-closes]")) form.closest("dialog")?.close();
  for (const one of form.querySelectorAll('input[name="value"]:not([type="hidden"])')) if (form.matches(".dz-inline")) one.value = "";
  post(form.action, body);
});

let waiting = null;
const settled = () => {
  if (waiting) busy(-1);
  clearTimeout(waiting);
  waiting = null;
};
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-impact-part]")) {
    if (event.target.closest("dialog")) openDialog(event.target.value);
    else location.assign(event.target.value);
    return;
  }
  const form = event.target.closest?.("form[data-auto]");
  if (!form) return;
  settled();
  save(form);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-auto]");
  if (!form || !bench() || !event.target.matches(".input, .dz-title-input, textarea") || event.isComposing) return;
  if (!waiting) busy(1);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    settled();
    if (form.isConnected) save(form);
  }, 500);
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const publish = event.target.closest?.("[data-publish], [data-impact]");
  if (publish && document.getElementById("dz-dialog")) {
    event.preventDefault();
    if (publish.getAttribute("aria-disabled") !== "true") openDialog(publish.href);
    return;
  }
  const back = event.target.closest?.("dialog [data-back]");
  if (back && bench()) {
    event.preventDefault();
    back.closest("dialog").close();
    return;
  }
  const link = event.target.closest?.(".dz-bench a[href^='?']");
  if (!link) return;
  event.preventDefault();
  inTurn(async () => {
    await look(new URL(link.getAttribute("href"), location.href));
    document.getElementById(link.id)?.focus({ preventScroll: true });
  });
});

// Ctrl-Z and Ctrl-Shift-Z (or Ctrl-Y) go back and on over the draft; inside a text they are the text's own.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !["z", "y"].includes(event.key.toLowerCase())) return;
  const at = event.composedPath()[0];
  const typing = at.isContentEditable || at.matches?.("textarea, input:not([type=checkbox], [type=radio])");
  if (event.defaultPrevented || typing || document.querySelector("dialog[open]")) return;
  const name = event.key.toLowerCase() === "y" || event.shiftKey ? "dz-redo" : "dz-undo";
  const button = document.getElementById(name);
  if (!button) return;
  event.preventDefault();
  queue.then(() => document.getElementById(name)?.click());
});

// Alt with an arrow moves the selected field.
document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.(".dz-item");
  if (!item || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  act({ act: "step", field: item.dataset.item, at: item.dataset.item, by: event.key === "ArrowUp" ? "-1" : "1" });
});

const attach = () => {
  document.querySelectorAll("form[data-auto]").forEach(initial);
  if (bench()) drag();
};
attach();
const stateBox = document.querySelector("[data-state-box]");
if (stateBox?.querySelector('[data-state="running"]')) watch(stateBox);
if (document.querySelector("[data-yaml]")) import("./editor.js").then(({ start }) => start());
