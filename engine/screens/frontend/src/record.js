// A record's page: what one came from, with the records before and behind in it, and printing. The list is remembered in this tab: which
// records it showed, in which order, and under which address.
import htmx from "htmx.org/dist/htmx.esm.js";

const KEY = "tenon-list";

const remember = (event) => {
  const link = event.target.closest?.("#list a[href]");
  const found = link && /^\/o\/([a-z][a-z0-9_]*)\/(\d+)$/.exec(link.pathname);
  if (!found) return;
  const ids = [...document.querySelectorAll("#list [data-id]")].map((row) => row.dataset.id);
  if (!ids.includes(found[2])) return;
  sessionStorage.setItem(`${KEY}:${found[1]}`, JSON.stringify({ url: location.pathname + location.search, ids: [...new Set(ids)] }));
};

const listOf = (object) => {
  try {
    return JSON.parse(sessionStorage.getItem(`${KEY}:${object}`) ?? "null");
  } catch {
    return null;
  }
};

export const attachRecord = () => {
  const place = document.querySelector("[data-neighbours]");
  const object = place && location.pathname.split("/")[2];
  const list = object ? listOf(object) : null;
  const at = list ? list.ids.indexOf(place.dataset.id) : -1;
  if (at < 0) return;
  const [before, next] = place.querySelectorAll("a");
  for (const [link, id] of [[before, list.ids[at - 1]], [next, list.ids[at + 1]]]) {
    if (id) link.href = `/o/${object}/${id}`;
    else for (const [name, value] of [["role", "link"], ["aria-disabled", "true"]]) link.setAttribute(name, value);
  }
  place.querySelector("span").textContent = `${at + 1} / ${list.ids.length}`;
  place.hidden = false;
  const crumb = document.querySelector(".top-title .crumb[href]");
  if (crumb) crumb.href = list.url;
};

// A record is made in place for one of the lists; then the page is as the server now draws it, totals and all.
const add = async (link) => {
  const { openShort } = await import("./controls/making.js");
  const made = await openShort(link.dataset.add, link.href);
  if (made) htmx.ajax("GET", location.href, { target: ".main", select: ".main", swap: "outerMorph" });
};

export const startRecord = () => {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-add]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    add(link);
  });
  document.addEventListener("click", remember, true);
  document.addEventListener("click", (event) => event.target.closest?.("[data-print]") && print());
};
