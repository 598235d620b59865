// The one script of every page: htmx, and our own small modules. Everything is delegated or attached to what is on the page;
// whatever a swap brings in is attached the same way.
import "htmx.org/dist/htmx.esm.js";
import { kinds } from "../build/kinds.js";
import { attachControls } from "./controls/attach.js";
import { attachEdges } from "./edges.js";
import { attachForm } from "./form.js";
import { startKeys } from "./keys.js";
import { attachList, startList } from "./list.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startPalette } from "./palette.js";
import { attachRecord, startRecord } from "./record.js";
import { attachTimes } from "./times.js";
import { startToasts } from "./toasts.js";
import { startWaiting } from "./waiting.js";

const attach = (root) => {
  attachControls(root);
  for (const kind of kinds) kind(root);
  attachForm(root);
  attachList(root);
  attachRecord();
  attachTimes(root);
  attachEdges(root);
};

startMenus();
startKeys();
startPalette();
startToasts();
startWaiting();
startList();
startRecord();
startLive();
attach(document);
document.addEventListener("htmx:after:swap", () => attach(document));
document.addEventListener("tenon:added", (event) => attach(event.target));
document.documentElement.dataset.ready = "true";
