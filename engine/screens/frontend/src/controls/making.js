// Making a record in place, from within a picker or a list: its short form in a dialog. What the picker asks of its candidates is filled in as well.
import { element, fetchMarkup } from "../send.js";
import { text } from "../texts.js";

const seeds = (picker) => {
  const prefix = picker.name.replace(/[^.]*$/, "");
  return (picker.dataset.seed ?? "")
    .split(" ")
    .filter(Boolean)
    .map((pair) => pair.split("="))
    .map(([theirs, ours]) => [theirs, picker.form?.elements.namedItem(prefix + ours)?.value])
    .filter(([, value]) => value)
    .map(([theirs, value]) => `&${theirs}=${encodeURIComponent(value)}`)
    .join("");
};

// Shows a short form; answers what was made ({object, id, label}), undefined where nothing was. ``whole``: where all that can be said of a
// record is asked.
export const openShort = async (url, whole = "") => {
  const answer = await fetchMarkup(`${url}&_short=1`);
  if (!answer?.ok) return undefined;
  const box = element(`<dialog class="dialog making" aria-labelledby="short-form-title"></dialog>`);
  box.innerHTML = answer.markup;
  const offerWhole = () => {
    const link = Object.assign(document.createElement("a"), { className: "btn ghost", href: whole, textContent: text("form_whole") });
    box.querySelector(".dialog-acts").prepend(link);
  };
  if (whole) box.addEventListener("tenon:added", offerWhole); // also where the server has drawn it once more
  document.body.append(box);
  box.dispatchEvent(new Event("tenon:added", { bubbles: true }));
  box.showModal();
  return new Promise((done) => {
    let made;
    box.addEventListener("click", (event) => event.target.closest("[data-close]") && box.close());
    box.addEventListener("tenon:saved", (event) => {
      event.preventDefault();
      made = event.detail;
      box.close();
    });
    box.addEventListener("close", () => {
      box.remove();
      done(made);
    });
  });
};

// Answers the record as pickers hold one ({id, label}), undefined where nothing was made.
export const make = async (picker, typed) => {
  const made = await openShort(`${picker.dataset.create}${encodeURIComponent(typed)}${seeds(picker)}`);
  const several = (picker.dataset.objects ?? "").includes(" ");
  return made && { id: several ? `${made.object}/${made.id}` : made.id, label: made.label };
};
