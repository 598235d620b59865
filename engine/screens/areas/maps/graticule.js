// The plain ground: lines of latitude and longitude with their degrees, as far apart as the zoom has room for.
import { DivIcon, LayerGroup, Marker, Polyline } from "./leaflet.js";

const STEPS = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const APART = 110; // pixels between two lines at least
const POLE = 85;

const said = (degrees, step, [plus, minus]) => {
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const value = Math.abs(degrees).toFixed(decimals);
  return `${value}°${Number(value) === 0 ? "" : degrees > 0 ? plus : minus}`;
};

export const lay = (earth) => {
  const lines = new LayerGroup().addTo(earth);
  const label = (at, words, css) =>
    new Marker(at, { icon: new DivIcon({ className: `map-degrees ${css}`, html: words, iconSize: null }), interactive: false, keyboard: false }).addTo(lines);
  const line = (ends) => new Polyline(ends, { className: "map-line", interactive: false, weight: 1, smoothFactor: 0, noClip: true }).addTo(lines);
  const paint = () => {
    lines.clearLayers();
    const bounds = earth.getBounds();
    const { x: width } = earth.getSize();
    if (!width) return;
    const degree = width / (bounds.getEast() - bounds.getWest());
    const step = STEPS.findLast((one) => one * degree >= APART) ?? STEPS[0];
    const [south, north] = [Math.max(bounds.getSouth(), -POLE), Math.min(bounds.getNorth(), POLE)];
    for (let at = Math.ceil(south / step) * step; at <= north; at += step) {
      line([[at, bounds.getWest()], [at, bounds.getEast()]]);
      label([at, bounds.getWest()], said(at, step, "NS"), "west");
    }
    for (let at = Math.ceil(bounds.getWest() / step) * step; at <= bounds.getEast(); at += step) {
      line([[south, at], [north, at]]);
      label([north, at], said(((at + 540) % 360) - 180, step, "EW"), "north");
    }
  };
  earth.on("moveend resize", paint);
  paint();
};
