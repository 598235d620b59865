// Files on their way up: sent with progress, broken off, tried again, dropped onto their field. What they are is for the server to say.
const token = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

// Sends a file for a field (`object.field`, so that it is refused at once where the field would not take it). `done` gives the file's record.
export const upload = (file, field, told = () => {}) => {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file, file.name);
  body.append("for", field);
  const done = new Promise((resolve, reject) => {
    request.open("POST", "/api/v1/files");
    request.responseType = "json";
    request.setRequestHeader("X-CSRF-Token", token());
    request.upload.addEventListener("progress", (event) => event.lengthComputable && told(event.loaded / event.total));
    request.addEventListener("load", () => (request.status === 201 ? resolve(request.response) : reject(new Error(request.response?.detail ?? ""))));
    request.addEventListener("error", () => reject(new Error("")));
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
  });
  request.send(body);
  return { done, stop: () => request.abort() };
};

const parts = (place) => ({
  value: place.querySelector('input[type="hidden"]'),
  name: place.querySelector("[data-file-name]"),
  progress: place.querySelector("progress"),
  trouble: place.querySelector("[data-file-trouble]"),
  cancel: place.querySelector("[data-file-cancel]"),
  again: place.querySelector("[data-file-again]"),
  clear: place.querySelector("[data-file-clear]"),
});

// Puts what is picked, dropped or pasted into a field of one file. `prepare` may give another file in its place; `show` is told the id.
export const attachUpload = (place, { prepare = async (file) => file, show = () => {}, pasted = false } = {}) => {
  const { value, name, progress, trouble, cancel, again, clear } = parts(place);
  const pickers = place.querySelectorAll('input[type="file"]');
  if (!pickers.length) return;
  let former = name.textContent;
  let running = null;
  let last = null;

  const set = (id, label) => {
    value.value = id;
    name.textContent = label;
    former = label;
    clear.hidden = !id;
    show(id, label);
    value.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const rest = () => {
    running = null;
    progress.hidden = cancel.hidden = true;
    place.removeAttribute("aria-busy");
  };
  const go = async (given) => {
    running?.stop();
    last = given;
    trouble.textContent = "";
    again.hidden = true;
    clear.hidden = true;
    progress.hidden = cancel.hidden = false;
    progress.value = 0;
    place.setAttribute("aria-busy", "true");
    name.textContent = given.name;
    const file = await prepare(given);
    if (last !== given) return;
    const mine = upload(file, place.dataset.for, (part) => (progress.value = part));
    running = mine;
    try {
      const made = await mine.done;
      if (running !== mine) return;
      rest();
      set(String(made.id), made.name);
    } catch (problem) {
      if (running !== mine) return;
      rest();
      name.textContent = former;
      clear.hidden = !value.value;
      if (problem.name === "AbortError") return;
      trouble.textContent = problem.message || place.dataset.failed;
      again.hidden = Boolean(problem.message); // a refusal stays one
      (again.hidden ? pickers[0] : again).focus();
    }
  };
  const take = (files) => files?.length && go(files[0]);

  for (const picker of pickers) {
    picker.addEventListener("change", () => {
      take(picker.files);
      picker.value = "";
    });
  }
  cancel.addEventListener("click", () => {
    last = null;
    if (running) running.stop();
    else {
      rest();
      name.textContent = former;
      clear.hidden = !value.value;
    }
    pickers[0].focus();
  });
  again.addEventListener("click", () => last && go(last));
  clear.addEventListener("click", () => {
    trouble.textContent = "";
    set("", clear.dataset.nothing);
    pickers[0].focus();
  });
  const zone = place.closest(".field") ?? place;
  const over = (on) => place.classList.toggle("over", on);
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      over(true);
    });
  }
  zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || over(false));
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    over(false);
    take(event.dataTransfer.files);
  });
  if (pasted) {
    zone.addEventListener("paste", (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      take(event.clipboardData.files);
    });
  }
};
