// Days and moments: a calendar that speaks the page's language. Typing stays possible; the calendar only fills the text in.
import AirDatepicker from "air-datepicker";
import en from "air-datepicker/locale/en.js";
import zh from "air-datepicker/locale/zh.js";
import { language, text } from "../texts.js";

const locale = (language === "zh" ? zh : en).default ?? (language === "zh" ? zh : en);

const parse = (value) => {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?/.exec(value.trim());
  return match ? new Date(match[1], match[2] - 1, match[3], match[4] ?? 0, match[5] ?? 0) : null;
};

const choose = (shown, day) => {
  shown.setViewDate(day);
  shown.selectDate(day);
};

export const attachDate = (input, show) => {
  const given = parse(input.value);
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
    startDate: given ?? new Date(),
    onSelect: () => {
      if (!quiet) input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
  quiet = false;
  input.addEventListener("change", () => {
    const typed = parse(input.value);
    if (!typed || picker.selectedDates[0]?.getTime() === typed.getTime()) return;
    quiet = true;
    picker.selectDate(typed, { silent: true });
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
