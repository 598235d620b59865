// What lists can do beside showing rows; loaded by pages that have one.
import { attachGroups, startGroups } from "./groups.js";

let started = false;

export const attachListExtras = () => {
  if (!started) {
    started = true;
    startGroups();
  }
  attachGroups();
};
