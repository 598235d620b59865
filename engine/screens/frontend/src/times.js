// Relative times stay true while a page is open: "3 minutes ago" is counted again each minute, the exact time is in the title.
import { language, text } from "./texts.js";

const format = new Intl.RelativeTimeFormat(language === "zh" ? "zh-CN" : "en", { numeric: "auto" });
const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

const show = (time) => {
  const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  if (unit === "day" && Math.abs(seconds) > 86400 * 7) return; // the server wrote the date
  const shown = unit === "second" ? text("just_now") : format.format(Math.round(seconds / size), unit);
  time.textContent = language === "zh" ? shown.replace(/^(\d+)(?=\D)/, "$1 ") : shown;
};

let timer;
export const attachTimes = () => {
  const all = () => document.querySelectorAll("time[data-ago]").forEach(show);
  timer ??= setInterval(all, 60000);
};
