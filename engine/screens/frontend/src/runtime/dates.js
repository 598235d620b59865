// The functions on dates that are more than a line: parts, weeks, DATE, EDATE, DATEDIF, NETWORKDAYS.
import { addMonths, addWorkdays, civil, dayOf, daysInMonth, inYears, isWorkday, localDay, toLocal } from "./calendar.js";
import { count, whole } from "./decimal.js";

const FIRST_DAYS = { 1: 7, 2: 1, 3: 1, 11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 16: 6, 17: 7 };
const modulo = (a, b) => ((a % b) + b) % b;
const isoWeekday = (day) => modulo(day + 3, 7) + 1;

export function datePart(day, part) {
  const found = civil(day);
  return count(part === "quarter" ? Math.floor((found.month + 2) / 3) : found[part]);
}

export function hour(m, moment) {
  const micros = toLocal(m.zone, moment) % 86_400_000_000n;
  return count(Number((micros < 0n ? micros + 86_400_000_000n : micros) / 3_600_000_000n));
}

export const weekday = (day, numbering) => count(modulo(isoWeekday(day) - FIRST_DAYS[numbering], 7) + (numbering === 3 ? 0 : 1));

export function week(day, numbering) {
  if (numbering === 21) {
    const thursday = day - isoWeekday(day) + 4;
    return count(Math.floor((thursday - dayOf(civil(thursday).year, 1, 1)) / 7) + 1);
  }
  const first = dayOf(civil(day).year, 1, 1);
  const before = modulo(isoWeekday(first) - FIRST_DAYS[numbering], 7);
  return count(Math.floor((day - first + before) / 7) + 1);
}

export function makeDate(year, month, day) {
  let [y, m, d] = [year, month, day].map((part) => whole(part, -1e7, 1e7));
  if (y >= 0 && y < 1900) y += 1900;
  if (y < 0 || y > 9999 || Math.abs(m) > 100_000 || Math.abs(d) > 4_000_000) return null;
  const total = y * 12 + m - 1;
  [y, m] = [Math.floor(total / 12), modulo(total, 12) + 1];
  return y < 1 || y > 9999 ? null : inYears(dayOf(y, m, 1) + d - 1);
}

export function edate(day, months) {
  const number = whole(months);
  return Math.abs(number) > 48_000 ? null : addMonths(day, number);
}

export function monthEnd(day) {
  if (day === null) return null;
  const { year, month } = civil(day);
  return dayOf(year, month, daysInMonth(year, month));
}

export function datedif(first, last, unit) {
  if (first > last) return null;
  const [a, b] = [civil(first), civil(last)];
  if (unit === "D") return count(last - first);
  if (unit === "MD") {
    if (b.day >= a.day) return count(b.day - a.day);
    return count(b.day + civil(dayOf(b.year, b.month, 1) - 1).day - a.day);
  }
  if (unit === "YD") {
    let moved = inYears(dayOf(a.year, b.month, 1) + b.day - 1);
    if (moved === null || moved < first) moved = a.year === 9999 ? null : inYears(dayOf(a.year + 1, b.month, 1) + b.day - 1);
    return moved === null ? null : count(moved - first);
  }
  const months = (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day ? 1 : 0);
  return count(unit === "M" ? months : unit === "Y" ? Math.floor(months / 12) : months % 12);
}

export function networkdays(m, first, last) {
  if (Math.abs(last - first) > 20_000) return null;
  const [from, to] = first <= last ? [first, last] : [last, first];
  let found = 0;
  for (let day = from; day <= to; day += 1) found += isWorkday(m, day) ? 1 : 0;
  return count(first <= last ? found : -found);
}

export const workday = (m, day, number) => addWorkdays(m, day, whole(number));

export const toDate = (m, moment) => (moment === null ? null : localDay(m.zone, moment));
