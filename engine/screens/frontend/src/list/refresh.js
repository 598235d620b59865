// The list as it is now in the place of the one that is shown: where one was, what was picked and which groups are folded stay.
import htmx from "htmx.org/dist/htmx.esm.js";
import { element, send } from "../send.js";

export const refresh = async () => {
  const answer = await send(location.pathname + location.search);
  if (!answer.ok) return;
  const fresh = element(await answer.text());
  const list = document.getElementById("list");
  if (fresh?.id !== "list" || !list) return;
  const scroll = list.querySelector(".scroll");
  const place = [scroll?.scrollTop ?? 0, scroll?.scrollLeft ?? 0];
  list.replaceWith(fresh);
  htmx.process(fresh);
  fresh.dispatchEvent(new Event("tenon:added", { bubbles: true }));
  const there = fresh.querySelector(".scroll");
  if (there) [there.scrollTop, there.scrollLeft] = place;
};
