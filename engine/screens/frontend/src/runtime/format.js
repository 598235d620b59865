// TEXT: Excel's formats, by the plan that the checker made of them.
import { civil, toLocal } from "./calendar.js";
import { Dec, abs, numberText, rounded } from "./decimal.js";

export function dateText(day) {
  if (day === null) return null;
  const { year, month, day: dayOfMonth } = civil(day);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(dayOfMonth).padStart(2, "0")}`;
}

function formatNumber(x, plan) {
  const power = BigInt(10 ** (2 * plan.percent));
  const scaled = rounded(new Dec(x.n * power, x.s), plan.most);
  const [integer, rest = ""] = numberText(abs(scaled)).split(".");
  const decimals = rest.padEnd(plan.fixed, "0");
  let body = integer.replace(/^0+/, "").padStart(plan.least, "0");
  if (plan.group) body = body.replace(/([0-9])(?=([0-9]{3})+$)/g, "$1,");
  return (scaled.n < 0n ? "-" : "") + plan.prefix + body + (plan.point ? "." : "") + decimals + plan.suffix;
}

function formatDate(micros, plan) {
  const day = Number((micros - (((micros % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n)) / 86_400_000_000n);
  const seconds = Number((micros - BigInt(day) * 86_400_000_000n) / 1_000_000n);
  const { year, month, day: dayOfMonth } = civil(day);
  const clock = { h: Math.floor(seconds / 3600), i: Math.floor(seconds / 60) % 60, s: seconds % 60 };
  const values = { y: year, m: month, d: dayOfMonth, ...clock };
  return plan.pieces
    .map(([token, literal]) => {
      if (token === "") return literal;
      const number = token === "yy" ? year % 100 : values[token[0]];
      return String(number).padStart(token.length, "0");
    })
    .join("");
}

export function format(m, value, plan) {
  if (plan.kind === "number") return formatNumber(value, plan);
  return formatDate(plan.of === "datetime" ? toLocal(m.zone, value) : BigInt(value) * 86_400_000_000n, plan);
}

export function datetimeText(m, moment) {
  if (moment === null) return null;
  const pieces = [["yyyy"], ["", "-"], ["mm"], ["", "-"], ["dd"], ["", " "], ["hh"], ["", ":"], ["ii"]];
  return formatDate(toLocal(m.zone, moment), { pieces });
}
