// An image field: a photo is made smaller before it is sent, and shown by its copy. And pictures on pages, enlarged by a click.
import { attachUpload } from "../screens/frontend/src/uploads.js";

const LONGEST = 3000; // pixels
const LARGE = 1.5e6; // bytes that are sent as they are
const APPLE = /hei[cf]/i;

// Photos lose by this what else they hold, where they were taken among it. What can't be drawn goes as it is: the server says why not.
const smaller = async (file) => {
  const apple = APPLE.test(file.type) || APPLE.test(file.name.split(".").at(-1));
  if (!apple && (file.size < LARGE || !/^image\/(jpeg|png|webp)$/.test(file.type))) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
    if (!drawn || (!apple && drawn.size >= file.size)) return file;
    return new File([drawn], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" });
  } catch {
    return file;
  }
};

let frame = null;
let around = [];
let at = 0;

const showAt = (place) => {
  at = (place + around.length) % around.length;
  const { enlarge, name } = around[at].dataset;
  const picture = frame.querySelector("img");
  picture.src = `${enlarge}?thumbnail=large`;
  picture.alt = name;
  frame.setAttribute("aria-label", name);
  const way = frame.querySelector("a");
  way.href = enlarge;
  way.textContent = name;
};

const enlarge = (link) => {
  if (!frame) {
    frame = document.createElement("dialog");
    frame.className = "enlarged";
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn";
    close.textContent = "×";
    close.setAttribute("aria-label", document.documentElement.lang.startsWith("zh") ? "关闭" : "Close");
    const way = document.createElement("a");
    way.download = "";
    frame.append(close, document.createElement("img"), way);
    frame.addEventListener("click", (event) => event.target.closest("a, img") || frame.close());
    frame.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) showAt(at + step);
    });
    document.body.append(frame);
  }
  around = [...document.querySelectorAll("[data-enlarge]")];
  showAt(around.indexOf(link));
  frame.showModal();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-enlarge]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  enlarge(link);
});

export function attach(root) {
  for (const place of root.querySelectorAll("[data-image-pick]:not([data-picking])")) {
    place.dataset.picking = "true";
    const picture = place.querySelector("[data-shown]");
    picture.addEventListener("error", () => (picture.hidden = true));
    attachUpload(place, {
      prepare: smaller,
      pasted: true,
      show: (id, label) => {
        picture.hidden = !id;
        picture.alt = label;
        if (id) picture.src = `/api/v1/files/${id}?thumbnail=small`;
      },
    });
  }
}
