// The parts of Leaflet that maps use, by their names of one place: its module form, of which a bundle takes what is asked for.
export { Control, DivIcon, LatLng, LatLngBounds, LayerGroup, Map, Marker, Polyline, TileLayer } from "leaflet/dist/leaflet-src.esm.js";
import { Control } from "leaflet/dist/leaflet-src.esm.js";

export const { Scale, Zoom } = Control;
