// A signature field: signed in a window of its own, uploaded when it is confirmed. What draws comes only when somebody signs.
import { upload } from "../screens/frontend/src/uploads.js";

const MARGIN = 12; // pixels around the strokes

// The strokes on white, cut to their size.
const drawn = (canvas, strokes) => {
  const points = strokes.flatMap((stroke) => stroke.points);
  const scale = canvas.width / canvas.clientWidth;
  const [left, top] = ["x", "y"].map((axis) => Math.max(0, (Math.min(...points.map((one) => one[axis])) - MARGIN) * scale));
  const right = Math.min(canvas.width, (Math.max(...points.map((one) => one.x)) + MARGIN) * scale);
  const bottom = Math.min(canvas.height, (Math.max(...points.map((one) => one.y)) + MARGIN) * scale);
  const cut = document.createElement("canvas");
  cut.width = Math.ceil(right - left);
  cut.height = Math.ceil(bottom - top);
  const paper = cut.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, cut.width, cut.height);
  paper.drawImage(canvas, -left, -top);
  return new Promise((resolve) => cut.toBlob(resolve, "image/png"));
};

const start = (place) => {
  const open = place.querySelector("[data-sign-open]");
  if (!open) return;
  const value = place.querySelector('input[type="hidden"]');
  const [name, shown, trouble, clear] = ["[data-file-name]", "[data-shown]", "[data-file-trouble]", "[data-file-clear]"].map((one) => place.querySelector(one));
  const dialog = place.querySelector("dialog");
  const canvas = dialog.querySelector("canvas");
  const act = (which, work) => dialog.querySelector(`[data-sign-${which}]`).addEventListener("click", work);
  let pad = null;
  let undone = [];

  const set = (id, said) => {
    value.value = id;
    name.textContent = said;
    clear.hidden = !id;
    shown.hidden = !id;
    if (id) shown.src = `/api/v1/files/${id}?thumbnail=large`;
    value.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const size = () => {
    const scale = Math.max(2, Math.min(3, devicePixelRatio || 1));
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    canvas.getContext("2d").scale(scale, scale);
  };
  open.addEventListener("click", async () => {
    trouble.textContent = "";
    const { default: SignaturePad } = await import("signature_pad");
    dialog.showModal();
    size();
    pad?.off();
    pad = new SignaturePad(canvas, { penColor: "#111827", minWidth: 0.9, maxWidth: 2.8 });
    pad.addEventListener("endStroke", () => (undone = []));
    undone = [];
  });
  act("undo", () => {
    const strokes = pad.toData();
    if (strokes.length) undone.push(strokes.pop());
    pad.fromData(strokes);
  });
  act("redo", () => undone.length && pad.fromData([...pad.toData(), undone.pop()]));
  act("clear", () => {
    pad.clear();
    undone = [];
  });
  act("close", () => dialog.close());
  act("done", async () => {
    if (pad.isEmpty()) {
      canvas.classList.remove("missing");
      requestAnimationFrame(() => canvas.classList.add("missing"));
      return;
    }
    const picture = await drawn(canvas, pad.toData());
    dialog.close();
    name.textContent = "…";
    try {
      const made = await upload(new File([picture], "signature.png", { type: "image/png" }), place.dataset.for).done;
      set(String(made.id), place.dataset.signed);
    } catch (problem) {
      set("", "");
      trouble.textContent = problem.message || place.dataset.failed;
    }
    open.focus();
  });
  clear.addEventListener("click", () => {
    set("", "");
    open.focus();
  });
};

export function attach(root) {
  for (const place of root.querySelectorAll("[data-signature]:not([data-started])")) {
    place.dataset.started = "true";
    start(place);
  }
}
