// Two periods compared: grids coloured by the ratio of their rates, grey where there is no evidence, and a table.
import { ask, say } from "wangge/api";
import { addDays, dayOf, daysBetween, el, foundWords, isoDay, n0, n1, n2, periodOf, slotWords } from "wangge/format";
import { t } from "wangge/i18n";
import { fit, map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { areaByCode, areaName, boot, change, onChange, query, state } from "wangge/state";

// Orange for more, blue for less: told apart by all readers; lightness grows towards 1.
const CLASSES = [
  { least: 2, colour: "#a63603" }, { least: 1.5, colour: "#e6550d" }, { least: 1, colour: "#fdae6b" },
  { least: 1 / 1.5, colour: "#9ecae1" }, { least: 0.5, colour: "#4292c6" }, { least: 0, colour: "#084594" },
];
const NO_EVIDENCE = "#b9c0c8";
const NOTHING = "#ffffff";
const HIDDEN = ["heat", "values", "hot", "patrol"];
const FIRST = 15;
const group = L.layerGroup().addTo(map);
const legend = el("details", { class: "legend compare-legend", id: "compare-legend", open: !window.matchMedia("(max-width: 760px)").matches, hidden: true });
document.querySelector(".stage").append(legend);
let cells = null;
let put = [];
let answer = null;

const colour = (row) => {
  if (row.q === null) return NOTHING;
  if (row.change === "none") return NO_EVIDENCE;
  const ratio = row.ratio ?? Infinity;
  return CLASSES.find((each) => ratio >= each.least).colour;
};
const ratioText = (row) => (row.q === null && row.p === 1 && !row.count && !row.base ? "-" : row.base === 0 && row.count ? t("compare.new") : n2(row.ratio));
const edge = (value) => (value === null ? "∞" : n2(value));
const chance = (value) => (value === null ? "-" : value < 0.001 ? "< 0.001" : value.toFixed(3));

// The other period: the one before of equal length, the same days a year earlier, or days of the reader's own.
export function basePeriod(from = state.from, to = state.to) {
  if (state.compare.includes("~")) return state.compare.split("~");
  if (state.compare === "previous") return [addDays(from, -daysBetween(from, to) - 1), addDays(from, -1)];
  const yearBefore = (day) => isoDay(`${Number(day.slice(0, 4)) - 1}${day.slice(4)}`) ?? `${Number(day.slice(0, 4)) - 1}-02-28`;
  return [yearBefore(from), yearBefore(to)];
}

export function startCompare() {
  if (state.compare) enter(state.compare);
  onChange("filter", () => state.compare && load());
}

export function enter(kind) {
  if (!state.from || !state.to) {
    const to = state.to || boot.last_day;
    const from = state.from || addDays(to, -29);
    say(t("compare.took", { from, to }));
    state.compare = kind;
    hide();
    change({ from, to });
    change({}, "compare");
    return;
  }
  hide();
  change({ compare: kind }, "compare");
  load();
}

// Other colours of the ground are put away, and come back afterwards.
function hide() {
  if (!put.length) put = HIDDEN.filter((name) => state.layers.has(name));
  put.forEach((name) => state.layers.delete(name));
  change({}, "layers");
}

export function leave() {
  put.forEach((name) => state.layers.add(name));
  if (!put.length) state.layers.add("heat");
  put = [];
  answer = null;
  group.clearLayers();
  legend.hidden = true;
  change({ compare: "" }, "compare");
  change({}, "layers");
}

async function load() {
  const [from2, to2] = basePeriod();
  const fresh = await ask("compare", "/api/compare.json", query({ from2, to2 }));
  if (!fresh && state.compare && document.querySelector("#state .bad")) answer = null;
  if (!state.compare) return;
  answer = fresh ?? answer;
  if (answer && !cells) cells = await ask("compare-cells", `/api/areas/${boot.leaf}.geojson`);
  paint();
  change({}, "compared");
}

function paint() {
  group.clearLayers();
  legend.hidden = !answer;
  if (!answer || !cells) return;
  const rows = new Map(answer.rows.map((row) => [row.code, row]));
  L.geoJSON(cells, {
    pane: "fills", renderer: renderer("fills"), filter: (feature) => rows.has(feature.properties.code),
    style: (feature) => {
      const row = rows.get(feature.properties.code);
      return { color: "#6b7785", weight: 0.6, fillColor: colour(row), fillOpacity: row.change === "none" ? 0.55 : 0.85 };
    },
    onEachFeature: (feature, layer) => layer.on("click", (event) => popup.open(event.latlng, card(rows.get(feature.properties.code)))),
  }).addTo(group);
  drawLegend();
}

function drawLegend() {
  const step = (fill, text) => el("div", { class: "step" }, el("i", { colour: fill }), el("span", {}, text));
  const steps = CLASSES.map(({ least, colour: fill }, index) => {
    const above = CLASSES[index - 1]?.least;
    return step(fill, index === 0 ? t("legend.from", { from: n1(least) }) : least === 0 ? t("legend.below", { to: n2(above) }) : t("legend.between", { from: n2(least), to: n2(above) }));
  });
  legend.replaceChildren(el("summary", {}, t("compare.legend")), el("p", { class: "hint" }, t("compare.unit", { now: periodOf(answer.period), then: periodOf(answer.base_period) })), ...steps,
    step(NO_EVIDENCE, t("compare.none")), step(NOTHING, t("compare.nothing")));
}

function card(row) {
  const list = el("dl");
  const line = (name, value) => list.append(el("dt", {}, name), el("dd", {}, value));
  line(t("compare.now"), t("compare.in_days", { n: n0(row.count), days: n1(answer.period.exposure_days) }));
  line(t("compare.then"), t("compare.in_days", { n: n0(row.base), days: n1(answer.base_period.exposure_days) }));
  line(t("compare.ratio"), row.q === null ? "-" : `${ratioText(row)} (${edge(row.low)} - ${edge(row.high)})`);
  line(t("compare.q"), chance(row.q));
  return el("div", {}, el("h3", {}, areaName(row.code)), list, el("p", {}, t(row.q === null ? "compare.nothing" : `compare.word_${row.change}`)));
}

// The choice of the other period, the whole area in words, and the grids by evidence.
export function drawCompare(box, most = FIRST) {
  box.replaceChildren();
  if (!state.compare) return;
  const pick = (kind) => el("button", { type: "button", id: `base-${kind}`, "aria-pressed": String(state.compare === kind), onclick: () => enter(kind) }, t(`compare.${kind}`));
  const [from2, to2] = basePeriod();
  const day = (id, value, other) => {
    const input = el("input", { type: "text", class: "day", inputmode: "numeric", value, maxlength: 10, id, "aria-label": t(`compare.${id}`) });
    input.addEventListener("change", () => {
      const told = isoDay(input.value);
      if (!told) { say(t("filter.no_day", { text: input.value }), true); return; }
      enter(id === "from2" ? `${told}~${told > other ? told : other}` : `${told < other ? told : other}~${told}`);
    });
    return input;
  };
  box.append(el("div", { class: "chips" }, pick("previous"), pick("year")), el("div", { class: "days" }, day("from2", from2, to2), day("to2", to2, from2)));
  if (!answer) {
    box.append(el("p", { class: "hint" }, t("compare.wait")));
    return;
  }
  box.append(...words(), table(most, box));
}

function words() {
  const { total, period, base_period: base } = answer;
  const lines = [
    t("compare.totals", { now: [periodOf(period), slotWords()].filter(Boolean).join(" "), days: n1(period.exposure_days), n: n0(total.count), found: foundWords(answer.found_by), then: periodOf(base), base_days: n1(base.exposure_days), base: n0(total.base), of: n0(answer.of) }),
    t("compare.whole", { ratio: total.ratio === null ? "-" : n2(total.ratio), low: edge(total.low), high: edge(total.high), p: total.p < 0.001 ? "< 0.001" : `= ${chance(total.p)}` }),
    t("compare.grids", { judged: n0(answer.judged), grids: n0(answer.grids), rose: n0(answer.rose), fell: n0(answer.fell) }),
  ];
  // Days that the data do not cover are left out of the lengths, which is worth a word.
  const whole = (part) => Math.abs((new Date(part.until) - new Date(part.since)) / 864e5 - part.asked_days) < 0.1;
  if (!whole(period) || !whole(base)) lines.push(t("compare.cut", { day: dayOf(base.since) }));
  return [...lines.map((text) => el("p", { class: "totals" }, text)), el("p", { class: "hint" }, t("compare.method"))];
}

function table(most, box) {
  const judged = answer.rows.filter((row) => row.q !== null);
  const head = el("tr", {}, ...["grid", "now", "then", "ratio", "q"].map((key, index) => el("th", { class: index ? "num" : "", scope: "col" }, t(`compare.${key}`))));
  const line = (row) => {
    const go = () => {
      const area = areaByCode.get(row.code);
      if (!area) return;
      fit(area.box, 0.6);
      const [west, south, east, north] = area.box;
      popup.open([(south + north) / 2, (west + east) / 2], card(row));
    };
    const mark = el("i", { class: "mark-change", colour: colour(row) });
    return el("tr", { tabindex: 0, onclick: go, onkeydown: (event) => event.key === "Enter" && go() },
      el("td", {}, mark, areaName(row.code), row.change === "none" ? null : el("span", { class: `change ${row.change}` }, t(`compare.short_${row.change}`))),
      el("td", { class: "num" }, n0(row.count)), el("td", { class: "num" }, n0(row.base)),
      el("td", { class: "num" }, ratioText(row), el("span", { class: "why" }, `${edge(row.low)} - ${edge(row.high)}`)), el("td", { class: "num" }, chance(row.q)));
  };
  const all = judged.length > most ? el("button", { type: "button", id: "compare-more", onclick: () => drawCompare(box, Infinity) }, t("compare.more", { n: n0(judged.length) })) : null;
  return el("div", {}, el("table", { class: "list", id: "compare-table" }, el("thead", {}, head), el("tbody", {}, ...judged.slice(0, most).map(line))), all);
}
