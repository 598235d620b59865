// Making a record from within a picker: its short form in a dialog. What the picker asks of its candidates is filled in as well.
import { element, fetchMarkup } from "../send.js";

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

// Answers the record as pickers hold one ({id, label}), undefined where nothing was made.
export const make = async (picker, typed) => {
  const answer = await fetchMarkup(`${picker.dataset.create}${encodeURIComponent(typed)}${seeds(picker)}&_short=1`);
  if (!answer?.ok) return undefined;
  const box = element(`<dialog class="dialog making" aria-labelledby="short-form-title"></dialog>`);
  box.innerHTML = answer.markup;
  document.body.append(box);
  box.dispatchEvent(new Event("tenon:added", { bubbles: true }));
  box.showModal();
  return new Promise((done) => {
    let made;
    box.addEventListener("click", (event) => event.target.closest("[data-close]") && box.close());
    box.addEventListener("tenon:saved", (event) => {
      event.preventDefault();
      const several = (picker.dataset.objects ?? "").includes(" ");
      made = { id: several ? `${event.detail.object}/${event.detail.id}` : event.detail.id, label: event.detail.label };
      box.close();
    });
    box.addEventListener("close", () => {
      box.remove();
      done(made);
    });
  });
};
