// The place of a report: a local map to tap, the device's position asked for once, and names of streets and places to find it by.
// In which grid it lies is told from outlines that the phone keeps; the server decides again when the report comes.
import { el, lang, named, t } from "./words.js";

const STREETS = { primary: 3, secondary: 2.5, tertiary: 2, rail: 2, trunk: 3, motorway: 3 };
const FOUND = 8;

let ground = null;
let map = null;
let mark = null;
let cellShape = null;
let areas = new Map();

// Even-odd over all rings: holes and parts need no care of their own.
function isInside(rings, lon, lat) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

// Ties go to the lowest code, as at the server.
export function cellAt(lon, lat) {
  const hit = ground.cells.filter((cell) => isInside(cell.rings.flat(), lon, lat)).map((cell) => cell.code).sort();
  return hit.length ? hit[0] : "";
}

export function placeWords(code) {
  const names = [];
  for (let area = areas.get(code); area && area.level !== "city" && area.level !== "district"; area = areas.get(area.parent)) names.push(named(area));
  return names.join(" · ");
}

function baseMap() {
  const { tiles } = ground;
  if (!tiles) return;
  const Shifted = L.TileLayer.extend({
    _shift(zoom) { return this._map.project(tiles.there, zoom).subtract(this._map.project(tiles.at, zoom)); },
    _getTiledPixelBounds(center) {
      const plain = L.TileLayer.prototype._getTiledPixelBounds.call(this, center);
      const shift = this._shift(this._tileZoom);
      return L.bounds(plain.min.add(shift), plain.max.add(shift));
    },
    _getTilePos(coords) { return L.TileLayer.prototype._getTilePos.call(this, coords).subtract(this._shift(this._tileZoom)._round()); },
  });
  new Shifted(tiles.url, { maxZoom: 19, maxNativeZoom: tiles.max_zoom, attribution: tiles.attribution }).addTo(map);
}

const turned = (line) => line.map(([lon, lat]) => [lat, lon]);

function drawGround() {
  const renderer = L.canvas({ padding: 0.3 });
  for (const street of ground.streets) {
    const rail = street.kind === "rail";
    L.polyline(street.lines.map(turned), { renderer, interactive: false, color: rail ? "#5b4a6b" : "#9aa6b3", weight: STREETS[street.kind] ?? 1.2, dashArray: rail ? "6 4" : null }).addTo(map);
  }
  for (const cell of ground.cells) {
    L.polygon(cell.rings.map((part) => part.map(turned)), { renderer, interactive: false, color: "#3f6f9f", weight: 1, fill: false }).addTo(map);
  }
}

// Street names where the map is near enough to hold them; written by hand of the map, so they are never in the way of a tap.
function labels() {
  const layer = L.layerGroup().addTo(map);
  const draw = () => {
    layer.clearLayers();
    if (map.getZoom() < 15) return;
    const view = map.getBounds();
    const taken = [];
    const rows = [...ground.places.map((place) => [named(place), [place.lat, place.lon], "place"]), ...ground.streets.filter((street) => named(street)).map((street) => {
      const seen = street.lines.flat().filter(([lon, lat]) => view.contains([lat, lon]));
      const middle = seen[Math.floor(seen.length / 2)];
      return middle ? [named(street), [middle[1], middle[0]], "street"] : null;
    })];
    for (const row of rows) {
      if (!row || !view.contains(row[1])) continue;
      const at = map.latLngToContainerPoint(row[1]);
      // About as wide as the text is drawn: Chinese characters twice as wide as letters.
      const width = [...row[0]].reduce((sum, letter) => sum + (letter > "\u2e80" ? 14 : 8), 8);
      const box = [at.x, at.x + width, at.y - 10, at.y + 12];
      if (taken.some((other) => box[0] < other[1] && other[0] < box[1] && box[2] < other[3] && other[2] < box[3])) continue;
      taken.push(box);
      const text = document.createElement("span");
      text.textContent = row[0];
      L.marker(row[1], { interactive: false, keyboard: false, icon: L.divIcon({ className: `label ${row[2]}`, html: text, iconSize: null }) }).addTo(layer);
    }
  };
  map.on("moveend", draw);
  draw();
}

// Puts the mark; `told` hears of the place and of the grid, which is empty outside the district.
export function setPlace(lon, lat, told) {
  const code = cellAt(lon, lat);
  mark ??= L.marker([lat, lon], { draggable: true, alt: t("report.mark"), icon: L.divIcon({ className: "pin", iconSize: [34, 34], iconAnchor: [17, 34] }) })
    .on("dragend", () => { const at = mark.getLatLng(); setPlace(at.lng, at.lat, mark.told); }).addTo(map);
  mark.told = told;
  mark.setLatLng([lat, lon]);
  cellShape?.remove();
  const cell = ground.cells.find((each) => each.code === code);
  cellShape = cell ? L.polygon(cell.rings.map((part) => part.map(turned)), { color: "#0b4f8f", weight: 3, fillOpacity: 0.12, interactive: false }).addTo(map) : null;
  told({ lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)), code });
}

export function showPlace(lon, lat) { map.setView([lat, lon], Math.max(map.getZoom(), 16), { animate: false }); }

export function clearPlace() {
  mark?.remove();
  cellShape?.remove();
  mark = cellShape = null;
  map.fitBounds(ground.bounds, { animate: false });
}

// The one place of this page that asks for a position: once, by a button, and what comes is put on the map and nowhere else.
export function askPosition(found, failed) {
  if (!navigator.geolocation || !window.isSecureContext) { failed("none"); return; }
  const asked = { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 };
  navigator.geolocation.getCurrentPosition(({ coords }) => found(coords.longitude, coords.latitude, coords.accuracy), (error) => failed(error.code === 1 ? "denied" : "none"), asked);
}

function score(row, wanted) {
  const names = [row.zh.toLowerCase(), row.en.toLowerCase()];
  if (names.includes(wanted)) return 0;
  if (names.some((name) => name.startsWith(wanted))) return 1;
  // «富强1巷27号» is found by the street it begins with.
  if (names.some((name) => name.length > 2 && wanted.startsWith(name))) return 2;
  return names.some((name) => name.includes(wanted)) ? 3 : 9;
}

function middle(row) {
  if (row.lines) return row.lines[0][Math.floor(row.lines[0].length / 2)];
  if (row.lon !== undefined) return [row.lon, row.lat];
  const box = L.latLngBounds(ground.cells.filter((cell) => cell.code.startsWith(row.code)).flatMap((cell) => cell.rings.flat().flatMap(turned)));
  return box.isValid() ? [box.getCenter().lng, box.getCenter().lat] : null;
}

export function find(text) {
  const wanted = text.normalize("NFKC").trim().toLowerCase();
  if (!wanted) return [];
  const rows = [...ground.places, ...ground.streets.filter((street) => street.zh), ...ground.areas.filter((area) => area.level !== "district")];
  const seen = new Set();
  return rows.map((row) => [score(row, wanted), row]).filter(([mark_]) => mark_ < 9).sort((a, b) => a[0] - b[0])
    .filter(([, row]) => { const key = `${row.zh}${row.level ?? ""}`; return !seen.has(key) && seen.add(key); })
    .slice(0, FOUND).map(([, row]) => ({ row, name: named(row), at: middle(row) })).filter((each) => each.at);
}

export function startMap(given, picked) {
  ground = given;
  areas = new Map(ground.areas.map((area) => [area.code, area]));
  map = L.map("map", { zoomControl: false, attributionControl: Boolean(ground.tiles), maxZoom: 19, minZoom: 9, zoomAnimation: false, fadeAnimation: false });
  map.attributionControl?.setPrefix(false);
  L.control.zoom({ position: "topleft", zoomInTitle: t("map.zoom_in"), zoomOutTitle: t("map.zoom_out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 110 }).addTo(map);
  map.fitBounds(ground.bounds, { animate: false });
  baseMap();
  drawGround();
  labels();
  map.on("click", ({ latlng }) => setPlace(latlng.lng, latlng.lat, picked));
  // Without a mouse: the arrow keys move the map, and Enter takes what is under its middle.
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== map.getContainer()) return;
    event.preventDefault();
    const at = map.getCenter();
    setPlace(at.lng, at.lat, picked);
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
}

export function drawFound(list, rows, chosen) {
  list.replaceChildren(...rows.map((each) => el("li", {}, el("button", { type: "button", onclick: () => chosen(each) }, each.name, each.row.level ? el("small", {}, t(`level.${each.row.level}`)) : null))));
  list.hidden = rows.length === 0;
  list.lang = lang === "zh" ? "zh-CN" : "en";
}
