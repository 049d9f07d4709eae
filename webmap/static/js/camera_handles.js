// Handles of the cameras on trial: the point moves a camera, the tip turns it and sets its reach. By mouse, touch or arrow keys.
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { map } from "wangge/map";

const COLOUR = "#b34700";
const METRES_A_DEGREE = 111320;
const MOST_M = 1000;
const group = L.layerGroup().addTo(map);
const circle = Math.PI / 180;

const across = (lat) => METRES_A_DEGREE * Math.cos(lat * circle);
const tipOf = ({ lon, lat, azimuth, range_m: reach }) => [
  lat + (Math.cos(azimuth * circle) * reach) / METRES_A_DEGREE, lon + (Math.sin(azimuth * circle) * reach) / across(lat),
];

function towards(camera, place) {
  const east = (place.lng - camera.lon) * across(camera.lat);
  const north = (place.lat - camera.lat) * METRES_A_DEGREE;
  return {
    azimuth: Math.round((Math.atan2(east, north) / circle + 360) % 360) % 360,
    range_m: Math.min(MOST_M, Math.max(2, Math.round(Math.hypot(east, north)))),
  };
}

// `moved(camera, values)` hears of every change while it happens, `chosen(camera)` of a click.
export function drawHandles(cameras, { moved, chosen, selected }) {
  group.clearLayers();
  for (const camera of cameras) {
    const point = handle([camera.lat, camera.lon], `trial-point${camera.id === selected ? " on" : ""}`, 22, t("trial.point", { id: camera.title }));
    const turning = camera.azimuth !== null;
    const tip = turning && handle(tipOf(camera), "trial-tip", 18, t("trial.tip", { id: camera.title }));
    const line = turning && L.polyline([[camera.lat, camera.lon], tipOf(camera)], { pane: "patrol", color: COLOUR, weight: 2, interactive: false }).addTo(group);
    const follow = () => {
      if (!turning) return;
      line.setLatLngs([[camera.lat, camera.lon], tipOf(camera)]);
      tip.setLatLng(tipOf(camera));
    };
    const move = (values) => {
      Object.assign(camera, values);
      point.setLatLng([camera.lat, camera.lon]);
      follow();
      moved(camera, values);
    };
    point.on("click", () => chosen(camera)).on("drag", () => move({ lon: point.getLatLng().lng, lat: point.getLatLng().lat }));
    keys(point, (step, [east, north]) => move({ lon: camera.lon + (east * step) / across(camera.lat), lat: camera.lat + (north * step) / METRES_A_DEGREE }));
    if (!turning) continue;
    tip.on("drag", () => move(towards(camera, tip.getLatLng())));
    keys(tip, (step, [right, up]) => move({
      azimuth: (camera.azimuth + right * step + 360) % 360, range_m: Math.min(MOST_M, Math.max(2, camera.range_m + up * step)),
    }));
  }
}

function handle(place, name, size, title) {
  const icon = L.divIcon({ className: name, html: el("span"), iconSize: [size, size] });
  return L.marker(place, { pane: "points", icon, draggable: true, autoPan: true, title, alt: title, zIndexOffset: 1000 }).addTo(group);
}

const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function keys(marker, run) {
  marker.getElement().addEventListener("keydown", (event) => {
    if (!ARROWS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    run(event.shiftKey ? 10 : 1, ARROWS[event.key]);
  });
}
