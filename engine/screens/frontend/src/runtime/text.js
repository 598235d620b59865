// Texts by code points: parts, search, case. A JavaScript string counts UTF-16 units; the language doesn't.
import { count, whole } from "./decimal.js";

const points = (text) => Array.from(text);
const plain = (text) => /^[\x00-\x7f]*$/.test(text);

export const length = (text) => (plain(text) ? text.length : points(text).length);

export function compareTexts(a, b) {
  if (a === b) return 0;
  const least = Math.min(a.length, b.length);
  let i = 0;
  while (i < least && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  if (i === least) return a.length < b.length ? -1 : 1;
  const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
  // Surrogates stand for what lies above every other unit.
  const rank = (unit) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
  return rank(x) < rank(y) ? -1 : 1;
}

export function left(text, n) {
  const number = n === undefined ? 1 : whole(n);
  return number < 0 ? null : points(text).slice(0, number).join("");
}

export function right(text, n) {
  const number = n === undefined ? 1 : whole(n);
  if (number < 0) return null;
  const all = points(text);
  return all.slice(Math.max(0, all.length - number)).join("");
}

export function mid(text, start, n) {
  const [first, number] = [whole(start), whole(n)];
  return first < 1 || number < 0 ? null : points(text).slice(first - 1, first - 1 + number).join("");
}

function place(segment, all, start) {
  for (let at = start; at + segment.length <= all.length; at += 1) {
    if (segment.every((part, index) => part === null || part === all[at + index])) return at;
  }
  return -1;
}

export function find(part, text, start) {
  const first = start === undefined ? 1 : whole(start);
  const all = points(text);
  if (first < 1 || first > all.length + 1) return null;
  const at = place(points(part), all, first - 1);
  return at < 0 ? null : count(at + 1);
}

// The parts of a pattern between its *; null stands for ?, ~ makes the next one plain.
function segments(pattern) {
  const found = [[]];
  for (const [token] of pattern.matchAll(/~[*?~]|[*?]|[\s\S]/gu)) {
    if (token === "*") found.push([]);
    else found.at(-1).push(token === "?" ? null : token.length > 1 && token[0] === "~" ? token[1] : token);
  }
  return found;
}

export function search(pattern, text, start) {
  const first = start === undefined ? 1 : whole(start);
  const all = points(lower(text));
  if (first < 1 || first > all.length + 1) return null;
  const parts = segments(lower(pattern));
  const begin = place(parts[0], all, first - 1);
  let at = begin;
  for (let i = 1; i < parts.length; i += 1) {
    if (at < 0) return null;
    at = place(parts[i], all, at + parts[i - 1].length);
  }
  return at < 0 ? null : count(begin + 1);
}

const LONGEST = 1_000_000;

export function substitute(text, old, fresh, which) {
  const number = which === undefined ? null : whole(which);
  if (number !== null && number < 1) return null;
  if (old === "") return text;
  const pieces = text.split(old);
  if (number === null) {
    if (length(text) + (pieces.length - 1) * (length(fresh) - length(old)) > LONGEST) return null;
    return pieces.join(fresh);
  }
  if (pieces.length <= number) return text;
  return pieces.slice(0, number).join(old) + fresh + pieces.slice(number).join(old);
}

// Case by Unicode's simple mapping: one code point becomes one (see functions/text_case.py, which says why for each exception).
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
const IOTA = [...range(0x1f80, 0x1f88), ...range(0x1f90, 0x1f98), ...range(0x1fa0, 0x1fa8)];
const PAIRS = new Map([
  [0x19b, 0xa7dc],
  [0x264, 0xa7cb],
  [0x1c8a, 0x1c89],
  [0xa7cd, 0xa7cc],
  [0xa7db, 0xa7da],
  ...range(0x10d70, 0x10d86).map((n) => [n, n - 0x20]),
]);
const UPPER = new Map([...IOTA.map((n) => [n, n + 8]), [0x1fb3, 0x1fbc], [0x1fc3, 0x1fcc], [0x1ff3, 0x1ffc], ...PAIRS]);
const LOWER = new Map([[0x130, 0x69], ...[...PAIRS].map(([a, b]) => [b, a])]);
const YOUNG = new Set([...range(0xa7ce, 0xa7d0), ...range(0xa7d2, 0xa7d6), ...range(0x16ea0, 0x16ed4)]);

function mapped(text, full, simple) {
  let out = "";
  for (const character of text) {
    const code = character.codePointAt(0);
    const changed = full(character);
    if (simple.has(code)) out += String.fromCodePoint(simple.get(code));
    else out += !YOUNG.has(code) && length(changed) === 1 ? changed : character;
  }
  return out;
}

export const upper = (text) => (plain(text) ? text.toUpperCase() : mapped(text, (c) => c.toUpperCase(), UPPER));
export const lower = (text) => (plain(text) ? text.toLowerCase() : mapped(text, (c) => c.toLowerCase(), LOWER));
