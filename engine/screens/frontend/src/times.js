// Relative times stay true while a page is open: "3 minutes ago" is counted again each minute, the exact time is in the title.
import { language } from "./texts.js";

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
  time.textContent = unit === "second" ? format.format(0, "second") : format.format(Math.round(seconds / size), unit);
};

let timer;
export const attachTimes = () => {
  const all = () => document.querySelectorAll("time[data-ago]").forEach(show);
  timer ??= setInterval(all, 60000);
};
