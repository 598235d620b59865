// A file field: what is picked or dropped is uploaded at once, and its number is what the form sends.
import { attachUpload } from "../screens/frontend/src/uploads.js";

export function attach(root) {
  for (const place of root.querySelectorAll("[data-upload]:not([data-image-pick]):not([data-picking])")) {
    place.dataset.picking = "true";
    attachUpload(place);
  }
}
