// Requests of our own modules: same origin, with the CSRF token of the page.
import { text } from "./texts.js";

const token = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

export const send = (url, body, headers = {}) =>
  fetch(url, {
    method: body ? "POST" : "GET",
    body,
    credentials: "same-origin",
    headers: { "HX-Request": "true", ...(body ? { "X-CSRFToken": token() } : {}), ...headers },
  });

// What a refused request says to people: the server's words where it has some, our own for what broke on the way (a page of a proxy, say).
export const saidOf = async (answer) => (answer?.headers.get("Content-Type")?.startsWith("text/plain") && (await answer.text())) || text("failed");

// Answers the markup, or null where the session is over: then the page goes to the sign-in and comes back.
export const fetchMarkup = async (url, body) => {
  const answer = await send(url, body);
  if (answer.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    return null;
  }
  return { ok: answer.ok, status: answer.status, markup: await answer.text() };
};

export const element = (markup) => {
  const template = document.createElement("template");
  template.innerHTML = markup.trim();
  return template.content.firstElementChild;
};
