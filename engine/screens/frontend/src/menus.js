// Menus are <details>: they open without script. This closes them as people expect, moves through them by arrow keys and
// keeps their box inside the window.
const openMenus = () => document.querySelectorAll("details.menu[open]");

const place = (menu) => {
  const box = menu.querySelector(".menu-box");
  if (!box || matchMedia("(max-width: 760px)").matches) return;
  box.classList.remove("right");
  if (box.getBoundingClientRect().right > innerWidth - 8) box.classList.add("right");
};

const step = (menu, by) => {
  const items = [...menu.querySelectorAll(".menu-item")];
  if (!items.length) return;
  const at = items.indexOf(document.activeElement);
  items[(at + by + items.length) % items.length].focus();
};

export const startMenus = () => {
  const menu = document.querySelector(".side-menu");
  const here = menu?.querySelector(".nav-link.here");
  if (here && here.getBoundingClientRect().bottom > menu.getBoundingClientRect().bottom) menu.scrollTop = here.offsetTop - menu.offsetTop - menu.clientHeight / 2; // the menu alone: the page stays at its beginning
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      const inside = menu.contains(event.target);
      const backdrop = event.target.closest?.("summary") && inside;
      if (!inside && !event.target.closest?.(".air-datepicker, .ts-dropdown") && !backdrop) menu.open = false;
    }
    const close = event.target.closest?.("[data-close]");
    if (close) close.closest("dialog")?.close();
    const opener = event.target.closest?.("[data-dialog]");
    if (opener) {
      for (const menu of openMenus()) menu.open = false;
      document.getElementById(opener.dataset.dialog)?.showModal();
    }
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (!menu.matches?.("details.menu") || !menu.open) return;
      for (const other of openMenus()) if (other !== menu && !other.contains(menu)) other.open = false;
      place(menu);
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" && !event.target.matches("select, textarea")) {
      step(menu, 1);
      event.preventDefault();
    } else if (event.key === "ArrowUp" && !event.target.matches("select, textarea")) {
      step(menu, -1);
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    // a tap on the darkened page behind a bottom sheet falls on the summary's own backdrop
    const summary = event.target.closest?.("details.menu[open] > summary");
    if (summary && event.target === summary && event.clientY < summary.getBoundingClientRect().top) event.preventDefault();
  });
};
