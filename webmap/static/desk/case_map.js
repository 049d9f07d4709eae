// The map of a case: its place, the streets and outlines around it, nearby cases, places, and cameras for who may see them.
import { el, n0 } from "wangge/format";
import { t } from "wangge/i18n";
import { areaByCode, boot, lang } from "wangge/state";

const PLACES = { school: "#1b7f4d", hospital: "#b3261e", market: "#8a5a00", courier: "#6a4fb3", safe_harbour: "#00798c", station: "#333", depot: "#0b5cad" };
const ROADS = { primary: [3, "#c9a25a"], secondary: [2.4, "#cdb98c"], tertiary: [1.8, "#b9c2cc"] };
const HALF_DEG = 0.009;
let map = null;
let marks = null;

const bbox = (event) => [event.lon - HALF_DEG * 1.3, event.lat - HALF_DEG, event.lon + HALF_DEG * 1.3, event.lat + HALF_DEG].map((edge) => edge.toFixed(5)).join(",");

// What a role may not see, or what is not there, leaves the map without that layer and nothing else.
async function shapes(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function build(event) {
  const room = document.getElementById("case-map");
  map = L.map(room, { zoomControl: false, preferCanvas: true, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: t("map.zoom_in"), zoomOutTitle: t("map.zoom_out") }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.setView([event.lat, event.lon], 16);
  marks = L.layerGroup().addTo(map);
}

const named = (properties) => (lang === "en" && properties.name_en ? properties.name_en : properties.name_zh);

async function ground(event) {
  const [streets, outlines] = await Promise.all([shapes(`/api/layers/streets.geojson?bbox=${bbox(event)}`), boot.leaf ? shapes(`/api/areas/${boot.leaf}.geojson`) : null]);
  const under = { interactive: false };
  if (outlines) L.geoJSON(outlines, { ...under, style: (feature) => ({ color: feature.properties.code === event.grid ? "#0b5cad" : "#8a99a8", weight: feature.properties.code === event.grid ? 3 : 0.8, fill: feature.properties.code === event.grid, fillOpacity: 0.06 }) }).addTo(map).bringToBack();
  if (streets) {
    L.geoJSON(streets, { ...under, style: (feature) => {
      if (feature.properties.kind === "rail") return { color: "#444", weight: 2.4, dashArray: "8 5" };
      const [weight, color] = ROADS[feature.properties.kind] ?? [1.1, "#c3ccd5"];
      return { weight, color };
    } }).addTo(map).bringToBack();
  }
}

const dot = (lat, lon, look, words, href) => {
  const mark = L.circleMarker([lat, lon], { color: "#fff", weight: 1, fillOpacity: 0.95, radius: 6, ...look }).addTo(marks);
  const content = el("div", {}, el("b", {}, words));
  if (href) content.append(el("br"), el("a", { href }, t("case.open")));
  mark.bindPopup(content);
  return mark;
};

async function cameras(event) {
  if (!boot.may.includes("see_cameras")) return [];
  const found = await shapes(`/api/layers/cameras.geojson?bbox=${bbox(event)}`);
  const here = L.latLng(event.lat, event.lon);
  return (found?.features ?? []).map((feature) => ({ ...feature.properties, at: L.latLng(feature.geometry.coordinates[1], feature.geometry.coordinates[0]) }))
    .map((camera) => ({ ...camera, metres: here.distanceTo(camera.at) })).sort((a, b) => a.metres - b.metres);
}

export async function drawMap(event, near) {
  if (event.lon === null || event.lon === undefined) {
    document.getElementById("case-map").replaceChildren(el("p", { class: "hint" }, t("case.no_place")));
    return [];
  }
  if (!map) {
    build(event);
    ground(event);
  }
  const seen = await cameras(event);
  marks.clearLayers();
  for (const camera of seen) dot(camera.at.lat, camera.at.lng, { fillColor: camera.status === "online" ? "#00798c" : "#9aa5b1", radius: 4 }, t("case.camera", { name: (lang === "zh" && camera.name) || camera.id }));
  for (const place of near?.places ?? []) dot(place.lat, place.lon, { fillColor: PLACES[place.kind] ?? "#555" }, `${t(`place.${place.kind}`)} · ${named(place)}`);
  for (const other of near?.events ?? []) dot(other.lat, other.lon, { fillColor: "#d95f0e" }, other[`category_${lang}`], `/desk/${encodeURIComponent(other.id)}`);
  dot(event.lat, event.lon, { fillColor: "#b40426", radius: 9, weight: 3 }, t("case.here")).bringToFront();
  const legend = [["#b40426", t("case.legend.here")], ["#d95f0e", t("case.legend.events")], ["#6a4fb3", t("case.legend.places")]];
  if (seen.length) legend.push(["#00798c", t("case.legend.cameras")]);
  document.getElementById("map-legend").replaceChildren(...legend.map(([colour, words]) => el("span", { class: "key" }, el("i", { colour }), words)));
  return seen;
}

// What lies around, nearest first, with how far it is.
export function drawNear(near, seen) {
  const box = document.getElementById("near");
  const part = (title, rows) => [el("h3", {}, title), rows.length ? el("ul", { class: "near" }, ...rows) : el("p", { class: "hint" }, t("case.near_none", { m: n0(near.radius_m) }))];
  const metres = (m) => el("span", { class: "metres" }, t("case.metres", { m: n0(m) }));
  const facts = [];
  if (near.railway_m !== null) facts.push(el("li", { class: near.railway_m <= near.buffer_m ? "noted" : "" }, t(near.railway_m <= near.buffer_m ? "case.railway_in" : "case.railway", { m: n0(near.railway_m), buffer: n0(near.buffer_m) })));
  if (near.special) facts.push(el("li", { class: "noted" }, t("case.special", { name: areaByCode.get(near.special)?.[lang] ?? near.special })));
  if (near.hot) facts.push(el("li", { class: near.hot.is_hot ? "noted" : "" }, t(near.hot.is_hot ? "case.hot" : "case.not_hot", { count: n0(near.hot.count), rank: n0(near.hot.rank), grids: n0(near.hot.grids), since: near.hot.since, until: near.hot.until })));
  box.replaceChildren(
    ...(facts.length ? [el("ul", { class: "near facts-near" }, ...facts)] : []),
    ...part(t("case.near_events"), near.events.slice(0, 8).map((other) => el("li", {}, el("a", { href: `/desk/${encodeURIComponent(other.id)}` }, other[`category_${lang}`]), el("small", {}, other[`state_${lang}`]), metres(other.distance_m)))),
    ...part(t("case.near_places"), near.places.slice(0, 10).map((place) => el("li", {}, el("span", {}, named(place)), el("small", {}, t(`place.${place.kind}`)), metres(place.distance_m)))),
    ...(boot.may.includes("see_cameras") ? part(t("case.near_cameras"), seen.filter((camera) => camera.metres <= near.radius_m).slice(0, 8).map((camera) => el("li", {}, el("span", {}, (lang === "zh" && camera.name) || camera.id), el("small", {}, t(`status.${camera.status === "online" ? "online" : "not_online"}`)), metres(camera.metres)))) : []));
}
