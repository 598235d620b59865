// Calendars: a record is dragged to another day, or moved there by Alt and the arrow keys; what is refused goes back.
import { draggable } from "../../frontend/src/dragging.js";
import { fetchMarkup, saidOf, send } from "../../frontend/src/send.js";
import { text } from "../../frontend/src/texts.js";
import { toast } from "../../frontend/src/toasts.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const dayOf = (event) => event.closest("[data-day]").dataset.day;

const renew = async (number) => {
  const answer = await fetchMarkup(location.pathname + location.search);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(answer.markup, "text/html");
  document.querySelector("#rows-part").replaceWith(page.querySelector("#rows-part"));
  const moved = document.querySelector(`.event[data-id="${number}"]`);
  moved?.closest("details")?.setAttribute("open", "");
  moved?.querySelector("a").focus({ preventScroll: true });
  start();
};

const move = async (event, day) => {
  const month = event.closest("[data-month]");
  const { id, clock, base } = event.dataset;
  const body = new FormData();
  body.set("value", clock ? `${day} ${clock}` : day);
  body.set("base", base);
  event.classList.add("busy");
  const answer = await send(`${month.dataset.month}/${id}/cell/${month.dataset.at}`, body).catch(() => null);
  if (answer?.ok) toast(text("calendar_moved", { day }));
  else toast(await saidOf(answer), "bad");
  await renew(id);
};

const start = async () => {
  const month = document.querySelector("[data-month]");
  if (!month || month.dataset.sorting) return;
  month.dataset.sorting = "true";
  await draggable(month.querySelectorAll("[data-events]"), {
    group: "month",
    draggable: ".event:not(.locked)",
    onEnd: ({ item, from, to }) => {
      if (from.closest("[data-day]") !== to.closest("[data-day]")) move(item, dayOf(item));
    },
  });
};

document.addEventListener("keydown", (pressed) => {
  const event = pressed.target.closest?.("[data-month] .event:not(.locked)");
  if (!event || !pressed.altKey || !(pressed.key in STEPS)) return;
  pressed.preventDefault();
  const day = new Date(`${dayOf(event)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + STEPS[pressed.key]);
  move(event, day.toISOString().slice(0, 10));
});
document.addEventListener("htmx:after:swap", start);
start();
