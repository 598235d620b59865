// A file field: what is picked is uploaded at once, and its number is what the form sends.
const token = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

const send = async (file) => {
  const body = new FormData();
  body.append("file", file);
  const answer = await fetch("/api/v1/files", { method: "POST", body, credentials: "same-origin", headers: { "X-CSRF-Token": token() } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
};

export function attach(root) {
  for (const place of root.querySelectorAll('[data-control="file"]:not([data-picking])')) {
    place.dataset.picking = "true";
    const picker = place.querySelector('input[type="file"]');
    if (!picker) continue;
    const value = place.querySelector('input[type="hidden"]');
    const name = place.querySelector("[data-file-name]");
    const clear = place.querySelector("[data-file-clear]");
    const set = (id, label) => {
      value.value = id;
      name.textContent = label;
      clear.hidden = !id;
      value.dispatchEvent(new Event("change", { bubbles: true }));
    };
    picker.addEventListener("change", async () => {
      const file = picker.files[0];
      if (!file) return;
      place.setAttribute("aria-busy", "true");
      name.textContent = `${file.name} …`;
      try {
        const made = await send(file);
        set(String(made.id), made.name);
      } catch (problem) {
        name.textContent = problem.message;
      } finally {
        place.removeAttribute("aria-busy");
        picker.value = "";
      }
    });
    clear.addEventListener("click", () => set("", ""));
  }
}
