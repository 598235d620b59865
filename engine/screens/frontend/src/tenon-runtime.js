// The browser's machine for expressions: exact decimals, dates, durations, texts and aggregates, the same to the last cent as Python and
// PostgreSQL. Compiled rules import it as `t`. Values: null is BLANK, numbers are Dec, texts strings, dates days since 1970, moments BigInt
// microseconds since 1970, durations Span, links numbers.
export * from "./runtime/decimal.js";
export * from "./runtime/power.js";
export * from "./runtime/text.js";
export * from "./runtime/regex.js";
export * from "./runtime/calendar.js";
export * from "./runtime/dates.js";
export * from "./runtime/format.js";
export * from "./runtime/operations.js";
export * from "./runtime/places.js";
export * from "./runtime/values.js";
