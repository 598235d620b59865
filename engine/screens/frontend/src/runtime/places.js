// Places on the earth: kilometres between two positions, "latitude, longitude" with an accuracy behind, to the metre.
import { Dec } from "./decimal.js";

const METRES_ACROSS = 12742017.6; // the earth's mean diameter
const POSITION = /^-?[0-9]{1,3}([.][0-9]{1,12})?, ?-?[0-9]{1,3}([.][0-9]{1,12})?( ±[0-9]{1,6})?$/;

const radians = (place) => (POSITION.test(place) ? place.split(" ±")[0].split(",").map((part) => (Number(part) / 180) * Math.PI) : null);

export function distance(here, there) {
  const [a, b] = [radians(here), radians(there)];
  if (a === null || b === null) return null;
  const part = Math.sin((b[0] - a[0]) / 2) ** 2 + Math.cos(a[0]) * Math.cos(b[0]) * Math.sin((b[1] - a[1]) / 2) ** 2;
  return new Dec(BigInt(Math.floor(METRES_ACROSS * Math.asin(Math.min(1, Math.sqrt(part))) + 0.5)), 3);
}
