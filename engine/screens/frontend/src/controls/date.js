// Days and moments: a calendar that speaks the page's language. Typing stays possible; the calendar only fills the text in.
import AirDatepicker from "air-datepicker";
import en from "air-datepicker/locale/en.js";
import zh from "air-datepicker/locale/zh.js";
import { language, text } from "../texts.js";
import { day } from "../values.js";

const locale = (language === "zh" ? zh : en).default ?? (language === "zh" ? zh : en);

// What the calendar may write as it reads it: a day that exists and, of a moment, hours and minutes alone. Everything else is left as it was
// typed: 30 February would become 1 March, and seconds or an offset would be lost.
const parse = (input) => {
  const match = /^(\S+?)(?: ([01]?\d|2[0-3]):([0-5]\d))?$/.exec(input.value.trim());
  const written = match && (match[2] !== undefined) === (input.dataset.control === "datetime") ? day(match[1]) : null;
  return written ? new Date(...written.split("-").map((part, at) => part - (at === 1)), match[2] ?? 0, match[3] ?? 0) : null;
};

const choose = (shown, day) => {
  shown.setViewDate(day);
  shown.selectDate(day);
};

// A calendar that was just made writes the day that it was given a moment later: what is typed meanwhile stays.
const keepTyped = (input) => {
  let typed = null;
  const note = () => {
    typed = input.value;
  };
  input.addEventListener("input", note);
  setTimeout(() => {
    input.removeEventListener("input", note);
    if (typed !== null) input.value = typed;
  });
};

export const attachDate = (input, show) => {
  const given = parse(input);
  let quiet = true;
  const picker = new AirDatepicker(input, {
    locale: { ...locale, dateFormat: "yyyy-MM-dd", timeFormat: "HH:mm", firstDay: 1, today: text("today"), clear: text("clear") },
    ...(input.closest("dialog") ? { container: input.closest("dialog") } : {}),
    navTitles: {
      days: language === "zh" ? ({ viewDate }) => `${viewDate.getFullYear()}年${viewDate.getMonth() + 1}月` : "MMMM yyyy",
      months: language === "zh" ? ({ viewDate }) => `${viewDate.getFullYear()}年` : "yyyy",
    },
    timepicker: input.dataset.control === "datetime",
    minutesStep: 5,
    autoClose: input.dataset.control === "date",
    keyboardNav: false,
    buttons: [{ content: text("today"), onClick: (shown) => choose(shown, new Date()) }, "clear"],
    selectedDates: given ? [given] : false,
    startDate: given ?? new Date(day(input.value.slice(0, 10)) ?? Date.now()),
    onSelect: () => {
      if (!quiet) input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
  quiet = false;
  keepTyped(input);
  input.addEventListener("change", () => {
    const typed = parse(input);
    if (!typed || picker.selectedDates[0]?.getTime() === typed.getTime()) return;
    quiet = true;
    picker.selectDate(typed, { silent: true, updateTime: true }); // else the clock of now would be put in place of what was typed
    quiet = false;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && picker.visible) {
      picker.hide();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" && !picker.visible) picker.show();
    else if (event.key === "Tab") picker.hide();
  });
  if (show) picker.show();
};
