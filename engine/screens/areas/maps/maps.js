// Maps come late: what draws them is fetched where a page has one, also after a part of it was put in anew.
const start = async () => {
  const waiting = [...document.querySelectorAll("[data-map-root]:not([data-drawn])")];
  for (const root of waiting) root.dataset.drawn = "true";
  if (!waiting.length) return;
  const { draw } = await import("./drawing.js");
  for (const root of waiting) draw(root);
};

document.addEventListener("htmx:after:swap", start);
document.addEventListener("tenon:drawn", start);
start();
