// A position: the button asks the device where it is and writes that down with its accuracy. Where the browser has no such thing, or
// the page is not served safely, one types.
const DENIED = 1;

const attachOne = (place) => {
  const input = place.querySelector("input");
  const button = place.querySelector("[data-geo-here]");
  const said = place.querySelector("[data-geo-said]");
  if (!button || !navigator.geolocation || !window.isSecureContext) return;
  button.hidden = false;
  const done = (message) => {
    place.removeAttribute("aria-busy");
    button.disabled = false;
    said.textContent = message;
  };
  button.addEventListener("click", () => {
    place.setAttribute("aria-busy", "true");
    button.disabled = true;
    said.textContent = "…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        input.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)} ±${Math.round(coords.accuracy)}`;
        for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
        done("");
      },
      (problem) => done(problem.code === DENIED ? button.dataset.denied : button.dataset.failed),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
    );
  });
};

export function attach(root) {
  for (const place of root.querySelectorAll("[data-geo]:not([data-attached])")) {
    place.dataset.attached = "true";
    attachOne(place);
  }
}
