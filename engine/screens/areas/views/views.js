// Calendars: a record is dragged to another day or hour, or moved there by Alt and the arrow keys, which can be undone; what is refused
// goes back.
import { draggable } from "../../frontend/src/dragging.js";
import { offerUndo } from "../../frontend/src/list/undo.js";
import { fetchMarkup, saidOf, send } from "../../frontend/src/send.js";
import { text } from "../../frontend/src/texts.js";
import { toast } from "../../frontend/src/toasts.js";

const HOUR = 3_600_000;
const DAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const HOURS = { ArrowUp: -1, ArrowDown: 1 };
const dayOf = (event) => event.closest("[data-day]").dataset.day;
const hourOf = (event) => event.closest("[data-hour]")?.dataset.hour ?? "";
const at = (moment) => [moment.toISOString().slice(0, 10), moment.toISOString().slice(11, 16)];

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

// Bring a record to a day, and to a time ("" where it has none).
const move = async (event, day, clock) => {
  const month = event.closest("[data-month]");
  const { id, base } = event.dataset;
  const body = new FormData();
  body.set("value", clock ? `${day} ${clock}` : day);
  body.set("base", base);
  event.classList.add("busy");
  const answer = await send(`${month.dataset.month}/${id}/cell/${month.dataset.at}`, body).catch(() => null);
  if (answer?.ok) offerUndo(text("calendar_moved", { day: clock && month.matches(".clocked") ? `${day} ${clock}` : day }), answer.headers.get("X-Undo"));
  else toast(await saidOf(answer), "bad");
  await renew(id);
};

// Into another hour: its minutes stay.
const clockIn = (event, place) => (hourOf(place) ? hourOf(place).slice(0, 3) + event.dataset.clock.slice(3) : event.dataset.clock);

const start = async () => {
  const month = document.querySelector("[data-month]");
  if (!month || month.dataset.sorting) return;
  month.dataset.sorting = "true";
  await draggable(month.querySelectorAll("[data-events]"), {
    group: "month",
    draggable: ".event:not(.locked)",
    emptyInsertThreshold: 0, // hours lie close together: what counts is where the pointer is
    onStart: () => month.classList.add("moving"),
    onEnd: ({ item, from, to }) => {
      month.classList.remove("moving");
      if (dayOf(from) !== dayOf(to) || hourOf(from) !== hourOf(to)) move(item, dayOf(to), clockIn(item, to));
    },
  });
};

document.addEventListener("keydown", (pressed) => {
  const event = pressed.target.closest?.("[data-month] .event:not(.locked)");
  if (!event || !pressed.altKey || !(pressed.key in DAYS)) return;
  pressed.preventDefault();
  const { clock } = event.dataset;
  const moment = new Date(`${dayOf(event)}T${clock || "00:00"}Z`);
  const hours = event.closest(".clocked") ? HOURS[pressed.key] : 0;
  if (hours) moment.setTime(moment.getTime() + hours * HOUR);
  else moment.setUTCDate(moment.getUTCDate() + DAYS[pressed.key]);
  const [day, time] = at(moment);
  move(event, day, clock && time);
});
document.addEventListener("htmx:after:swap", start);
document.addEventListener("tenon:added", start);
start();
