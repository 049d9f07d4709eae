// Where the next cameras belong: a question with its terms, the proposals on the map and as a list, and how good they can be at best.
import { ask } from "wangge/api";
import { addCamera } from "wangge/camera_trial";
import { measure } from "wangge/camera_words";
import { el, n0, n1, pct } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { may, query } from "wangge/state";
import { drawZone, polygonOf } from "wangge/zone_draw";

const COLOUR = "#6a3d9a";
const ZONE = "#a11212";
const terms = { goal: "count", count: 5, budget: 10, cost_pole: "", cost_wall: "", share: 50, angle: 70, range: 60, height: 5, backup: 0, prove: "" };
const LIMITS = { count: [1, 100], budget: [0.1, 1e9], cost_pole: [0.01, 1e9], cost_wall: [0.01, 1e9], share: [1, 100], angle: [20, 360], range: [10, 300], height: [2, 30] };
// What each goal is told: the fields on the page, and what the server is asked.
const GOALS = {
  count: [["count"], () => ({ goal: "most", count: terms.count })],
  budget: [["budget", "cost_pole", "cost_wall"], () => ({ goal: "most", budget: terms.budget, ...costs() })],
  fewest: [["share"], () => ({ goal: "fewest", share: terms.share / 100 })],
  cheapest: [["share", "cost_pole", "cost_wall"], () => ({ goal: "cheapest", share: terms.share / 100, ...costs() })],
};
const costs = () => ({ cost_pole: terms.cost_pole, cost_wall: terms.cost_wall });
const ground = L.layerGroup().addTo(map);
const banned = L.layerGroup().addTo(map);
let zones = [];
let finish = null;
let box = null;
let found = null;
let busy = false;

export function drawSites(into) {
  box = into;
  draw();
}

function draw() {
  if (!box) return;
  const goal = select("goal", Object.keys(GOALS).map((value) => [value, t(`sites.goal.${value}`)]), draw);
  const fields = GOALS[terms.goal][0].concat("angle", "range", "height").map(number);
  const backup = select("backup", [[0, t("sites.backup.0")], [0.5, t("sites.backup.5")], [1, t("sites.backup.1")]]);
  const prove = select("prove", [["", t("sites.prove.")], ["1", t("sites.prove.1")]]);
  const go = el("button", { type: "button", class: "primary", id: "sites-go", disabled: busy, onclick: search }, t(busy ? "sites.busy" : "sites.go"));
  const zone = el("button", { type: "button", id: "sites-zone", "aria-pressed": String(finish !== null), onclick: drawBanned }, t(finish ? "sites.zone.end" : "sites.zone"));
  const free = el("button", { type: "button", hidden: !zones.length, onclick: () => { zones = []; showZones(); draw(); } }, t("sites.zone.clear", { n: n0(zones.length) }));
  box.replaceChildren(el("p", { class: "hint" }, t(finish ? "sites.zone.hint" : "sites.hint")), goal, el("div", { class: "numbers" }, ...fields), backup, prove,
    el("div", { class: "row-buttons" }, zone, free),
    el("div", { class: "row-buttons" }, go, el("button", { type: "button", hidden: !found, onclick: () => { found = null; show(); draw(); } }, t("sites.clear"))),
    el("div", { id: "sites-result", "aria-live": "polite" }, ...(found ? result() : [])));
}

function number(name) {
  const [low, high] = LIMITS[name];
  const input = el("input", { type: "number", min: low, max: high, id: `sites-${name}`, value: terms[name] });
  input.addEventListener("change", () => {
    terms[name] = input.value === "" ? "" : Math.min(high, Math.max(low, Number(input.value)));
    input.value = terms[name];
  });
  return el("label", {}, t(`sites.${name}`), input);
}

function select(name, choices, then = () => {}) {
  const input = el("select", { id: `sites-${name}` }, ...choices.map(([value, text]) => el("option", { value, selected: String(value) === String(terms[name]) }, text)));
  input.addEventListener("change", () => { terms[name] = input.value; then(); });
  return el("label", {}, t(`sites.${name}`), input);
}

function question() {
  const { angle, range, height, backup, prove, goal } = terms;
  const asked = new URLSearchParams(query({ angle, range, height, backup, prove, ...GOALS[goal][1]() }));
  zones.forEach((zone) => asked.append("forbidden", JSON.stringify(polygonOf(zone))));
  return asked.toString();
}

function drawBanned() {
  if (finish) return finish();
  finish = drawZone((corners) => {
    if (corners) zones.push(corners);
    finish = null;
    showZones();
    draw();
  }, ZONE);
  return draw();
}

function showZones() {
  banned.clearLayers();
  zones.forEach((zone) => L.polygon(zone, { pane: "patrol", color: ZONE, weight: 2, dashArray: "4 4", fillOpacity: 0.08, interactive: false }).addTo(banned));
}

async function search() {
  busy = true;
  draw();
  found = await ask("sites", "/api/cameras/sites.geojson", question());
  busy = false;
  show();
  draw();
}

function show() {
  ground.clearLayers();
  clearLegend("sites");
  if (!found?.features.length) return;
  setLegend("sites", t("legend.sites"), [{ colour: COLOUR, text: t("sites.seen") }]);
  L.geoJSON(found, {
    pane: "hot", renderer: renderer("hot"), style: { color: COLOUR, weight: 1.4, fillColor: COLOUR, fillOpacity: 0.35 },
    onEachFeature: (feature, layer) => layer.on("click", (event) => popup.open(event.latlng, card(feature))),
  }).addTo(ground);
  for (const feature of found.features) {
    const { lat, lon, rank } = feature.properties;
    const icon = L.divIcon({ className: "site-number", html: el("span", {}, String(rank)), iconSize: [22, 22] });
    L.marker([lat, lon], { pane: "points", icon, keyboard: false, title: t("sites.rank", { rank }) })
      .on("click", () => popup.open([lat, lon], card(feature))).addTo(ground);
  }
}

function card(feature) {
  const it = feature.properties;
  const content = popup.card(t("sites.rank", { rank: it.rank }), [
    [t("sites.gain"), pct(it.gain)], [t("popup.azimuth"), t("popup.degrees", { v: n0(it.azimuth) })], [t("sites.mount"), t(`mount.${it.mount}`)],
    ...["incidents", "places", "street_m"].map((key) => [t(`blind.${key}`), measure(key, it[key])]),
  ], t("sites.permission"));
  content.append(el("div", { class: "row-buttons" }, el("button", { type: "button", onclick: () => { map.closePopup(); take(feature); } }, t("sites.take"))));
  return content;
}

function take({ properties: { lon, lat, azimuth, angle, range_m, height_m } }) {
  addCamera({ lon, lat, azimuth: Math.round(azimuth), angle, range_m, height_m });
}

function result() {
  if (!found.features.length) return [el("p", {}, found.enough ? t("sites.enough", { already: pct(found.already), wanted: pct(found.wanted) }) : t("sites.none"))];
  const told = { already: pct(found.already), covered: pct(found.covered), reachable: pct(found.reachable), cameras: n0(found.cameras), candidates: n0(found.candidates), places: n0(found.places) };
  const parts = [el("p", {}, t("sites.total", told)), el("p", { class: "hint" }, [bound(), found.enough === false ? t("sites.short") : ""].join(" "))];
  if (terms.goal === "budget" || terms.goal === "cheapest") parts.push(el("p", {}, t("sites.cost", { cost: n1(found.total_cost) })));
  const head = el("tr", {}, ...["rank", "gain", "incidents", "places"].map((key) => el("th", { class: "num", scope: "col" }, t(`sites.column.${key}`))));
  const rows = found.features.map((feature) => {
    const { rank, gain, incidents, places, lat, lon } = feature.properties;
    const go = () => { map.setView([lat, lon], Math.max(map.getZoom(), 17)); popup.open([lat, lon], card(feature)); };
    return el("tr", { tabindex: 0, onclick: go, onkeydown: (event) => event.key === "Enter" && go() },
      ...[n0(rank), `+${pct(gain)}`, n0(incidents), n0(places)].map((text) => el("td", { class: "num" }, text)));
  });
  parts.push(el("table", { class: "list" }, el("thead", {}, head), el("tbody", {}, ...rows)),
    el("div", { class: "row-buttons" }, may("export_points") ? el("a", { class: "button", href: `/export/camera_sites.xlsx?${question()}` }, t("sites.file")) : null, el("button", { type: "button", id: "sites-take", onclick: () => { map.closePopup(); found.features.forEach(take); } }, t("sites.take_all"))));
  return parts;
}

function bound() {
  if (found.proven || found.gap === 0) return t("sites.proven");
  if (found.gap === null) return t("sites.unbounded");
  const most = found.bound_of === "covered";
  return t(most ? "sites.gap" : "sites.gap_least", { gap: pct(found.gap), bound: most ? pct(found.bound) : n1(found.bound) });
}
