// Picking everything that the filters hold, beyond what is shown, and acting on it: batch by batch, with how far it has come, and at the end
// how many changed and which were refused and why.
import { element, saidOf, send } from "../send.js";
import { text } from "../texts.js";
import { offerUndo } from "./undo.js";
import { refresh } from "./refresh.js";

const object = () => location.pathname.split("/")[2];
const number = (value) => value.replace(/[^\d]/g, "");
const ACTS = ["edit", "delete", "restore", "picked"]; // what is done with everything; "picked": its export
let everything = false;

// How many there are, as the foot of the list says: "" while that is not known.
const total = () => document.querySelector("#list [data-total]")?.dataset.total ?? "";

const shownAll = () => !document.querySelector("#list-foot a[data-more], #rows .group-more, #rows .group[data-from]");

export const isEverything = () => everything;

// Say in the bar what is picked, and offer the rest where all that is shown is.
export const tellPicked = (some, all) => {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  if (!some || some < all) everything = false;
  let button = bar.querySelector("[data-everything]");
  const offer = some > 0 && some === all && !shownAll() && total();
  if (offer && !everything) {
    if (!button) {
      button = element('<button class="btn ghost link" type="button" data-everything></button>');
      bar.querySelector("[data-picked]").after(button);
    }
    button.textContent = text("everything_pick", { count: total() });
  } else button?.remove();
  for (const merging of bar.querySelectorAll('form[action$="/merge"]')) merging.hidden = everything;
  if (everything) for (const place of document.querySelectorAll("[data-picked]")) place.textContent = text("everything_picked", { count: total() });
};

const dialog = (count) => {
  const box = element(
    '<dialog class="dialog" id="everything" aria-labelledby="everything-title"><div class="dialog-body"><h2 id="everything-title" role="status"></h2><progress max="1" value="0"></progress><div class="everything-why" hidden><p class="muted"></p><ul class="why"></ul></div><div class="dialog-acts"><button class="btn" type="button"></button></div></div></dialog>',
  );
  const stop = box.querySelector("button");
  stop.textContent = text("everything_stop");
  box.querySelector("h2").textContent = text("everything_doing", { seen: 0, count });
  box.querySelector("progress").setAttribute("aria-label", text("everything_doing", { seen: 0, count }));
  document.body.append(box);
  box.showModal();
  return { box, stop };
};

const run = async (act, given) => {
  const count = total();
  const size = Number(number(count)) || 1;
  const { box, stop } = dialog(count);
  const sum = { changed: 0, seen: 0, refused: 0, why: [] };
  let going = true;
  let failed = "";
  stop.addEventListener("click", () => (going = false));
  box.addEventListener("cancel", (event) => (event.preventDefault(), (going = false)));
  let step = { last: 0, after: "", token: "" };
  while (going) {
    const answer = await send(`/o/${object()}/everything/${act}`, JSON.stringify({ ...given, ...step }), { "Content-Type": "application/json", "HX-Current-URL": location.href }).catch(() => null);
    if (!answer?.ok) {
      failed = await saidOf(answer);
      break;
    }
    const told = await answer.json();
    for (const name of ["changed", "seen", "refused"]) sum[name] += told[name];
    if (sum.why.length < 20) sum.why.push(...told.why);
    step = { last: told.last, after: told.after, token: told.token };
    box.querySelector("progress").value = Math.min(1, sum.seen / size);
    box.querySelector("h2").textContent = text("everything_doing", { seen: sum.seen.toLocaleString(), count });
    if (!told.after) break;
  }
  everything = false;
  await refresh();
  const said = [text("everything_done", { count: sum.changed.toLocaleString() }), failed, going || failed ? "" : text("everything_stopped")].filter(Boolean).join(" ");
  if (!sum.refused && !failed) {
    box.remove();
    return offerUndo(said, sum.changed ? step.token : "");
  }
  box.querySelector("h2").textContent = said;
  box.querySelector("progress").hidden = true;
  if (sum.refused) {
    const why = box.querySelector(".everything-why");
    why.hidden = false;
    why.querySelector("p").textContent = text("everything_refused", { count: sum.refused.toLocaleString() });
    for (const one of sum.why) {
      const item = document.createElement("li");
      const name = document.createElement("b");
      name.textContent = one.label;
      item.append(name, ` ${one.why}`);
      why.querySelector("ul").append(item);
    }
    if (sum.refused > sum.why.length) why.querySelector("ul").append(element(`<li>${text("everything_more", { count: sum.refused })}</li>`));
  }
  const close = stop.cloneNode();
  close.textContent = text("close");
  stop.replaceWith(close);
  close.addEventListener("click", () => box.remove());
  if (sum.changed) offerUndo(said, step.token);
};

const sure = (count, act) => {
  const box = element('<dialog class="dialog"><div class="dialog-body"><p></p><div class="dialog-acts"><button class="btn" type="button" data-close></button><button class="btn danger" type="button"></button></div></div></dialog>');
  box.querySelector("p").textContent = text("everything_sure", { count });
  const [close, go] = box.querySelectorAll("button");
  close.textContent = text("close");
  go.textContent = text("everything_delete");
  go.addEventListener("click", () => (box.remove(), act()));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
};

export const startEverything = (count) => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-everything]")) {
      everything = true;
      count();
      document.querySelector("#bulk-bar .btn:not([data-everything])")?.focus();
    }
    if (event.target.closest("[data-unpick]")) everything = false;
  });
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!everything || (form.id !== "bulk" && !form.matches("[data-bulk]"))) return;
      const act = form.id === "bulk" ? "edit" : new URL(form.action).pathname.split("/").at(-1);
      if (!ACTS.includes(act)) return; // two or three are merged, never everything
      event.preventDefault();
      event.stopImmediatePropagation();
      form.closest("dialog")?.close();
      const data = new FormData(form);
      if (act === "edit") run("update", { field: String(data.get("field") ?? ""), text: String(data.get("value") ?? "") });
      else if (act === "picked") location.assign(`/o/${object()}/export?${new URLSearchParams({ rest: location.search.slice(1) })}`);
      else if (act === "delete") sure(total(), () => run("delete", {}));
      else run("restore", {});
    },
    true,
  );
};
