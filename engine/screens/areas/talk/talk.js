// Files dropped on a record, and colleagues offered behind an @.
import { dropZone } from "../../frontend/src/dropping.js";
import { send } from "../../frontend/src/send.js";
import { text } from "../../frontend/src/texts.js";

for (const form of document.querySelectorAll("[data-drop]")) {
  const zone = form.querySelector(".file-zone");
  const input = zone.querySelector("input");
  const go = () => {
    if (!input.files.length || form.dataset.sending) return;
    form.dataset.sending = "true";
    zone.querySelector("[data-drop-text]").textContent = text("talk_uploading");
    form.requestSubmit();
  };
  input.addEventListener("change", () => {
    const names = [...input.files].map((file) => file.name).join(", ");
    if (names) zone.querySelector("[data-drop-text]").textContent = names;
  });
  dropZone(zone, input, go);
}

const BEHIND = /(?:^|[^\w.])[@＠]([\p{L}\p{N}_.-]{0,20})$/u;

const offer = (area) => {
  let box = null;
  let chosen = 0;
  let asked = 0;
  const close = () => {
    box?.remove();
    box = null;
    area.removeAttribute("aria-activedescendant");
    area.removeAttribute("aria-controls");
  };
  const mark = () => {
    [...box.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    area.setAttribute("aria-activedescendant", box.children[chosen].id);
  };
  const take = (name) => {
    const typed = area.value.slice(0, area.selectionStart);
    const start = typed.length - BEHIND.exec(typed)[1].length;
    area.setRangeText(`${name} `, start, area.selectionStart, "end");
    close();
    area.focus();
  };
  const show = (people) => {
    close();
    if (!people.length) return;
    box = document.createElement("ul");
    box.className = "mention-box";
    box.id = "mention-box";
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", "@");
    people.forEach((person, place) => {
      const item = document.createElement("li");
      item.id = `mention-${place}`;
      item.setAttribute("role", "option");
      const login = document.createElement("small");
      login.textContent = person.login;
      item.append(person.name, login);
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(person.name);
      });
      box.append(item);
    });
    const place = area.getBoundingClientRect();
    box.style.left = `${place.left + scrollX}px`;
    box.style.top = `${place.bottom + scrollY + 2}px`;
    document.body.append(box);
    chosen = 0;
    area.setAttribute("aria-controls", "mention-box");
    mark();
  };
  area.setAttribute("aria-autocomplete", "list");
  area.addEventListener("input", async () => {
    const match = BEHIND.exec(area.value.slice(0, area.selectionStart));
    const turn = ++asked;
    if (!match) return close();
    const answer = await send(`/talk/people?q=${encodeURIComponent(match[1])}`);
    if (answer.ok && turn === asked) show(await answer.json());
  });
  area.addEventListener("keydown", (event) => {
    if (!box) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) chosen = (chosen + step + box.children.length) % box.children.length;
    else if (event.key === "Enter" || event.key === "Tab") take(box.children[chosen].firstChild.textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (box) mark();
  });
  area.addEventListener("blur", close);
};

const offering = new WeakSet(); // a mark on the element itself would be gone when the page is drawn anew around it
const attach = () => {
  for (const area of document.querySelectorAll("[data-mentions]")) {
    if (offering.has(area)) continue;
    offering.add(area);
    offer(area);
  }
};
attach();
document.addEventListener("htmx:after:swap", attach);
