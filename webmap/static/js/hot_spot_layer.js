// Hot spots and trends on the map: areas by what became of them, grids by their trend, what each colour and sign means.
import { CHANGES, hotSpots, hotTrends } from "wangge/hot_spot_data";
import { el, foundWords, n0, n1, n2, pct } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { lang, mayShow, state, tell } from "wangge/state";

const COLOURS = ["#c9d0d8", "#7f0000", "#d7301f", "#e34a33", "#b30000", "#fc8d59", "#fdbb84", "#c27ba0", "#a6927e",
  "#08306b", "#2171b5", "#3182bd", "#08519c", "#6baed6", "#9ecae1", "#7f86c2", "#8a9aa8"];
// Of a class, hot or cold: new, consecutive, intensifying, persistent, diminishing, sporadic, oscillating, historical.
const SIGNS = ["✦", "»", "↑", "●", "↓", "∴", "~", "○"];
const sign = (number) => (number ? SIGNS[(number - 1) % 8] : "");
const areas = L.layerGroup().addTo(map);
const trends = L.layerGroup().addTo(map);
const shown = { spots: null, trends: null };
const byId = new Map();
let lit = "";

export const ground = (km2) => (km2 < 0.1 ? t("spots.m2", { m2: n0(km2 * 1e6) }) : t("spots.km2", { km2: n2(km2) }));
export const pShort = (p) => (p === null ? "–" : p < 0.001 ? "<0.001" : p.toFixed(3));

// A layer stays as it is until its answer changes.
async function put(name, group, answer, draw) {
  if (!state.layers.has(name) || !mayShow(name)) {
    group.clearLayers();
    clearLegend(name);
    shown[name] = null;
    return;
  }
  const found = await answer();
  if (!found || !state.layers.has(name) || found.told === shown[name]) return;
  group.clearLayers();
  clearLegend(name);
  shown[name] = found.told ?? null;
  if (found.told) draw(found.told);
  else setLegend(name, t(`layer.${name}`), [], found.problem);
}

export const drawHotSpots = () => Promise.all([put("spots", areas, hotSpots, drawAreas), put("trends", trends, hotTrends, drawTrends)]);

const look = (it, on = false) => {
  const [, colour] = CHANGES[it.change];
  return { color: colour, weight: on ? 5 : 2.4, dashArray: it.change === "dissolved" ? "5 5" : null, fillColor: colour, fillOpacity: it.change === "dissolved" ? 0.06 : on ? 0.4 : 0.22 };
};

function drawAreas(told) {
  byId.clear();
  L.geoJSON(told, {
    pane: "hot", renderer: renderer("hot"), style: ({ properties }) => look(properties),
    onEachFeature: (feature, layer) => {
      const { properties: it } = feature;
      byId.set(it.id, { feature, layer });
      layer.on({ click: () => tell("spot-chosen", it.id), mouseover: () => tell("spot-lit", it.id), mouseout: () => tell("spot-lit", "") });
    },
  }).addTo(areas);
  for (const { feature: { properties: it } } of byId.values()) {
    const [mark, colour] = CHANGES[it.change];
    const body = el("span", { colour }, it.rank === null ? mark : `${it.rank}${mark}`);
    const icon = L.divIcon({ className: "spot-mark", html: body, iconSize: [30, 20] });
    L.marker([it.lat, it.lon], { pane: "points", icon, keyboard: false, title: markTitle(it) }).on("click", () => tell("spot-chosen", it.id)).addTo(areas);
  }
  const count = (change) => told.features.filter(({ properties }) => properties.change === change).length;
  const steps = Object.entries(CHANGES).filter(([change]) => count(change)).map(([change, [mark, colour]]) => ({ colour, text: `${mark} ${t(`spots.change.${change}`)} ${n0(count(change))}` }));
  const unit = told.method === "scan" ? t("spots.unit_scan") : t("spots.unit");
  const days = `${told.period.first_day} - ${told.period.last_day}`;
  setLegend("spots", t("spots.legend", { method: told[`method_${lang}`] }), steps, [days, foundBy(told), unit].join(" · "));
}

const markTitle = (it) => `${it.rank === null ? "" : `${it.rank}. `}${t(`spots.change.${it.change}`)} ${it[`place_${lang}`]}`;
export const foundBy = (told) => foundWords(told.found_by);

// The one under the pointer or the focus stands out.
export function light(id) {
  if (byId.has(lit)) byId.get(lit).layer.setStyle(look(byId.get(lit).feature.properties));
  lit = id;
  const spot = byId.get(id);
  if (!spot) return;
  spot.layer.setStyle(look(spot.feature.properties, true));
  spot.layer.bringToFront();
}

export function goTo(id) {
  const spot = byId.get(id);
  if (spot) map.fitBounds(spot.layer.getBounds().pad(0.4), { maxZoom: 16 });
}

function drawTrends(told) {
  L.geoJSON(told, {
    pane: "fills", renderer: renderer("fills"),
    style: ({ properties: { class: number } }) => ({ color: "#8a99a8", weight: 0.6, fillColor: COLOURS[number], fillOpacity: number ? 0.72 : 0.12 }),
    onEachFeature: (feature, layer) => {
      const { properties: it } = feature;
      layer.on("click", (event) => popup.open(event.latlng, trendCard(it, told)));
      if (!it.class) return;
      const icon = L.divIcon({ className: "trend-mark", html: el("span", {}, sign(it.class)), iconSize: [20, 20] });
      L.marker(layer.getBounds().getCenter(), { pane: "points", icon, keyboard: false, interactive: false }).addTo(trends);
    },
  }).addTo(trends);
  const steps = told.classes.filter((each) => each.grids).map((each) => ({ colour: COLOURS[each.class], text: `${sign(each.class)} ${each[lang]} ${n0(each.grids)}`.trim() }));
  setLegend("trends", t("trends.legend", { days: n0(told.step_days), steps: n0(told.edges.length - 1) }), steps, [foundBy(told), t("trends.note")].join(" · "));
}

function trendCard(it, told) {
  const trend = (tau, p) => t("trends.tau", { tau: n2(tau), p: pShort(p), way: t(p >= 0.05 ? "trends.flat" : tau > 0 ? "trends.up" : "trends.down") });
  const card = popup.card(popup.named(it), [
    [t("trends.class"), `${sign(it.class)} ${it[`class_${lang}`]}`.trim()],
    [t("popup.count"), t("trends.count_of", { n: n0(it.count), of: n0(told.counted) })],
    [t("trends.hot_steps"), `${n0(it.hot_steps)} / ${n0(it.steps)}`],
    [t("trends.last"), t("trends.last_of", { z: n2(it.last_z), p: pShort(it.q) })],
    [t("trends.scores"), trend(it.tau, it.trend_p)],
    [t("trends.counts"), trend(it.count_tau, it.count_trend_p)],
  ]);
  card.append(bars(it, told), el("p", { class: "hint" }, told.explanation[`means_not_${lang}`]));
  return card;
}

// Counts of each step as bars, with the words a screen reader needs.
function bars(it, told) {
  const [wide, high] = [220, 44];
  const most = Math.max(1, ...it.counts);
  const step = wide / it.counts.length;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const name = t("trends.series", { days: n0(told.step_days), from: told.edges[0].slice(0, 10), counts: it.counts.join(" ") });
  for (const [key, value] of Object.entries({ viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, role: "img", "aria-label": name })) svg.setAttribute(key, value);
  it.counts.forEach((count, index) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const tall = (count / most) * (high - 2);
    const hot = it.z[index] > 1.96;
    for (const [key, value] of Object.entries({ x: index * step + 0.5, y: high - tall, width: Math.max(step - 1, 1), height: tall, fill: hot ? "#b30000" : "#8a99a8" })) bar.setAttribute(key, value);
    svg.append(bar);
  });
  return el("figure", { class: "trend-bars" }, svg, el("figcaption", { class: "hint" }, t("trends.bars", { days: n0(told.step_days), most: n0(most) })));
}

export function spotRows(it, told, cameras) {
  const share = pct(it.count / Math.max(told.counted, 1));
  const seen = cameras?.told?.[it.id];
  return [
    [t("spots.id"), it.id],
    [t("spots.status"), `${CHANGES[it.change][0]} ${t(`spots.change.${it.change}`)}`],
    [t("spots.count"), t("spots.count_of", { n: n0(it.count), of: n0(told.counted), share })],
    [t("spots.expected"), it.expected === null ? null : t("spots.expected_of", { n: n1(it.expected), ratio: n2(it.ratio) })],
    [t("spots.p"), it.p === null ? null : `${pShort(it.p)} (${told[`p_${lang}`]})`],
    [t("spots.pai"), it.pai === null ? null : n2(it.pai)],
    [t("spots.area"), it.per_km2 === null ? ground(it.area_km2) : t("spots.area_of", { ground: ground(it.area_km2), density: n1(it.per_km2), cells: n0(it.cells) })],
    [t("spots.before"), it.before === null ? null : t("spots.before_of", { n: n0(it.before), p: pShort(it.change_p) })],
    [t("spots.top"), it.top.map((each) => `${each[lang]} ${n0(each.count)}`).join(t("list.comma"))],
    [t("spots.hours"), it.hours],
    [t("spots.cameras"), seen ? t("spots.cameras_of", { n: n0(seen.cameras), share: pct(seen.seen_share) }) + (seen.ids.length ? ` ${seen.ids.slice(0, 8).join(" ")}${seen.ids.length > 8 ? " …" : ""}` : "") : null],
  ];
}
