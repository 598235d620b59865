// What is shown while an answer is slow: after 150 ms the part that waits turns into its own outline (rows) or gets a moving line
// (anything else). A quick answer shows nothing, so that nothing flickers.
const AFTER = 150; // ms
const waits = new WeakMap(); // a request's context → its timer and the part that waits

const partOf = (context) => (typeof context.target === "string" ? document.querySelector(context.target) : context.target);

const begin = ({ detail: { ctx } }) => {
  const part = partOf(ctx);
  if (!part) return;
  const timer = setTimeout(() => {
    part.classList.add("waiting");
    part.setAttribute("aria-busy", "true");
  }, AFTER);
  waits.set(ctx, { timer, part });
};

const end = ({ detail: { ctx } }) => {
  const { timer, part } = waits.get(ctx) ?? {};
  clearTimeout(timer);
  part?.classList.remove("waiting");
  part?.removeAttribute("aria-busy");
};

export const startWaiting = () => {
  document.addEventListener("htmx:before:request", begin);
  document.addEventListener("htmx:finally:request", end);
};
