// ⌘K / Ctrl-K: find records and commands. The server draws the answers, this moves through them.
import { fetchMarkup } from "./send.js";

export const startPalette = () => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector(".palette-list");
  let timer;
  let asked = 0;
  let answered = 0;
  let going = false; // a choice was made before the answers to what was typed were there

  const options = () => [...list.querySelectorAll("[role=option]")];
  const mark = (index) => {
    const all = options();
    all.forEach((option, at) => {
      option.setAttribute("aria-selected", at === index ? "true" : "false");
      option.classList.toggle("active", at === index);
    });
    const chosen = all[index];
    chosen?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", chosen?.id ?? "");
  };
  const at = () => options().findIndex((option) => option.classList.contains("active"));
  const load = async () => {
    const mine = ++asked;
    clearTimeout(timer);
    const answer = await fetchMarkup(`/palette?q=${encodeURIComponent(input.value)}`);
    if (mine !== asked) return;
    const goes = going;
    going = false;
    if (!answer?.ok) return;
    answered = mine;
    list.innerHTML = answer.markup;
    mark(0);
    if (goes && dialog.open) options()[0]?.click();
  };
  const open = () => {
    if (dialog.open) return dialog.close();
    dialog.showModal();
    input.select();
    load();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) open();
    if (event.target === dialog) dialog.close();
  });
  input.addEventListener("input", () => {
    asked += 1; // what is shown answers something else
    going = false;
    clearTimeout(timer);
    timer = setTimeout(load, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = options().length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count) mark((at() + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (answered === asked) options()[at()]?.click();
      else {
        going = true;
        load();
      }
    }
  });
};
