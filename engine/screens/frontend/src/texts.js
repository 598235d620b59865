// The texts that scripts show, in the page's language; the server puts them into the page as data.
const block = document.getElementById("texts");
const texts = block ? JSON.parse(block.textContent) : {};

export const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

// `{s}` is the ending of an English plural.
export const text = (name, values = {}) =>
  Object.entries({ ...values, s: String(values.count) === "1" ? "" : "s" }).reduce((all, [key, value]) => all.replace(`{${key}}`, value), texts[name] ?? name);
