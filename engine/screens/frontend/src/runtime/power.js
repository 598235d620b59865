// Roots and powers to twelve decimals: computed to many more, rounded to thirty first, so that exact ties stay ties.
import { Dec, ZERO, fit, power10, rounded, PLACES } from "./decimal.js";

const DIGITS = 110;
const P = power10(DIGITS);
const GUARD = 30;

const settle = (x) => fit(rounded(rounded(x, GUARD), PLACES));

function integerRoot(n) {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

export function squareRoot(x) {
  if (x.n < 0n) return null;
  const scale = x.s + (x.s % 2);
  const extra = Math.max(0, 2 * 40 - scale);
  const root = integerRoot(x.n * power10(scale - x.s + extra));
  return settle(new Dec(root, (scale + extra) / 2));
}

// 2·atanh(z) for z = numerator/denominator, in units of 1/P.
function doubleArtanh(numerator, denominator) {
  let term = (numerator * P) / denominator;
  const square = (term * term) / P;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 2n) {
    sum += term / k;
    term = (term * square) / P;
  }
  return 2n * sum;
}

let cached2 = null;
let cached10 = null;
const ln2 = () => (cached2 ??= doubleArtanh(1n, 3n));

function lnInteger(n) {
  const bits = n.toString(2).length - 1;
  const mantissa = (n * P) >> BigInt(bits); // 1 ≤ m < 2
  return doubleArtanh(mantissa - P, mantissa + P) + BigInt(bits) * ln2();
}

const ln10 = () => (cached10 ??= lnInteger(10n));

function exponential(y) {
  const k = y / ln2();
  let rest = y - k * ln2();
  const halvings = 16n;
  rest >>= halvings;
  let [term, sum] = [P, P];
  for (let i = 1n; term !== 0n && i < 200n; i += 1n) {
    term = (term * rest) / P / i;
    sum += term;
  }
  for (let i = 0n; i < halvings; i += 1n) sum = (sum * sum) / P;
  return k >= 0n ? sum << k : sum >> -k;
}

export function power(base, exponent) {
  if (base === null || exponent === null) return null;
  if (base.n === 0n) return exponent.n > 0n ? ZERO : null;
  const isWhole = exponent.n % power10(exponent.s) === 0n;
  if (base.n < 0n && !isWhole) return null;
  const odd = isWhole && (exponent.n / power10(exponent.s)) % 2n !== 0n;
  const size = base.n < 0n ? -base.n : base.n;
  const logarithm = lnInteger(size) - BigInt(base.s) * ln10();
  const y = (logarithm * exponent.n) / power10(exponent.s);
  if (y > 56n * P) return null;
  if (y < -40n * P) return ZERO;
  const found = settle(new Dec(exponential(y), DIGITS));
  return found !== null && base.n < 0n && odd ? new Dec(-found.n, found.s) : found;
}
