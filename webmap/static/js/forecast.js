// The forecast of the coming shift, day or week: asked for, made where there is none yet, drawn by grid with its legend.
import { ask } from "wangge/api";
import { dayOf, momentOf, n0, n2, pct, sig2 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { fit, map, renderer } from "wangge/map";
import { makeForecast } from "wangge/plan_api";
import * as popup from "wangge/popup";
import { areaByCode, areaName, boot, lang, may, offline, state, tell } from "wangge/state";

const RAMP = ["#fff3d6", "#fed98e", "#fe9929", "#d95f0e", "#993404", "#5c1f02"];
// Narrower classes at the top: few grids hold much of what is expected.
const PARTS = [0, 0.5, 0.75, 0.9, 0.95, 0.99];
// Told from the borders of areas and from the red of hot grids, on light and on dark legends.
const TOP = "#1f78d1";
export const PERIODS = ["shift", "day", "week"];
// Areas that hang below nothing the reader sees: who has several says which one is forecast.
export const tops = boot.areas.filter((area) => area.kind !== "special" && !areaByCode.has(area.parent));
const fills = L.layerGroup().addTo(map);
let cells = null;
let told = null;
let making = "";
let failed = "";

const area = () => (tops.length > 1 ? state.forecast.area || tops[0].code : "");
const question = () => ({ period: state.forecast.period, category: state.forecast.category, area: area() });
const search = () => new URLSearchParams(Object.entries(question()).filter(([, value]) => value)).toString();
export const forecastQuery = (extra) => new URLSearchParams([...new URLSearchParams(search()), ...Object.entries(extra), ["lang", lang]]).toString();
// The same question under the names that a file of the whole map takes.
export const forecastAsked = () => Object.fromEntries(Object.entries(question()).map(([name, value]) => [`forecast_${name}`, value]));
export const shownForecast = () => told?.forecast ?? null;
export const spanOf = ({ kind, since, until }) => (kind === "shift" ? `${momentOf(since)} - ${momentOf(until).slice(11)}`
  : kind === "day" ? dayOf(since) : `${dayOf(since)} - ${dayOf(new Date(until) - 1)}`);

// Asks for the kept forecast; one that was never made is made at once, and its steps are told.
export async function loadForecast() {
  if (!may("see_analyses") || !boot.leaf) return;
  const asked = search();
  const fresh = await ask("forecast", "/api/forecast.json", asked);
  if (!fresh || asked !== search()) return;
  told = fresh;
  if (told.forecast || failed === asked || offline) {
    tell("forecast-shown", { told });
    drawForecast();
  } else {
    await remake();
  }
}

export async function remake() {
  if (making) return;
  making = search();
  failed = "";
  let problem = "";
  tell("forecast-shown", { told, step: { stage: "reading", done: 0, of: 3 } });
  try {
    await makeForecast(question(), (step) => tell("forecast-shown", { told, step }));
  } catch (error) {
    failed = making;
    problem = error instanceof TypeError ? t("state.offline") : error.message;
  }
  const changed = making !== search();
  making = "";
  if (changed || !problem) await loadForecast();
  if (problem && !changed) {
    tell("forecast-shown", { told, problem });
    drawForecast();
  }
}

export function drawForecast() {
  fills.clearLayers();
  clearLegend("forecast");
  if (!state.layers.has("forecast")) return;
  const shown = shownForecast();
  if (shown) paint(shown);
  else if (offline && told) setLegend("forecast", t("layer.forecast"), [], absent());
}

// A file says why it has no forecast.
export const absent = () => t("forecast.absent", { why: told?.absent?.[lang] ?? "" });

// Beside the legend of a file, which has no other page to ask: what it is worth against the baselines.
const worth = (shown) => shown.lines.filter((line) => ["against", "none"].includes(line.about)).map((line) => line[lang]).join(lang === "en" ? " " : "");

// The layer is on and nothing was asked for yet, or another question stands.
export function showForecast() {
  const mine = told?.forecast && (offline || told.period.kind === state.forecast.period && told.category === state.forecast.category);
  if (state.layers.has("forecast") && !mine) return loadForecast();
  return drawForecast();
}

function ends(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const at = PARTS.map((part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]);
  return [...new Set(at.map((value) => Number(value?.toPrecision(2))))].filter(Number.isFinite);
}

async function paint(shown) {
  cells ??= await ask("forecast-cells", `/api/areas/${boot.leaf}.geojson`);
  if (!cells || shownForecast() !== shown || !state.layers.has("forecast")) return;
  fills.clearLayers();
  const rows = new Map(shown.grids.map((row) => [row.code, row]));
  const steps = ends(shown.grids.map((row) => row.expected));
  const first = RAMP.length - steps.length;
  const colour = (row) => RAMP[first + Math.max(0, steps.filter((end) => row.expected >= end).length - 1)] ?? RAMP[0];
  const mine = { ...cells, features: cells.features.filter((feature) => rows.has(feature.properties.code)) };
  const click = (feature, layer) => layer.on("click", (event) => popup.open(event.latlng, card(rows.get(feature.properties.code), shown)));
  L.geoJSON(mine, {
    pane: "fills", renderer: renderer("fills"), onEachFeature: click,
    style: (feature) => ({ color: "#8a7a66", weight: 0.6, fillColor: colour(rows.get(feature.properties.code)), fillOpacity: 0.75 }),
  }).addTo(fills);
  L.geoJSON(mine, {
    pane: "hot", renderer: renderer("hot"), interactive: false, filter: (feature) => rows.get(feature.properties.code).top,
    style: { color: TOP, weight: 2.4, fill: false },
  }).addTo(fills);
  const classes = steps.map((end, i) => ({
    colour: RAMP[first + i],
    text: i + 1 < steps.length ? t("legend.between", { from: sig2(end), to: sig2(steps[i + 1]) }) : t("legend.from", { from: sig2(end) }),
  })).reverse();
  const top = { colour: TOP, shape: "line", text: t("forecast.top") };
  setLegend("forecast", t("forecast.legend", { unit: shown.unit[lang] }), [...classes, top],
    [t("forecast.note", { period: spanOf(shown.period), category: shown.category_name[lang], total: sig2(shown.total), model: shown.model[lang] }), ...(offline ? [t("forecast.made", { made: momentOf(shown.made_at) })] : [])].join(t("forecast.stop")) + (offline ? t("forecast.stop") + worth(shown) : ""));
}

// From the list: the grid comes into view with its card.
export function openForecast(code) {
  const place = areaByCode.get(code);
  const row = shownForecast()?.grids.find((each) => each.code === code);
  if (!place || !row) return;
  const [west, south, east, north] = place.box;
  fit(place.box, 0.6);
  popup.open([(south + north) / 2, (west + east) / 2], card(row, shownForecast()));
}

function card(row, shown) {
  return popup.card(areaName(row.code), [
    [t("popup.code"), row.code],
    [t("forecast.expected"), `${sig2(row.expected)} ${shown.unit[lang]}`],
    [t("forecast.share"), t("forecast.share_of", { share: pct(row.expected_share), total: sig2(shown.total) })],
    [t("popup.rank"), t("popup.rank_of", { rank: n0(row.rank), grids: n0(shown.grids.length) })],
    [t("forecast.per_km2"), n2(row.expected_per_km2)],
    [t("forecast.period"), spanOf(shown.period)],
  ], t("forecast.no_certainty"));
}
