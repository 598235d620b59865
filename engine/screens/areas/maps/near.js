// Near me: the list in the order of distance from where the browser says that it is.
import { DivIcon, LatLng, Marker } from "./leaflet.js";
import { language, text } from "../../frontend/src/texts.js";
import { toast } from "../../frontend/src/toasts.js";

const DENIED = 1;
const CLOSE = 5; // of the nearest that come into sight

export const saidFar = (metres) => {
  if (metres < 1000) return text("map_metres", { count: Math.round(metres / 10) * 10 });
  const digits = metres < 100000 ? 1 : 0;
  return text("map_kilometres", { count: (metres / 1000).toLocaleString(language, { maximumFractionDigits: digits }) });
};

export const attachNear = (root, earth, points) => {
  const button = root.querySelector("[data-near]");
  if (!button || !navigator.geolocation || !window.isSecureContext) return;
  button.hidden = false;
  let here = null;
  const show = ({ coords }) => {
    const at = new LatLng(coords.latitude, coords.longitude);
    here?.remove();
    here = new Marker(at, { icon: new DivIcon({ className: "map-here", iconSize: [16, 16] }), title: text("map_here"), keyboard: false, interactive: false, zIndexOffset: 500 }).addTo(earth);
    const ordered = points.map((point) => ({ ...point, far: earth.distance(at, point.at) })).sort((one, two) => one.far - two.far);
    const list = root.querySelector("[data-spots]");
    for (const { item, far } of ordered) {
      item.querySelector("[data-far]").textContent = saidFar(far);
      list.append(item);
    }
    list.scrollTop = 0;
    earth.fitBounds([at, ...ordered.slice(0, CLOSE).map((one) => one.at)], { padding: [40, 40], maxZoom: 15 });
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      (found) => {
        button.disabled = false;
        show(found);
      },
      (problem) => {
        button.disabled = false;
        toast(problem.code === DENIED ? button.dataset.denied : button.dataset.failed, "bad");
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
};
