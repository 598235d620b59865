// Days and moments: civil dates as days since 1970, moments as microseconds since 1970, durations added on the calendar of a zone.

export const DAY = 86_400;
const MICRO = 1_000_000n;
const DAY_MICROS = BigInt(DAY) * MICRO;
const MONTH_SECONDS = 2_629_746n;
const MOST_DAYS = 1_500_000n;
const MOST_WORKDAYS = 10_000;

export class Span {
  constructor(months, days, micros, workdays) {
    this.months = months;
    this.days = days;
    this.micros = micros;
    this.workdays = workdays;
  }
}

export const span = (months, days, seconds, workdays) => new Span(months, days, BigInt(seconds) * MICRO, workdays);

const floorDivide = (a, b) => (a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b);

// Civil calendar, after the shifted-year method: March is the first month.
export function dayOf(year, month, day) {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

export function civil(days) {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export const daysInMonth = (year, month) => dayOf(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - dayOf(year, month, 1);
const FIRST_DATE = dayOf(1, 1, 1);
const LAST_DATE = dayOf(9999, 12, 31);
const FIRST_MOMENT = BigInt(dayOf(1, 1, 2)) * DAY_MICROS;
const LAST_MOMENT = BigInt(dayOf(9999, 12, 31)) * DAY_MICROS;

export const inYears = (day) => (day !== null && day >= FIRST_DATE && day <= LAST_DATE ? day : null);
export const within = (moment) => (moment >= FIRST_MOMENT && moment < LAST_MOMENT ? moment : null);

// Zones

const formatters = new Map();

function formatter(zone) {
  if (!formatters.has(zone)) {
    const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    formatters.set(zone, new Intl.DateTimeFormat("en-US", { ...fields, timeZone: zone, hourCycle: "h23", era: "short" }));
  }
  return formatters.get(zone);
}

// Seconds that the wall clock of a zone is ahead of UTC at a moment.
export function offset(zone, moment) {
  const seconds = Number(floorDivide(moment, MICRO));
  const found = {};
  for (const { type, value } of formatter(zone).formatToParts(seconds * 1000)) found[type] = value;
  const year = found.era.startsWith("B") ? 1 - Number(found.year) : Number(found.year);
  const local = dayOf(year, Number(found.month), Number(found.day)) * DAY;
  return local + Number(found.hour) * 3600 + Number(found.minute) * 60 + Number(found.second) - seconds;
}

// Wall clock time as microseconds, as if it were UTC.
export const toLocal = (zone, moment) => moment + BigInt(offset(zone, moment)) * MICRO;

export function fromLocal(zone, local) {
  const around = (BigInt(DAY) * MICRO * 3n) / 2n;
  const offsets = [offset(zone, local - around), offset(zone, local + around)];
  const fitting = offsets.filter((one) => offset(zone, local - BigInt(one) * MICRO) === one);
  const chosen = Math.min(...(fitting.length ? fitting : offsets));
  return within(local - BigInt(chosen) * MICRO);
}

export const localDay = (zone, moment) => Number(floorDivide(toLocal(zone, moment), DAY_MICROS));

export function midnight(zone, day) {
  return day < dayOf(1, 1, 3) || day > dayOf(9999, 12, 29) ? null : fromLocal(zone, BigInt(day) * DAY_MICROS);
}

// Shifting

const size = (n) => (n < 0n ? -n : n);

function tooLong(d) {
  const micros = (size(BigInt(d.months)) * 31n + size(BigInt(d.days))) * DAY_MICROS + size(d.micros);
  return micros > MOST_DAYS * DAY_MICROS || Math.abs(d.workdays) > MOST_WORKDAYS;
}

export function addMonths(day, months) {
  const { year, month, day: dayOfMonth } = civil(day);
  const total = year * 12 + month - 1 + months;
  const [y, m] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  return y < 1 || y > 9999 ? null : dayOf(y, m, Math.min(dayOfMonth, daysInMonth(y, m)));
}

export function isWorkday(m, day) {
  const weekday = (((day + 3) % 7) + 7) % 7; // Monday is 0
  return m.workdays.has(day) || (m.week.has(weekday) && !m.holidays.has(day));
}

export function addWorkdays(m, day, number) {
  if (Math.abs(number) > MOST_WORKDAYS) return null;
  const step = number > 0 ? 1 : -1;
  let found = day;
  for (let rest = Math.abs(number); rest > 0; ) {
    found += step;
    if (inYears(found) === null) return null;
    if (isWorkday(m, found)) rest -= 1;
  }
  return found;
}

function shift(m, day, d) {
  let moved = d.months ? addMonths(day, d.months) : day;
  if (moved !== null && d.days) moved = inYears(moved + d.days);
  return moved !== null && d.workdays ? addWorkdays(m, moved, d.workdays) : moved;
}

export const dateAdd = (m, day, d) => (day === null || d === null || tooLong(d) ? null : shift(m, day, d));

export function datetimeAdd(m, moment, d) {
  if (moment === null || d === null || tooLong(d)) return null;
  let moved = moment;
  if (d.months || d.days || d.workdays) {
    const local = toLocal(m.zone, moment);
    const day = floorDivide(local, DAY_MICROS);
    const target = shift(m, Number(day), d);
    if (target === null) return null;
    moved = fromLocal(m.zone, BigInt(target) * DAY_MICROS + (local - day * DAY_MICROS));
  }
  return moved === null || d.micros === 0n ? moved : within(moved + d.micros);
}

// Durations

export const dateDifference = (a, b) => (a === null || b === null ? null : new Span(0, a - b, 0n, 0));
export const datetimeDifference = (a, b) => (a === null || b === null ? null : new Span(0, 0, a - b, 0));
export const durationNegate = (d) => (d === null ? null : new Span(-d.months, -d.days, -d.micros, -d.workdays));

export function durationAdd(a, b) {
  if (a === null || b === null) return null;
  return new Span(a.months + b.months, a.days + b.days, a.micros + b.micros, a.workdays + b.workdays);
}

// Microseconds by which durations compare.
export const spanLength = (d) => (BigInt(d.months) * MONTH_SECONDS + BigInt(d.days + d.workdays) * BigInt(DAY)) * MICRO + d.micros;

function pieces(number, units) {
  let [rest, out] = [Math.abs(number), ""];
  for (const [amount, unit] of units) {
    const times = Math.floor(rest / amount);
    rest -= times * amount;
    if (times) out += `${number < 0 ? "-" : ""}${times}${unit}`;
  }
  return out;
}

export function durationText(d) {
  if (d === null) return null;
  const micros = size(d.micros);
  const [seconds, fraction] = [micros / MICRO, micros % MICRO];
  const minus = d.micros < 0n ? "-" : "";
  const [hours, minutes, rest] = [seconds / 3600n, (seconds % 3600n) / 60n, seconds % 60n];
  const clock = (hours ? `${minus}${hours}h` : "") + (minutes ? `${minus}${minutes}m` : "");
  const decimals = fraction ? `.${fraction.toString().padStart(6, "0").replace(/0+$/, "")}` : "";
  const last = rest || fraction ? `${minus}${rest}${decimals}s` : "";
  const months = pieces(d.months, [[12, "y"], [1, "mo"]]);
  return months + pieces(d.days, [[1, "d"]]) + clock + last + pieces(d.workdays, [[1, "wd"]]) || "0d";
}
