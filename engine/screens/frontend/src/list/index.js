// What lists can do beside showing rows; loaded by pages that have one.
import { attachCells, startCells } from "./cells.js";
import { startEverything, tellPicked } from "./everything.js";
import { attachGroups, startGroups } from "./groups.js";
import { startPaste } from "./paste.js";
import { attachStand, startStand } from "./stand.js";
import { startUndo } from "./undo.js";

let started = false;

// `count` says anew how many rows are picked.
export const attachListExtras = (count) => {
  if (!started) {
    started = true;
    startGroups();
    startCells();
    startPaste();
    startUndo();
    startStand();
    startEverything(count);
  }
  attachGroups();
  attachCells();
  attachStand();
};

export { tellPicked };
