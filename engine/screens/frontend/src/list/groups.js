// Groups of a list: folding them, bringing the rows of those that come into sight. What is folded stands in the address.
import { fetchMarkup } from "../send.js";
import { text } from "../texts.js";
import { toast } from "../toasts.js";
import { keepAddress } from "./address.js";

const EVERY = "*";
const quote = (value) => value.replaceAll("\\", "\\\\").replaceAll(",", "\\,");

const members = (name) => document.querySelectorAll(`#rows > tr[data-in="${CSS.escape(name)}"]`);

const remember = () => {
  const heads = [...document.querySelectorAll("#rows > tr.group")];
  const shut = heads.filter((head) => head.querySelector("[aria-expanded=false]")).map((head) => quote(head.dataset.group));
  keepAddress((search) => {
    if (!shut.length) search.delete("shut");
    else search.set("shut", shut.length === heads.length ? EVERY : shut.join(","));
  });
};

// Put rows that were answered in the place of `mark`, a row; tell everybody of them.
const take = (mark, markup) => {
  const table = document.createElement("template");
  table.innerHTML = `<table><tbody>${markup}</tbody></table>`;
  const fresh = [...table.content.querySelectorAll("tr")];
  mark.after(...fresh);
  document.dispatchEvent(new CustomEvent("tenon:rows"));
  fresh[0]?.dispatchEvent(new Event("tenon:added", { bubbles: true }));
  watch();
  return fresh;
};

const fold = (head) => {
  const link = document.querySelector(`#rows > tr.group-more[data-in="${CSS.escape(head.dataset.group)}"] a`);
  const part = new URL(link?.href ?? location.href);
  part.pathname = `${location.pathname}/group/${head.dataset.group}`;
  for (const name of ["after", "shut"]) part.searchParams.delete(name);
  head.dataset.from = part.pathname + part.search;
  for (const row of members(head.dataset.group)) row.remove();
};

const unfold = async (head) => {
  const from = head.dataset.from;
  if (!from) return true;
  const answer = await fetchMarkup(from);
  if (!answer?.ok) return toast(text("failed"), "bad"), false;
  delete head.dataset.from;
  take(head, answer.markup);
  return true;
};

const toggle = async (button) => {
  const head = button.closest("tr");
  const opening = button.getAttribute("aria-expanded") === "false";
  button.setAttribute("aria-expanded", String(opening));
  if (!opening) fold(head);
  else if (!(await unfold(head))) button.setAttribute("aria-expanded", "false");
  remember();
  document.dispatchEvent(new CustomEvent("tenon:rows"));
};

const more = async (link, { auto = false } = {}) => {
  if (link.dataset.busy) return;
  link.dataset.busy = "1";
  const row = link.closest("tr");
  const answer = await fetchMarkup(link.href);
  delete link.dataset.busy;
  if (!row.isConnected) return;
  if (!answer?.ok) return void (auto || toast(text("failed"), "bad"));
  const fresh = take(row, answer.markup);
  row.remove();
  if (!auto) fresh[0]?.querySelector(".c-title a")?.focus({ preventScroll: true });
};

const sight = new IntersectionObserver(
  (seen) => {
    for (const one of seen) {
      if (!one.isIntersecting) continue;
      sight.unobserve(one.target);
      more(one.target, { auto: true });
    }
  },
  { rootMargin: "200px" },
);

const watch = () => {
  for (const link of document.querySelectorAll("#rows [data-auto]:not([data-watched])")) {
    link.dataset.watched = "";
    sight.observe(link);
  }
};

export const startGroups = () => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".group-toggle");
    if (button) toggle(button);
    const link = event.target.closest("a[data-group-more]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      more(link);
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-pick-group]")) return;
    for (const row of members(event.target.closest("tr").dataset.group)) {
      const box = row.querySelector(".pick input");
      if (box) box.checked = event.target.checked;
    }
  });
};

export const attachGroups = watch;
