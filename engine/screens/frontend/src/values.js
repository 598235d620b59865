// Values between controls and rules: a control's text as the API writes the value, a value as the control's text, a computed value
// as people read it.
import { grouped, plain } from "./controls/number.js";

const UNITS = { 百: 2, 千: 3, 万: 4, 亿: 8, w: 4, k: 3 };

// Move the decimal point of a decimal text, exactly.
export const shift = (number, places) => {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(number);
  if (!match || !(match[2] || match[3])) return null;
  const digits = (match[2] || "") + (match[3] || "");
  let point = (match[2] || "").length + places;
  let padded = digits;
  if (point < 0) {
    padded = "0".repeat(-point) + padded;
    point = 0;
  }
  if (point > padded.length) padded += "0".repeat(point - padded.length);
  const whole = padded.slice(0, point).replace(/^0+(?=\d)/, "") || "0";
  const part = padded.slice(point).replace(/0+$/, "");
  const value = part ? `${whole}.${part}` : whole;
  return match[1] && value !== "0" ? `-${value}` : value;
};

// What is a number beyond doubt. The rest is null until the field is left: the server reads it then, and its reading comes back (reading.js).
const decimal = (typed, control) => {
  let number = plain(typed).replace(/^\+(?=\d)/, "");
  let places = 0;
  if (control.dataset.control === "percent") {
    if (number.endsWith("%")) number = number.slice(0, -1).trimEnd();
    else if (Math.abs(Number(number)) < 1) return shift(number, 0);
    return shift(number, -2);
  }
  const unit = UNITS[number.at(-1)?.toLowerCase()];
  if (unit) {
    places = unit;
    number = number.slice(0, -1);
  }
  return shift(number, places);
};

const offset = (moment, zone) => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(moment);
  const of = (type) => Number(parts.find((part) => part.type === type).value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(moment / 1000) * 1000;
};

const moment = (typed, zone) => {
  const match = /^(\d{4}-\d{1,2}-\d{1,2})[ T]([01]?\d|2[0-3]):([0-5]\d)$/.exec(typed.trim());
  const written = match && day(match[1]);
  if (!written) return null;
  const naive = Date.parse(`${written}T${match[2].padStart(2, "0")}:${match[3]}:00Z`);
  const guess = naive - offset(naive, zone);
  return new Date(naive - offset(guess, zone)).toISOString();
};

// A day as it is written in figures, null for one that does not exist: 30 February is no 1 March.
export const day = (typed) => {
  const match = /^([1-9]\d{3})(?:-(\d{1,2})-(\d{1,2})|\/(\d{1,2})\/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)$/.exec(typed.trim());
  if (!match) return null;
  const [year, month, date] = match.slice(1).filter(Boolean).map(Number);
  const found = new Date(Date.UTC(year, month - 1, date));
  return found.getUTCMonth() === month - 1 && found.getUTCDate() === date ? found.toISOString().slice(0, 10) : null;
};

const single = (control) => (control instanceof RadioNodeList ? control[0] : control);

export const readControl = (given, type, around) => {
  const control = single(given);
  if (control.type === "checkbox") return control.checked;
  const typed = control.value;
  if (!typed.trim()) return null;
  switch (type) {
    case "decimal":
      return decimal(typed, control);
    case "boolean":
      return typed === "true";
    case "date":
      return day(typed);
    case "datetime":
      return moment(typed, around.zone);
    case "link":
      return /^\d+$/.test(typed) ? Number(typed) : Number(typed.split("/").at(-1)) || null;
    default:
      return control.dataset.plain ?? typed; // of formatted text: what it says
  }
};

const pad = (number) => String(number).padStart(2, "0");

// The day that rules count from 1970 on, as it is written.
const dayText = (day) => new Date(day * 86_400_000).toISOString().slice(0, 10);

// A moment as people of a zone write it: microseconds, as rules have it, or the text of the API.
const local = (value, zone) => {
  const moment = typeof value === "bigint" ? Number(value / 1000n) : Date.parse(value);
  const at = new Date(moment + offset(moment, zone));
  return `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())} ${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}`;
};

const typedForm = (value, type, control, around) => {
  if (value === null || value === undefined) return "";
  if (type === "decimal") {
    const number = String(value);
    if (control.dataset.control === "percent") return `${shift(number, 2) ?? number}%`;
    return grouped(number) ?? number;
  }
  if (type === "datetime") return typeof value === "number" ? `${dayText(value)} 00:00` : local(value, around.zone);
  if (type === "date" && typeof value === "number") return dayText(value);
  if (type === "date" && typeof value === "bigint") return local(value, around.zone).slice(0, 10);
  if (type === "link") return String(typeof value === "object" ? value.id : value);
  return String(value);
};

// Put a value into a control; true when that changes what it holds.
export const writeControl = (given, type, value, around) => {
  const control = single(given);
  if (control.type === "checkbox") {
    const wanted = value === true || value === "true";
    if (control.checked === wanted) return false;
    control.checked = wanted;
    return true;
  }
  const before = readControl(control, type, around);
  const typed = typedForm(value, type, control, around);
  if (control.value === typed) return false;
  if (control.tomselect) {
    if (typed) control.tomselect.addOption({ id: typed, label: value?.label ?? typed });
    control.tomselect.setValue(typed, true);
  } else {
    if (control.tagName === "SELECT" && ![...control.options].some((option) => option.value === typed)) {
      control.append(new Option(value?.label ?? typed, typed));
    }
    control.value = typed;
  }
  return JSON.stringify(before) !== JSON.stringify(readControl(control, type, around));
};

const round = (number, scale) => {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(number);
  if (!match || scale === null) return number;
  const part = (match[3] ?? "").padEnd(scale + 1, "0");
  let digits = BigInt(match[2] + part.slice(0, scale));
  if (part[scale] >= "5") digits += 1n;
  const text = String(digits).padStart(scale + 1, "0");
  const value = scale ? `${text.slice(0, -scale)}.${text.slice(-scale)}` : text;
  return match[1] && digits ? `-${value}` : value;
};

const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

const number = (value, { format, symbol = "", scale }) => {
  const text = String(value);
  const places = scale === undefined || scale === "" ? { money: 2, integer: 0 }[format] ?? null : Number(scale);
  if (format === "percent") return `${grouped(trimmed(round(shift(text, 2) ?? text, places))) ?? text}%`;
  const rounded = round(text, places);
  if (format !== "money") return grouped(trimmed(rounded)) ?? text;
  const shown = grouped(rounded) ?? text;
  return shown.startsWith("-") ? `-${symbol}${shown.slice(1)}` : symbol + shown;
};

export const showComputed = (output, field, value) => {
  let shown = "";
  if (value !== null && value !== undefined) {
    if (field.dataset.type === "decimal") shown = number(value, field.dataset);
    else if (typeof value === "boolean") return; // the words for it are the server's
    else if (typeof value === "object") shown = value.label ?? output.textContent;
    else if (field.dataset.type === "datetime") return;
    else if (field.dataset.type === "date" && typeof value === "number") shown = dayText(value);
    else if (output.dataset.labels) shown = JSON.parse(output.dataset.labels).find(([name]) => name === value)?.[1] ?? value;
    else shown = String(value);
  }
  if (output.textContent === shown) return;
  // A text that changes costs its own line; one that is put into the page anew, the styles and the layout of everything around it.
  const [only, ...more] = output.childNodes;
  if (only?.nodeType === Node.TEXT_NODE && !more.length) only.data = shown;
  else output.textContent = shown;
};
