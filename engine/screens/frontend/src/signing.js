// Signing in again over a form whose session is over: what was typed stays where it is, and saving goes on.
import { element } from "./send.js";
import { text } from "./texts.js";

const page = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
const tokenOf = (found) => found.querySelector('meta[name="csrf"]')?.content ?? "";

// The token of the new session goes to everything on the page that is sent.
const take = (token) => {
  document.querySelector('meta[name="csrf"]').content = token;
  for (const input of document.querySelectorAll('input[name="csrf_token"][type="hidden"], input[name="_csrf_token"]')) input.value = token;
};

const enter = async (login, password) => {
  const before = await page(await fetch("/sign-in", { credentials: "same-origin" }));
  const body = new FormData();
  for (const [name, value] of Object.entries({ login, password, csrf_token: tokenOf(before), next: "/password" })) body.append(name, value);
  const answer = await fetch("/sign-in", { method: "POST", body, credentials: "same-origin" });
  const after = await page(answer);
  if (!answer.ok || new URL(answer.url).pathname === "/sign-in") return after.querySelector(".notice.bad")?.textContent.trim() || text("failed");
  take(tokenOf(after));
  return "";
};

// Answers whether somebody is signed in now.
export const signInAgain = (form) =>
  new Promise((done) => {
    const box = element('<dialog class="dialog" aria-labelledby="again-title"><form class="dialog-body sign-in" method="dialog"><h2 id="again-title"></h2><p></p><div class="notice bad" role="alert" hidden></div><div class="field"><label for="again-login"></label><input class="input" id="again-login" autocomplete="username" autocapitalize="none" spellcheck="false" required></div><div class="field"><label for="again-password"></label><input class="input" id="again-password" type="password" autocomplete="current-password" required></div><div class="dialog-acts"><button class="btn" type="button" data-later></button><button class="btn primary"></button></div></form></dialog>');
    const [login, password] = box.querySelectorAll("input");
    const [later, go] = box.querySelectorAll("button");
    const labels = box.querySelectorAll("label");
    const says = [[box.querySelector("h2"), "again_title"], [box.querySelector("p"), "again_hint"], [labels[0], "login"], [labels[1], "password"], [later, "again_later"], [go, "sign_in"]];
    for (const [place, name] of says) place.textContent = text(name);
    const notice = box.querySelector(".notice");
    let entered = false;
    box.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      go.setAttribute("aria-disabled", "true");
      const problem = await enter(login.value, password.value).catch(() => text("failed"));
      go.removeAttribute("aria-disabled");
      notice.hidden = !problem;
      notice.textContent = problem;
      if (problem) return password.select();
      entered = true;
      box.close();
    });
    later.addEventListener("click", () => box.close());
    box.addEventListener("close", () => {
      box.remove();
      form.isConnected && done(entered);
    });
    document.body.append(box);
    box.showModal();
    login.focus();
  });
