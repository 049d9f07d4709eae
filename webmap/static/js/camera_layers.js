// What cameras see, on the map: visible areas by pixel density, ground by how many see it, blind spots; and what the colours mean.
import { blindSpots, cameraCoverage, cameraDepth, cameraViews, round } from "wangge/camera_answers";
import { groundOf, km2, measure, pixelBand, shareOf } from "wangge/camera_words";
import { el, n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { mayShow, query, state } from "wangge/state";

const SEEN = "#00798c";
const DEPTHS = { 1: "#9fd0cf", 2: "#3a93a0", 3: "#0b4a5e" };
const BLIND = "#a3195b";
const NUMBERED = 20;
const shown = new Map();

// A layer stays as it is until its question changes; one that came too late is dropped.
async function put(name, question, make) {
  const wanted = state.layers.has(name) && mayShow(name);
  const key = `${round()} ${question}`;
  if (shown.has(name) && (!wanted || shown.get(name).key !== key)) {
    shown.get(name).layer?.remove();
    shown.delete(name);
    clearLegend(name);
  }
  if (!wanted || shown.has(name)) return;
  const mine = { key, layer: null };
  shown.set(name, mine);
  const layer = await make();
  if (shown.get(name) !== mine) return;
  if (layer) mine.layer = layer.addTo(map);
  else shown.delete(name);
}

export function drawCameraLayers() {
  return Promise.all([
    put("views", `${state.band} ${state.light} ${query()}`, views),
    put("depth", `${state.basis} ${state.band} ${state.light}`, depth),
    put("blind", query(), blind),
  ]);
}

// Filled where surely seen, outlined alone where the direction is not known.
async function views() {
  const [shapes, told] = await Promise.all([cameraViews(), cameraCoverage()]);
  if (!shapes || !told) return null;
  setLegend("views", counted(t("legend.views")), [{ colour: SEEN, text: t("legend.views.sure") }, { colour: SEEN, shape: "line", text: t("legend.views.may") }], viewsNote(told));
  return L.geoJSON(shapes, {
    pane: "fills", renderer: renderer("fills"), interactive: false,
    style: (feature) => (feature.properties.basis === "sure"
      ? { color: SEEN, weight: 0.8, fillColor: SEEN, fillOpacity: 0.32 }
      : { color: SEEN, weight: 0.8, dashArray: "3 4", fillOpacity: 0 }),
  });
}

// What counts as seen, behind the name of a layer.
const counted = (name) => [name, pixelBand(state.band), state.light === "night" ? t("light.night") : ""].filter(Boolean).join(" · ");

function viewsNote(told) {
  const [area, street, places] = told.sure;
  const [areaMay, streetMay] = told.may;
  return t("views.totals", {
    working: n0(told.working), n: n0(told.cameras), unknown: n0(told.unknown),
    area: km2(area.seen[0]), area_of: km2(area.of), area_share: shareOf(area.seen[0], area.of), area_may: km2(areaMay.seen[0]),
    street: n1(street.seen[0] / 1000), street_of: n1(street.of / 1000), street_share: shareOf(street.seen[0], street.of), street_may: n1(streetMay.seen[0] / 1000),
    places: n0(places.seen[0]), places_of: n0(places.of),
  });
}

async function depth() {
  const [shapes, told] = await Promise.all([cameraDepth(), cameraCoverage()]);
  if (!shapes || !told) return null;
  const whole = told[state.basis].find((row) => row.measure === "area").of;
  const steps = [1, 2, 3].map((k) => {
    const found = shapes.features.find((feature) => feature.properties.depth === k)?.properties.seen_m2 ?? 0;
    return { colour: DEPTHS[k], text: t(`depth.${k}`, { ground: groundOf(found), share: shareOf(found, whole) }) };
  });
  setLegend("depth", counted(t("legend.depth")), steps, t("depth.note", { basis: t(`basis.${state.basis}`), of: km2(whole) }));
  return L.geoJSON(shapes, {
    pane: "fills", renderer: renderer("fills"), interactive: false,
    style: (feature) => ({ stroke: false, fillColor: DEPTHS[feature.properties.depth], fillOpacity: 0.75 }),
  });
}

async function blind() {
  const shapes = await blindSpots();
  if (!shapes) return null;
  setLegend("blind", t("legend.blind"), [{ colour: BLIND, text: t("blind.shown", { n: n0(shapes.features.length) }) }], t("blind.note"));
  const ground = L.geoJSON(shapes, {
    pane: "fills", renderer: renderer("fills"),
    style: ({ properties: { rank } }) => ({ color: BLIND, weight: 1, fillColor: BLIND, fillOpacity: rank <= NUMBERED ? 0.4 : 0.2 }),
    onEachFeature: (feature, layer) => layer.on("click", (event) => popup.open(event.latlng, blindCard(feature))),
  });
  const numbers = shapes.features.filter((feature) => feature.properties.rank <= NUMBERED).map((feature) => {
    const icon = L.divIcon({ className: "blind-number", html: el("span", {}, String(feature.properties.rank)), iconSize: [20, 20] });
    const at = L.geoJSON(feature).getBounds().getCenter();
    return L.marker(at, { pane: "points", icon, keyboard: false, title: t("blind.rank", { rank: feature.properties.rank }) })
      .on("click", () => popup.open(at, blindCard(feature)));
  });
  return L.layerGroup([ground, ...numbers]);
}

function blindCard({ properties }) {
  const rows = ["incidents", "hotspot", "places", "street_m", "area_m2"].map((key) => [t(`blind.${key}`), measure(key, properties[key])]);
  return popup.card(t("blind.rank", { rank: properties.rank }), [
    [t("popup.grid"), popup.named(properties)], [t("blind.score"), n1(properties.score)], ...rows,
  ], popup.because(properties));
}

export function showBlindSpot(feature) {
  const box = L.geoJSON(feature).getBounds();
  map.fitBounds(box.pad(1.5), { maxZoom: 17 });
  popup.open(box.getCenter(), blindCard(feature));
}
