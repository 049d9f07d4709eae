// The layers of the map: outlines, grids by value, hot grids, camera points, places, streets, rail, buildings. Each is drawn
// once and shown or hidden; values come from the summary that the filter asked for.
import { ask } from "wangge/api";
import { cameraCard } from "wangge/camera_trial";
import { n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { baseMap } from "wangge/tiles";
import { boot, onChange, state } from "wangge/state";

export const GROUPS = [
  ["analysis", ["heat", "values", "hot", "spots", "trends", "forecast", "patrol"]],
  ["points", ["incidents", "places"]],
  ["cameras", ["cameras", "views", "depth", "blind"]],
  ["areas", ["district", "street", "community", "grid", "special", "key_areas"]],
  ["base", ["labels", "streets", "rail", "buildings", ...(boot.tiles ? ["tiles"] : [])]],
];
const OUTLINES = {
  district: { color: "#1d2733", weight: 2.5 }, street: { color: "#3c4d5f", weight: 1.8 },
  community: { color: "#66788c", weight: 1.1, dashArray: "5 3" }, grid: { color: "#8a99a8", weight: 0.7 },
  special: { color: "#7a3fa0", weight: 1.6 },
};
const RAMP = ["#f1eef6", "#c6cfe4", "#93b5d6", "#5391c2", "#2468a8", "#08306b"];
const ROADS = { primary: [2.6, "#c9a25a"], secondary: [2, "#cdb98c"], tertiary: [1.4, "#b9c2cc"] };
const PLACES = { school: "#1b7f4d", hospital: "#b3261e", market: "#8a5a00", courier: "#6a4fb3", safe_harbour: "#00798c", station: "#333", depot: "#0b5cad" };
const drawn = new Map();
let summary = null;
let rows = new Map();

const pathOf = (name) => (name === "rail" ? "streets" : name);

async function fetchShapes(name) {
  const outline = name in OUTLINES;
  const shapes = await ask(`layer-${name}`, outline ? `/api/areas/${name}.geojson` : `/api/layers/${pathOf(name)}.geojson`);
  return shapes;
}

const makers = {
  ...Object.fromEntries(Object.keys(OUTLINES).map((name) => [name, outline(name)])),
  streets: async () => lines((feature) => feature.properties.kind !== "rail", (feature) => {
    const [weight, color] = ROADS[feature.properties.kind] ?? [0.8, "#c3ccd5"];
    return { weight, color };
  }),
  rail: async () => lines((feature) => feature.properties.kind === "rail", () => ({ weight: 2.4, color: "#444", dashArray: "8 5" })),
  places: async () => points("places", (p) => ({ fillColor: PLACES[p.kind] ?? "#555", radius: p.kind === "depot" ? 7 : 5 }), popup.place),
  cameras: async () => points("cameras", (p) => ({ fillColor: p.status === "online" ? "#00798c" : "#9aa5b1", radius: 4 }), cameraCard),
  key_areas: keyAreas,
  tiles: async () => baseMap(),
};

const KEY_AREA = "#c2185b";

async function keyAreas() {
  const shapes = await ask("key_areas", "/api/keyareas.geojson");
  return shapes && L.geoJSON(shapes, {
    pane: "lines", renderer: renderer("lines"),
    style: (feature) => ({ color: KEY_AREA, weight: 2.6, fillColor: KEY_AREA, fillOpacity: 0.1, dashArray: feature.properties.stage === "proposed" ? "6 4" : null }),
    onEachFeature: (feature, layer) => {
      layer.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "area-name" });
      layer.on("click", (event) => popup.open(event.latlng, popup.keyArea(feature.properties)));
    },
  });
}

// Drawn anew the next time they are shown: somebody proposed, designated or accepted one.
export function forgetKeyAreas() {
  drawn.get("key_areas")?.remove();
  drawn.delete("key_areas");
  return showLayers();
}

function outline(name) {
  return async () => {
    const shapes = await fetchShapes(name);
    return shapes && L.geoJSON(shapes, {
      pane: "lines", renderer: renderer("lines"), interactive: name === "special",
      style: { ...OUTLINES[name], fill: name === "special", fillOpacity: 0.08 },
      onEachFeature: (feature, layer) => name === "special" && layer.on("click", (event) => popup.open(event.latlng, popup.area(feature.properties))),
    });
  };
}

async function lines(keep, style) {
  const shapes = await fetchShapes("streets");
  return shapes && L.geoJSON(shapes, { pane: "tiles", renderer: renderer("tiles"), interactive: false, filter: keep, style });
}

async function points(name, look, content) {
  const shapes = await fetchShapes(name);
  return shapes && L.geoJSON(shapes, {
    pointToLayer: (feature, place) => L.circleMarker(place, { pane: "points", renderer: renderer("points"), color: "#fff", weight: 1, fillOpacity: 0.95, ...look(feature.properties) })
      .on("click", () => popup.open(place, content(feature.properties))),
  });
}

export async function showLayers() {
  for (const name of Object.keys(makers)) {
    const wanted = state.layers.has(name);
    if (wanted && !drawn.has(name)) {
      drawn.set(name, null);
      const layer = await makers[name]();
      if (layer) drawn.set(name, layer);
      else drawn.delete(name);
    }
    const layer = drawn.get(name);
    if (layer && wanted !== map.hasLayer(layer)) {
      if (state.layers.has(name)) layer.addTo(map);
      else layer.remove();
    }
  }
  pointLegend("cameras", "#00798c", t("legend.camera"));
  placesLegend();
  if (state.layers.has("key_areas")) setLegend("key_areas", t("legend.key_areas"), [{ colour: KEY_AREA, shape: "line", text: t("layer.key_areas") }]);
  else clearLegend("key_areas");
  drawCells();
  drawBuildings();
}

function pointLegend(name, colour, text) {
  if (state.layers.has(name)) setLegend(name, text, [{ colour, shape: "dot", text: t("status.online") }, { colour: "#9aa5b1", shape: "dot", text: t("status.not_online") }]);
  else clearLegend(name);
}

function placesLegend() {
  if (!state.layers.has("places")) return clearLegend("places");
  return setLegend("places", t("legend.place"), Object.entries(PLACES).map(([kind, colour]) => ({ colour, shape: "dot", text: t(`place.${kind}`) })));
}

let cells = null;
const fills = L.layerGroup().addTo(map);
const hots = L.layerGroup().addTo(map);

async function drawCells() {
  const wanted = state.layers.has("values") || state.layers.has("hot");
  if (wanted && !cells && boot.leaf) cells = await ask("cells", `/api/areas/${boot.leaf}.geojson`);
  fills.clearLayers();
  hots.clearLayers();
  clearLegend("values");
  clearLegend("hot");
  if (!cells || !summary) return;
  if (state.layers.has("values")) drawValues();
  if (state.layers.has("hot")) drawHot();
}

// Classes hold equal numbers of grids, and their ends are rounded for reading.
function classes(values) {
  const told = values.filter((value) => value !== null && value > 0).sort((a, b) => a - b);
  if (!told.length) return [];
  const ends = RAMP.map((_, i) => told[Math.min(told.length - 1, Math.floor((i * told.length) / RAMP.length))]);
  return [...new Set(ends.map((value) => (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10)))];
}

function drawValues() {
  const by = state.values;
  const ends = classes([...rows.values()].map((row) => row[by]));
  const colour = (value) => {
    if (value === null || value === undefined) return "#ffffff";
    const step = ends.filter((end) => value >= end).length - 1;
    return step < 0 ? "#ffffff" : RAMP[step + RAMP.length - ends.length];
  };
  L.geoJSON(cells, {
    pane: "fills", renderer: renderer("fills"),
    style: (feature) => ({ color: "#8a99a8", weight: 0.6, fillColor: colour(rows.get(feature.properties.code)?.[by]), fillOpacity: 0.72 }),
    onEachFeature: cellClick,
  }).addTo(fills);
  const steps = ends.map((end, i) => ({
    colour: RAMP[i + RAMP.length - ends.length],
    text: i + 1 < ends.length ? t("legend.between", { from: n1(end), to: n1(ends[i + 1]) }) : t("legend.from", { from: n1(end) }),
  })).reverse();
  if (ends.length) steps.push({ colour: "#ffffff", text: t("legend.below", { to: n1(ends[0]) }) });
  setLegend("values", t(`values.${by}`), steps);
}

function drawHot() {
  L.geoJSON(cells, {
    pane: "hot", renderer: renderer("hot"), filter: (feature) => rows.get(feature.properties.code)?.hot,
    style: { color: "#b40426", weight: 2.6, fillColor: "#b40426", fillOpacity: state.layers.has("values") ? 0 : 0.06 },
    onEachFeature: cellClick,
  }).addTo(hots);
  setLegend("hot", t("hot.unit"), [{ colour: "#b40426", shape: "line", text: `${n0(summary.hot)} / ${n0(summary.grids)}` }]);
}

function cellClick(feature, layer) {
  layer.on("click", (event) => popup.open(event.latlng, popup.area(feature.properties, rows.get(feature.properties.code), summary)));
}

export function openCell(code) {
  const area = boot.areas.find((each) => each.code === code);
  if (!area) return;
  const [west, south, east, north] = area.box;
  const shape = cells?.features.find((feature) => feature.properties.code === code);
  popup.open([(south + north) / 2, (west + east) / 2], popup.area(shape?.properties ?? { code, households: null }, rows.get(code), summary));
}

const BUILDINGS_FROM = 15;
const houses = L.layerGroup().addTo(map);

export async function drawBuildings() {
  if (!state.layers.has("buildings") || map.getZoom() < BUILDINGS_FROM) {
    houses.clearLayers();
    return;
  }
  const view = map.getBounds();
  const bbox = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()].map((edge) => edge.toFixed(5)).join(",");
  const shapes = await ask("buildings", "/api/layers/buildings.geojson", `bbox=${bbox}`);
  houses.clearLayers();
  if (!shapes || !state.layers.has("buildings")) return;
  L.geoJSON(shapes, {
    pane: "tiles", renderer: renderer("tiles"), style: { color: "#9b8f80", weight: 0.8, fillColor: "#d9cfc2", fillOpacity: 0.9 },
    onEachFeature: (feature, layer) => layer.on("click", (event) => popup.open(event.latlng, popup.building(feature.properties))),
  }).addTo(houses);
}

onChange("summary", (fresh) => {
  summary = fresh;
  rows = new Map(fresh.ranked.map((row) => [row.code, row]));
  drawCells();
});
