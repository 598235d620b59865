// Values as forms and the API write them, and the moment of an evaluation. What cannot be read is BLANK: a form holds half-typed input.
// Every reader takes a value of the runtime as it is, too: a computed field is read by other rules.
import { Span, dayOf, durationText, fromLocal, inYears, localDay, within } from "./calendar.js";
import { Dec, count, dec, numberText } from "./decimal.js";
import { dateText } from "./format.js";

const MICRO = 1_000_000n;
const UNITS = { y: 12, mo: 1, w: 7, d: 1, h: 3600, m: 60, s: 1, wd: 1 };
const blank = (value) => value === null || value === undefined || value === "";

export const text = (value) => (blank(value) ? null : String(value));
// Several values: as the API writes them, or as their control holds them.
export const list = (value) => {
  const found = Array.isArray(value) ? value.map(String) : blank(value) ? [] : String(value).split(";").filter(Boolean);
  return found.length ? found : null;
};
export const flag = (value) => (typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : null);

export function number(value) {
  if (blank(value) || value instanceof Dec) return value || null;
  return typeof value === "number" && Number.isInteger(value) ? count(value) : dec(String(value).trim());
}

export function link(value) {
  const id = value !== null && typeof value === "object" ? value.id : value;
  return blank(id) || !/^[0-9]+$/.test(String(id)) ? null : Number(id);
}

export function date(value) {
  if (typeof value === "number") return inYears(value);
  const match = blank(value) ? null : /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value);
  if (!match) return null;
  const day = dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  return dateText(day) === match[0] ? inYears(day) : null;
}

const CLOCK = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$/;

// A moment; without offset it is read in the organisation's zone.
export function datetime(value, m) {
  if (typeof value === "bigint") return value;
  const match = blank(value) ? null : CLOCK.exec(value);
  const day = match && date(match[1]);
  if (!match || day === null) return null;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  const local = BigInt(day) * 86_400n * MICRO + BigInt(seconds) * MICRO + BigInt((match[5] ?? "").padEnd(6, "0") || 0);
  if (!match[6]) return fromLocal(m.zone, local);
  const digits = match[6].replace(/[^0-9]/g, "");
  const ahead = digits ? (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60 * (match[6][0] === "-" ? -1 : 1) : 0;
  return within(local - BigInt(ahead) * MICRO);
}

// "1y2mo3d4h5m6.5s7wd", each part with its own sign.
export function duration(value) {
  if (blank(value) || value instanceof Span) return value || null;
  const parts = [...String(value).matchAll(/(-?)([0-9]{1,9})(?:\.([0-9]{1,6}))?(mo|wd|y|w|d|h|m|s)/g)];
  if (!parts.length || parts.map((part) => part[0]).join("") !== value) return null;
  const found = { months: 0, days: 0, micros: 0n, workdays: 0 };
  for (const [, minus, digits, decimals, unit] of parts) {
    const factor = UNITS[unit] * (minus ? -1 : 1);
    const amount = Number(digits) * factor;
    if (decimals && !["h", "m", "s"].includes(unit)) return null;
    if (unit === "y" || unit === "mo") found.months += amount;
    else if (unit === "wd") found.workdays += amount;
    else if (unit === "w" || unit === "d") found.days += amount;
    else found.micros += BigInt(amount) * MICRO + BigInt((decimals ?? "").padEnd(6, "0")) * BigInt(factor);
  }
  return new Span(found.months, found.days, found.micros, found.workdays);
}

const WEEK = [0, 1, 2, 3, 4];
const justId = (id) => ({ get: (path) => (path[0] === "id" ? id : null) });

// The moment of an evaluation: {now: ISO text, zone, me: a reader or an id, roles, departments: [{id, name}], the viewer's and those above, week: days (0 is Monday), holidays, workdays: ISO dates,
// labels: {"object.field": {name: label}}}.
export function moment({
  now,
  zone = "Asia/Shanghai",
  me = null,
  roles = [],
  departments = [],
  week = WEEK,
  holidays = [],
  workdays = [],
  labels = {},
}) {
  const at = datetime(now, { zone });
  return {
    now: at,
    zone,
    today: at === null ? null : localDay(zone, at),
    me: blank(me) || typeof me === "object" ? me : justId(me),
    roles,
    departments,
    week: new Set(week),
    holidays: new Set(holidays.map(date)),
    workdays: new Set(workdays.map(date)),
    labels,
  };
}

function datetimeIso(micros) {
  const rest = ((micros % MICRO) + MICRO) % MICRO;
  const seconds = Number((micros - rest) / MICRO);
  const day = Math.floor(seconds / 86_400);
  const clock = seconds - day * 86_400;
  const two = (part) => String(part).padStart(2, "0");
  const fraction = rest ? `.${rest.toString().padStart(6, "0")}` : "";
  return `${dateText(day)}T${two(Math.floor(clock / 3600))}:${two(Math.floor(clock / 60) % 60)}:${two(clock % 60)}${fraction}Z`;
}

// A result as the API writes it. `type` is the name of its type: text, decimal, boolean, date, datetime, duration, choice, link.
export function write(type, value) {
  if (value === null) return null;
  if (type === "decimal") return numberText(value);
  if (type === "date") return dateText(value);
  if (type === "datetime") return datetimeIso(value);
  if (type === "duration") return durationText(value);
  return value;
}
