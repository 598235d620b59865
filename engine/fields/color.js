// A colour: the browser's picker and the text say the same.
const FULL = /^#[0-9a-f]{6}$/i;

const attachOne = (place) => {
  const text = place.querySelector('input[type="text"]');
  const well = place.querySelector('input[type="color"]');
  if (!well) return;
  const show = () => {
    place.toggleAttribute("data-blank", !text.value.trim());
    if (FULL.test(text.value.trim())) well.value = text.value.trim();
  };
  well.hidden = false;
  show();
  text.addEventListener("change", show);
  text.addEventListener("focus", show);
  well.addEventListener("input", () => {
    text.value = well.value;
    for (const kind of ["input", "change"]) text.dispatchEvent(new Event(kind, { bubbles: true }));
  });
};

export function attach(root) {
  for (const place of root.querySelectorAll("[data-color]:not([data-attached])")) {
    place.dataset.attached = "true";
    attachOne(place);
  }
}
