// How the table stands, kept per person: widths of columns drawn or set by arrow keys, how high rows are, how many columns stay when it is
// scrolled sideways.
import { element, send } from "../send.js";
import { text } from "../texts.js";
import { toast } from "../toasts.js";

const LEAST = 48;
const MOST = 900;
const STEP = 16; // pixels an arrow key
const SOON = 400; // milliseconds: what is drawn is kept when the hand rests

const grid = () => document.querySelector("#list table.grid");
const heads = () => [...grid().querySelectorAll("thead th:not(.pick)")];
let timer = null;

const keep = async (habits) => {
  const answer = await send(document.querySelector("form[data-habits]").getAttribute("action"), JSON.stringify(habits), { "Content-Type": "application/json" }).catch(() => null);
  if (!answer?.ok) toast(text("failed"), "bad");
};

// From the first drawing on every column has a width of its own: those of the others are what they are at that moment.
const fix = () => {
  const table = grid();
  if (table.classList.contains("sized")) return;
  const widths = [...table.querySelectorAll("thead th")].map((head) => Math.round(head.getBoundingClientRect().width));
  table.querySelector("colgroup")?.remove();
  const columns = document.createElement("colgroup");
  for (const width of widths) columns.append(Object.assign(document.createElement("col"), { width }));
  table.prepend(columns);
  table.classList.add("sized");
  sum();
};

const sum = () => {
  const table = grid();
  table.width = [...table.querySelectorAll("col")].reduce((all, one) => all + Number(one.width), 0);
  stay();
};

const column = (head) => grid().querySelectorAll("col")[[...head.parentElement.children].indexOf(head)];

const resize = (head, width) => {
  fix();
  column(head).width = Math.round(Math.max(LEAST, Math.min(MOST, width)));
  sum();
  clearTimeout(timer);
  timer = setTimeout(() => {
    const widths = Object.fromEntries(heads().map((one) => [one.dataset.name, Math.max(LEAST, Math.min(MOST, Number(column(one).width)))]));
    keep({ widths });
  }, SOON);
};

const draw = (event, head) => {
  event.preventDefault();
  event.stopPropagation();
  fix();
  const [from, width] = [event.clientX, Number(column(head).width)];
  const handle = event.target;
  handle.setPointerCapture(event.pointerId);
  document.documentElement.classList.add("sizing");
  const move = (now) => resize(head, width + now.clientX - from);
  const end = () => {
    handle.removeEventListener("pointermove", move);
    document.documentElement.classList.remove("sizing");
  };
  handle.addEventListener("pointermove", move);
  handle.addEventListener("pointerup", end, { once: true });
  handle.addEventListener("pointercancel", end, { once: true });
};

const usual = () => {
  const table = grid();
  table?.querySelector("colgroup")?.remove();
  table?.classList.remove("sized");
  table?.removeAttribute("width");
  stay();
  keep({ widths: {} });
};

// Where the second and third column that stay begin: behind those before them.
const stay = () => {
  const table = grid();
  if (!table) return;
  let left = 0;
  [...table.querySelectorAll("thead th")].slice(0, 4).forEach((head, place) => {
    table.style.setProperty(`--left-${place}`, `${left}px`);
    left += head.getBoundingClientRect().width;
  });
};

const handles = () => {
  for (const head of grid()?.querySelectorAll("thead th[data-name]:not(:has(.col-size))") ?? []) {
    const handle = element('<span class="col-size" aria-hidden="true"></span>');
    handle.title = text("column_width");
    handle.addEventListener("pointerdown", (event) => draw(event, head));
    handle.addEventListener("click", (event) => event.preventDefault());
    head.addEventListener("keydown", (event) => {
      if (!event.shiftKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
      event.preventDefault();
      event.stopPropagation();
      resize(head, head.getBoundingClientRect().width + (event.key === "ArrowLeft" ? -STEP : STEP));
    });
    head.append(handle);
  }
};

const choose = (button) => {
  const table = grid();
  for (const one of button.parentElement.children) {
    one.toggleAttribute("aria-current", one === button);
    one.setAttribute("aria-pressed", String(one === button));
  }
  const kind = button.name === "density" ? "dense" : "freeze";
  for (const name of [...(table?.classList ?? [])]) if (name.startsWith(`${kind}-`)) table.classList.remove(name);
  table?.classList.add(`${kind}-${button.value}`);
  stay();
  keep(button.name === "density" ? { density: button.value } : { frozen: Number(button.value) });
};

export const startStand = () => {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-habits]") || !event.submitter) return;
    event.preventDefault();
    choose(event.submitter);
  });
  document.addEventListener("click", (event) => event.target.closest("[data-usual-widths]") && usual());
  addEventListener("resize", () => grid() && stay());
};

export const attachStand = () => {
  if (!grid()) return;
  handles();
  stay();
};
