// Draws a map with Leaflet: the points of the list beside it, near ones as one; the list stays the way in for keyboards and readers.
import { DivIcon, LatLng, LatLngBounds, LayerGroup, Map as Earth, Marker, Scale, TileLayer, Zoom } from "./leaflet.js";
import { text } from "../../frontend/src/texts.js";
import { lay } from "./graticule.js";
import { attachNear } from "./near.js";

const CELL = 52; // pixels within which points are one
const CLOSEST = 17;
const LAST = 30; // pixels around a point that is brought into sight
const CHINA = [[18, 74], [53, 135]];
const seen = new Map(); // key of a map → what was in sight, so that fresh figures leave the view as it was

const pointsOf = (root) =>
  [...root.querySelectorAll("[data-spots] [data-at]")].map((item) => {
    const [north, east] = item.dataset.at.split(",").map(Number);
    return { item, at: new LatLng(north, east), weight: item.dataset.weight ?? "" };
  });

// Near points fall into one cell of the earth at this zoom: panning leaves them together.
const gather = (earth, points) => {
  const cells = new Map();
  for (const point of points) {
    const { x, y } = earth.project(point.at, earth.getZoom());
    const key = `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
    cells.has(key) ? cells.get(key).push(point) : cells.set(key, [point]);
  }
  return [...cells.values()];
};

const middle = (points) =>
  new LatLng(
    points.reduce((sum, one) => sum + one.at.lat, 0) / points.length,
    points.reduce((sum, one) => sum + one.at.lng, 0) / points.length,
  );

const nameOf = (point) => point.item.querySelector("a, b").textContent;

const iconOf = (points) => {
  if (points.length > 1) return new DivIcon({ className: "map-many", html: String(points.length), iconSize: [34, 34] });
  const weight = points[0].weight;
  const size = weight ? 14 + Number(weight) * 2 : 18;
  return new DivIcon({ className: `map-one${points[0].item.hasAttribute("aria-current") ? " on" : ""}`, iconSize: [size, size] });
};

export const draw = (root) => {
  const place = root.querySelector("[data-map]");
  const card = root.querySelector("[data-card]");
  const points = pointsOf(root);
  // On a board a wheel or a finger moves the page: there the map is moved by its buttons, keys and two fingers.
  const alone = root.dataset.key === "list";
  const touch = matchMedia("(pointer: coarse)").matches;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const earth = new Earth(place, {
    attributionControl: false, zoomControl: false, scrollWheelZoom: alone, dragging: alone || !touch, worldCopyJump: true, minZoom: 2, maxZoom: CLOSEST,
    zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still,
  });
  new Zoom({ position: "topright", zoomInTitle: place.dataset.in, zoomOutTitle: place.dataset.out }).addTo(earth);
  new Scale({ imperial: false, position: "bottomleft" }).addTo(earth);

  const whole = new LatLngBounds(points.length ? points.map((one) => one.at) : CHINA);
  const [south, west, north, east] = (root.dataset.box ?? "").split(",").map(Number);
  const before = seen.get(root.dataset.key);
  if (before && !alone) earth.setView(before.center, before.zoom, { animate: false });
  else if (root.dataset.box && west <= east) earth.fitBounds([[south, west], [north, east]], { animate: false });
  else earth.fitBounds(whole, { padding: [LAST, LAST], maxZoom: 14, animate: false });

  let plain = false;
  const ground = () => {
    if (!plain) lay(earth);
    plain = true;
  };
  if (place.dataset.tiles) {
    let came = false;
    place.classList.add("tiled");
    for (const address of JSON.parse(place.dataset.tiles)) {
      const tiles = new TileLayer(address, { maxZoom: CLOSEST, referrerPolicy: "origin" });
      tiles.on("tileload", () => { came = true; });
      tiles.on("tileerror", () => { if (!came) ground(); });
      tiles.addTo(earth);
    }
  } else ground();

  // What stands in the list of a point or of several, over the map: the same words and ways, no ids twice.
  const tell = (some) => {
    card.replaceChildren();
    for (const { item } of some.slice(0, 5)) {
      const copy = item.querySelector(".spot-body").cloneNode(true);
      card.append(copy);
    }
    if (some.length > 5) card.append(Object.assign(document.createElement("p"), { className: "muted", textContent: text("map_places", { count: some.length }) }));
    card.hidden = false;
  };
  const mark = (some) => {
    for (const one of points) one.item.toggleAttribute("aria-current", some.includes(one));
    const list = root.querySelector("[data-spots]");
    if (list.scrollHeight > list.clientHeight) list.scrollTop = some[0].item.offsetTop - list.offsetTop - LAST;
  };

  const layer = new LayerGroup().addTo(earth);
  const paint = () => {
    layer.clearLayers();
    for (const some of gather(earth, points)) {
      const title = some.length > 1 ? text("map_places", { count: some.length }) : nameOf(some[0]);
      const marker = new Marker(some.length > 1 ? middle(some) : some[0].at, { icon: iconOf(some), title, keyboard: false });
      marker.on("click", () => {
        const bounds = new LatLngBounds(some.map((one) => one.at));
        const apart = some.length > 1 && earth.getZoom() < CLOSEST && !bounds.getNorthEast().equals(bounds.getSouthWest());
        if (apart) return earth.fitBounds(bounds, { padding: [LAST, LAST], maxZoom: CLOSEST });
        tell(some);
        mark(some);
        return paint();
      });
      marker.addTo(layer);
    }
  };
  earth.on("zoomend", paint);
  paint();

  root.addEventListener("click", (event) => {
    const item = event.target.closest("[data-show]")?.closest("[data-at]");
    const point = item && points.find((one) => one.item === item);
    if (!point) return;
    tell([point]);
    mark([point]);
    earth.setView(point.at, Math.max(earth.getZoom(), 14), { animate: !still });
    paint();
    if (matchMedia("(max-width: 760px)").matches) place.scrollIntoView({ block: "nearest" });
  });

  const area = root.querySelector("[data-area]");
  const begun = earth.getBounds();
  earth.on("moveend", () => {
    seen.set(root.dataset.key, { center: earth.getCenter(), zoom: earth.getZoom() });
    if (!area || earth.getBounds().equals(begun)) return;
    const now = earth.getBounds();
    const turns = now.getEast() - now.getWest() >= 360;
    const within = (degrees) => new LatLng(0, degrees).wrap().lng;
    const edges = [Math.max(now.getSouth(), -90), turns ? -180 : within(now.getWest()), Math.min(now.getNorth(), 90), turns ? 180 : within(now.getEast())];
    area.href = area.dataset.area + edges.map((one) => one.toFixed(5)).join(",");
    area.hidden = false;
  });
  attachNear(root, earth, points);
  new ResizeObserver(() => earth.invalidateSize({ animate: false })).observe(place);
};
