// Where the next cameras belong: a question with its terms, the proposals on the map and as a list, and how good they can be at best.
import { ask } from "wangge/api";
import { addCamera } from "wangge/camera_trial";
import { measure } from "wangge/camera_words";
import { el, n0, n1, pct } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { query } from "wangge/state";

const COLOUR = "#6a3d9a";
const terms = { goal: "most", count: 5, budget: "", share: 50, angle: 70, range: 60, height: 5, backup: 0, prove: "" };
const LIMITS = { count: [1, 100], budget: [0, 1e9], share: [1, 100], angle: [20, 360], range: [10, 500], height: [2, 30] };
const ground = L.layerGroup().addTo(map);
let box = null;
let found = null;
let busy = false;

export function drawSites(into) {
  box = into;
  draw();
}

function draw() {
  if (!box) return;
  const goal = select("goal", ["most", "fewest"].map((value) => [value, t(`sites.goal.${value}`)]), draw);
  const fields = (terms.goal === "most" ? ["count", "budget"] : ["share"]).concat("angle", "range", "height").map(number);
  const backup = select("backup", [[0, t("sites.backup.0")], [0.5, t("sites.backup.5")], [1, t("sites.backup.1")]]);
  const prove = select("prove", [["", t("sites.prove.")], ["1", t("sites.prove.1")]]);
  const go = el("button", { type: "button", class: "primary", id: "sites-go", disabled: busy, onclick: search }, t(busy ? "sites.busy" : "sites.go"));
  box.replaceChildren(el("p", { class: "hint" }, t("sites.hint")), goal, el("div", { class: "numbers" }, ...fields), backup, prove,
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

async function search() {
  busy = true;
  draw();
  const { goal, count, budget, share, ...rest } = terms;
  const asked = goal === "most" ? { goal, count: count || 5, budget } : { goal, share: share / 100 };
  found = await ask("sites", "/api/cameras/sites.geojson", query({ ...rest, ...asked }));
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
  if (!found.features.length) return [el("p", {}, t("sites.none"))];
  const parts = [el("p", {}, t("sites.total", { already: pct(found.already), covered: pct(found.covered) })), el("p", { class: "hint" }, bound())];
  if (found.cost) parts.push(el("p", { class: "hint" }, t("sites.cost", { cost: n1(found.cost) })));
  const head = el("tr", {}, ...["rank", "gain", "incidents", "places"].map((key) => el("th", { class: "num", scope: "col" }, t(`sites.column.${key}`))));
  const rows = found.features.map((feature) => {
    const { rank, gain, incidents, places, lat, lon } = feature.properties;
    const go = () => { map.setView([lat, lon], Math.max(map.getZoom(), 17)); popup.open([lat, lon], card(feature)); };
    return el("tr", { tabindex: 0, onclick: go, onkeydown: (event) => event.key === "Enter" && go() },
      ...[n0(rank), `+${pct(gain)}`, n0(incidents), n0(places)].map((text) => el("td", { class: "num" }, text)));
  });
  parts.push(el("table", { class: "list" }, el("thead", {}, head), el("tbody", {}, ...rows)),
    el("div", { class: "row-buttons" }, el("button", { type: "button", id: "sites-take", onclick: () => { map.closePopup(); found.features.forEach(take); } }, t("sites.take_all"))));
  return parts;
}

function bound() {
  if (found.proven || found.gap === 0) return t("sites.proven");
  return found.gap === null ? t("sites.unbounded") : t("sites.gap", { gap: pct(found.gap), bound: pct(found.bound) });
}
