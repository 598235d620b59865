// Who else looks at the record of this page, as the stream of changes tells: their marks at the head of the page, and in words who is
// changing it. A page that nobody sees for a while looks at nothing.
import { lookAt } from "./stream.js";
import { text } from "./texts.js";

const UNSEEN = 60_000; // milliseconds until a hidden page counts as left
const MARKS = 3; // people shown by a mark of their own
const COLOURS = 8;

let people = [];
let leaving = null;

const box = () => document.querySelector("[data-here]");
const record = () => box()?.dataset.here.split("/").slice(0, 2).join("/");

const initials = (name) => {
  const parts = name.trim().split(/\s+/);
  if (!parts[0]) return "?";
  if (parts[0].charCodeAt(0) > 127) return [...parts[0]][0];
  return (parts[0][0] + (parts.length > 1 ? parts.at(-1)[0] : "")).toUpperCase();
};

const span = (css, said, title = "") => Object.assign(document.createElement("span"), { className: css, textContent: said, title });

const said = (one) => (one.edits ? text("here_edits", { name: one.name }) : one.name);

const draw = () => {
  const place = box();
  if (!place) return;
  const [marks, words] = place.children;
  const more = people.slice(MARKS);
  marks.replaceChildren(
    ...people.slice(0, MARKS).map((one) => {
      const mark = span(`avatar big av-${one.id % COLOURS}${one.edits ? " edits" : ""}`, "", said(one));
      mark.append(Object.assign(span("", initials(one.name)), { ariaHidden: "true" }), span("hush", said(one)));
      return mark;
    }),
    ...(more.length ? [span("looker-more", `+${more.length}`, more.map(said).join("\n"))] : []),
  );
  const editors = people.filter((one) => one.edits).map((one) => one.name);
  const names = editors.slice(0, 2).join(text("here_and")) + (editors.length > 2 ? ` +${editors.length - 2}` : "");
  const told = editors.length ? text(editors.length > 1 ? "here_edit" : "here_edits", { name: names }) : "";
  if (words.textContent !== told) words.textContent = told;
  place.classList.toggle("filled", people.length > 0);
};

// Take a message of the stream.
export const showPeople = (message) => {
  if (message.kind === "alone") people = [];
  else if (message.record.join("/") === record()) people = [...message.people].sort((one, other) => other.edits - one.edits);
  else return;
  draw();
};

const look = () => {
  clearTimeout(leaving);
  const place = box()?.dataset.here ?? "";
  if (document.hidden) leaving = setTimeout(() => lookAt(""), UNSEEN);
  else lookAt(place);
};

export const startPresence = () => {
  look();
  document.addEventListener("visibilitychange", look);
  document.addEventListener("htmx:after:swap", draw); // a page that was drawn anew has nobody in it
};
