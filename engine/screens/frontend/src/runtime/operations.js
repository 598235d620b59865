// What operators, branches and aggregates come down to, blanks dealt with.
import { Span, dateAdd, fromLocal, midnight, spanLength } from "./calendar.js";
import { Dec, ZERO, compareNumbers, count, divide, fit, numberText, plainAdd } from "./decimal.js";
import { compareTexts } from "./text.js";

// -1, 0 or 1 of two values of one type, neither blank.
export function compare(a, b) {
  if (a instanceof Dec) return compareNumbers(a, b);
  if (a instanceof Span) return compare(spanLength(a), spanLength(b));
  if (typeof a === "string") return compareTexts(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

export const eq = (a, b) => (a === null || b === null ? a === b : compare(a, b) === 0);
export const ne = (a, b) => !eq(a, b);
export const lt = (a, b) => a !== null && b !== null && compare(a, b) < 0;
export const le = (a, b) => a !== null && b !== null && compare(a, b) <= 0;
export const gt = (a, b) => a !== null && b !== null && compare(a, b) > 0;
export const ge = (a, b) => a !== null && b !== null && compare(a, b) >= 0;
export const isIn = (value, ...items) => items.some((item) => eq(value, item));
export const has = (values, one) => values !== null && one !== null && values.includes(one);
export const is = (value) => value === true;
export const not = (value) => value !== true;
export const isBlank = (value) => value === null;
export const concat = (...texts) => texts.map((text) => text ?? "").join("") || null;
export const filled = (text) => (text === "" ? null : text);

const extreme = (direction) => (...values) =>
  values.reduce((best, value) => {
    if (value === null) return best;
    return best === null || compare(value, best) * direction > 0 ? value : best;
  }, null);
export const least = extreme(-1);
export const greatest = extreme(1);

export const linkNumber = (id) => (id === null ? null : count(id));
export const numberToText = (x) => (x === null ? null : numberText(x));
export const booleanText = (value) => (value === null ? null : value ? "TRUE" : "FALSE");
export const toDatetime = (m, day) => (day === null ? null : midnight(m.zone, day));
export const local = (m, micros) => fromLocal(m.zone, micros);
export { dateAdd };

// A function whose arguments may not be BLANK: BLANK texts (mask "t") arrive as "", any other makes the result BLANK.
export function call(run, mask, ...values) {
  for (let i = 0; i < mask.length; i += 1) {
    if (values[i] !== null) continue;
    if (mask[i] !== "t") return null;
    values[i] = "";
  }
  return run(...values);
}

// Aggregates

const chosen = (rows, condition) => (condition ? rows.filter((row) => condition(row) === true) : rows);
const known = (rows, condition, value) => chosen(rows, condition).map(value).filter((one) => one !== null);

const total = (values) => fit(values.reduce((sum, value) => plainAdd(sum, value), ZERO));

export const sumOf = (rows, condition, value) => total(known(rows, condition, value));
export const countOf = (rows, condition, value) => count((value ? known(rows, condition, value) : chosen(rows, condition)).length);
export const minOf = (rows, condition, value) => least(...known(rows, condition, value));
export const maxOf = (rows, condition, value) => greatest(...known(rows, condition, value));

export function avgOf(rows, condition, value) {
  const values = known(rows, condition, value);
  return values.length ? divide(total(values), count(values.length)) : null;
}

function testOf(rows, condition, value, every) {
  const values = chosen(rows, condition).map((row) => value(row) === true);
  if (!values.length) return null;
  return every ? values.every(Boolean) : values.some(Boolean);
}

export const anyOf = (rows, condition, value) => testOf(rows, condition, value, false);
export const allOf = (rows, condition, value) => testOf(rows, condition, value, true);
export const joinOf = (rows, condition, value, separator) => known(rows, condition, value).join(separator ?? "") || null;

function ordered(rows, order) {
  const keyed = rows.map((row, index) => ({ row, index, key: order(row) }));
  const filledIn = keyed.filter(({ key }) => key !== null);
  filledIn.sort((a, b) => compare(a.key, b.key) || a.index - b.index);
  return [filledIn.map(({ row }) => row), keyed.filter(({ key }) => key === null).map(({ row }) => row)];
}

export function firstOf(rows, condition, value, order) {
  const found = chosen(rows, condition);
  const sorted = order ? ordered(found, order).flat() : found;
  return sorted.length ? value(sorted[0]) : null;
}

export function lastOf(rows, condition, value, order) {
  const found = chosen(rows, condition);
  const [filledIn, blank] = order ? ordered(found, order) : [found, []];
  const sorted = filledIn.length ? filledIn : blank;
  return sorted.length ? value(sorted.at(-1)) : null;
}

export function label(m, name, [object, field]) {
  return name === "" ? null : (m.labels[`${object}.${field}`]?.[name] ?? name);
}
