// Exact decimals on BigInt: a coefficient and a number of decimals. Knows arithmetic and rounding, not blanks of records.

const POWERS = [1n];

export function power10(exponent) {
  while (POWERS.length <= exponent && POWERS.length < 2048) POWERS.push(POWERS[POWERS.length - 1] * 10n);
  return exponent < POWERS.length ? POWERS[exponent] : 10n ** BigInt(exponent);
}

export class Dec {
  constructor(coefficient, scale) {
    this.n = coefficient;
    this.s = scale;
  }

  toString() {
    return numberText(this);
  }
}

const LIMIT = power10(24);
export const ZERO = new Dec(0n, 0);
export const ONE = new Dec(1n, 0);
export const PLACES = 12;

// Read plain notation ("-12.50"); null for anything else.
export function dec(text) {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?$/.exec(text);
  if (!match || !(match[2] || match[3])) return null;
  const decimals = match[3] ?? "";
  const coefficient = BigInt((match[2] || "") + decimals || "0");
  return new Dec(match[1] === "-" ? -coefficient : coefficient, decimals.length);
}

export const count = (integer) => new Dec(BigInt(integer), 0);

export function align(a, b) {
  const scale = Math.max(a.s, b.s);
  return [a.n * power10(scale - a.s), b.n * power10(scale - b.s), scale];
}

const absolute = (integer) => (integer < 0n ? -integer : integer);

// BLANK beyond ±10^24.
export function fit(x) {
  return absolute(x.n) <= LIMIT * power10(x.s) ? x : null;
}

export function plainAdd(a, b) {
  const [x, y, scale] = align(a, b);
  return new Dec(x + y, scale);
}

export const add = (a, b) => (a === null || b === null ? null : fit(plainAdd(a, b)));
export const subtract = (a, b) => (a === null || b === null ? null : fit(plainAdd(a, new Dec(-b.n, b.s))));
export const multiply = (a, b) => (a === null || b === null ? null : fit(new Dec(a.n * b.n, a.s + b.s)));
export const negate = (a) => (a === null ? null : new Dec(-a.n, a.s));
export const abs = (a) => new Dec(absolute(a.n), a.s);
export const sign = (a) => (a.n > 0n ? 1 : a.n < 0n ? -1 : 0);

export function compareNumbers(a, b) {
  const [x, y] = align(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

// Integer division, ties away from zero.
function divideHalfAway(numerator, denominator) {
  const negative = numerator < 0n !== denominator < 0n;
  const [n, d] = [absolute(numerator), absolute(denominator)];
  const quotient = (2n * n + d) / (2n * d);
  return negative ? -quotient : quotient;
}

export function divide(a, b) {
  if (a === null || b === null || b.n === 0n) return null;
  // a.n/10^a.s : b.n/10^b.s, scaled by 10^12
  return fit(new Dec(divideHalfAway(a.n * power10(b.s + PLACES), b.n * power10(a.s)), PLACES));
}

export function rounded(x, places) {
  if (x.s <= places) return x;
  const coefficient = divideHalfAway(x.n, power10(x.s - places));
  return places >= 0 ? new Dec(coefficient, places) : new Dec(coefficient * power10(-places), 0);
}

// A number as a JavaScript integer, cut towards zero and kept within bounds.
export function whole(x, least = -1e9, most = 1e9) {
  const integer = x.n / power10(x.s);
  if (integer <= BigInt(least)) return least;
  return integer >= BigInt(most) ? most : Number(integer);
}

const places = (x) => (x === undefined ? 0 : whole(x, -30, 1000));

export const round = (x, n) => fit(rounded(x, places(n)));

function cut(x, n, up) {
  const count_ = places(n);
  if (x.s <= count_) return x;
  const unit = power10(x.s - count_);
  let coefficient = x.n / unit;
  if (up && coefficient * unit !== x.n) coefficient += x.n < 0n ? -1n : 1n;
  return fit(count_ >= 0 ? new Dec(coefficient, count_) : new Dec(coefficient * power10(-count_), 0));
}

export const roundUp = (x, n) => cut(x, n, true);
export const roundDown = (x, n) => cut(x, n, false);

function floorDivide(a, b) {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

export const floor = (x) => new Dec(floorDivide(x.n, power10(x.s)), 0);

export function modulo(a, b) {
  if (b.n === 0n) return null;
  const [x, y, scale] = align(a, b);
  return new Dec(x - y * floorDivide(x, y), scale);
}

export function multiple(number, step = ONE, up = true) {
  if (step.n === 0n) return up || number.n === 0n ? ZERO : null;
  if (number.n > 0n && step.n < 0n) return null;
  const [x, y, scale] = align(number, step);
  const quotient = up ? -floorDivide(-x, y) : floorDivide(x, y);
  return fit(new Dec(quotient * y, scale));
}

export function numberText(x) {
  if (x.n === 0n) return "0";
  const digits = absolute(x.n).toString().padStart(x.s + 1, "0");
  const [integer, decimals] = [digits.slice(0, digits.length - x.s), digits.slice(digits.length - x.s)];
  const trimmed = decimals.replace(/0+$/, "");
  return (x.n < 0n ? "-" : "") + integer + (trimmed ? `.${trimmed}` : "");
}

const NUMBER_LIKE = /^[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?(\.[0-9]*)?%?$/;

// What a person wrote: "1,234.5", "10%".
export function readNumber(text) {
  const body = text.replace(/^ +| +$/g, "");
  if (body.length > 60 || !NUMBER_LIKE.test(body) || !/[0-9]/.test(body)) return null;
  const number = dec(body.replace(/%$/, "").replaceAll(",", ""));
  if (number === null) return null;
  return fit(rounded(body.endsWith("%") ? new Dec(number.n, number.s + 2) : number, PLACES));
}
