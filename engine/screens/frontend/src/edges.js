// Bars that are wider than the page: what is chosen there is in sight, and an edge fades where the bar goes on behind it.
const BARS = ".tabs, .stage-line";
const CHOSEN = '[aria-current], [aria-selected="true"], .current';

const watched = new WeakSet();

const watch = (bar) => {
  let begun = false;
  const fade = () => {
    bar.classList.toggle("more-before", bar.scrollLeft > 1);
    bar.classList.toggle("more-after", bar.scrollLeft + bar.clientWidth < bar.scrollWidth - 1);
  };
  const begin = () => {
    const chosen = !begun && bar.clientWidth && bar.querySelector(CHOSEN);
    begun ||= bar.clientWidth > 0;
    if (chosen) bar.scrollLeft = chosen.offsetLeft - bar.offsetLeft - (bar.clientWidth - chosen.offsetWidth) / 2;
    fade();
  };
  bar.addEventListener("scroll", fade, { passive: true });
  new ResizeObserver(begin).observe(bar); // asked once the page is laid out: nothing is worked out for it alone
};

export const attachEdges = (root) => {
  for (const bar of root.querySelectorAll(BARS)) {
    if (!watched.has(bar)) watch(bar);
    watched.add(bar);
  }
};
