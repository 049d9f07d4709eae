// Charts of the board, each beside its table. Lengths start at 0 so that they can be compared; nothing is drawn that the table lacks.
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { boot } from "wangge/state";

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const dark = () => document.documentElement.dataset.theme === "dark";
// Blue, orange, grey, deep red: told apart in both themes and without red against green.
const COLOURS = () => (dark() ? ["#6ea8d8", "#e0a458", "#8f9ba8", "#d98880"] : ["#2468a8", "#b5651d", "#8a99a8", "#8f1d1d"]);
const drawn = new Map();
let engine = null;

const library = () => (engine ??= import(`/static/vendor/echarts/echarts.common.min.js?v=${encodeURIComponent(boot.version)}`).then(() => globalThis.echarts));

export function table(heads, rows) {
  return el("table", { class: "list" },
    el("thead", {}, el("tr", {}, ...heads.map((words, at) => el("th", { scope: "col", class: at ? "num" : "" }, words)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((value, at) => el(at ? "td" : "th", at ? { class: "num" } : { scope: "row" }, value))))));
}

// A card of a chart and its table; `series` as [{ name, values }], null where a value is withheld.
export function card(key, title, note, names, series, format, heads, rows, { stacked = false } = {}) {
  const canvas = el("div", { class: "canvas", id: `chart-${key}`, role: "img", "aria-label": `${title}. ${note}` });
  const node = el("section", { class: "pair-card", "aria-label": title }, el("h2", {}, title), el("p", { class: "hint" }, note),
    el("div", { class: "both" }, canvas, el("div", { class: "rows", tabindex: "0", role: "region", "aria-label": title }, table(heads, rows))));
  return { node, draw: () => draw(key, canvas, names, series, format, stacked) };
}

async function draw(key, canvas, names, series, format, stacked) {
  // Nothing but zeros and withheld figures makes no chart; the table says which they are.
  if (!series.some((each) => each.values.some((value) => value > 0))) {
    canvas.replaceChildren(el("p", { class: "state-box" }, t("board.no_chart")));
    return null;
  }
  const echarts = await library();
  canvas.style.height = `${Math.max(200, 60 + names.length * (stacked ? 26 : 14 + 14 * series.length))}px`;
  drawn.get(key)?.dispose();
  const chart = echarts.init(canvas, null, { renderer: "canvas" });
  drawn.set(key, chart);
  chart.setOption({
    animation: !still.matches, animationDuration: 250, color: COLOURS(),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink("ink") },
    legend: series.length > 1 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: ink("ink"), fontSize: 12 } } : undefined,
    grid: { left: 4, right: 60, top: series.length > 1 ? 30 : 6, bottom: 4, containLabel: true },
    // Tooltips are drawn on the canvas: as HTML they would need inline styles, which the page's policy forbids.
    tooltip: { renderMode: "richText", confine: true, trigger: "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12 }, valueFormatter: format },
    xAxis: { type: "value", min: 0, axisLabel: { fontSize: 11, color: ink("soft"), formatter: format, hideOverlap: true }, splitLine: { lineStyle: { color: ink("line") } } },
    yAxis: { type: "category", inverse: true, data: names, axisTick: { show: false }, axisLabel: { width: 110, overflow: "truncate", fontSize: 12, color: ink("ink") } },
    series: series.map((each) => ({ type: "bar", name: each.name, data: each.values, barMaxWidth: 16, stack: stacked ? "all" : undefined, label: stacked ? undefined : { show: true, position: "right", fontSize: 11, color: ink("soft"), formatter: (point) => (point.value === null || point.value === undefined ? "" : format(point.value)) } })),
  });
  return chart;
}

new ResizeObserver(() => drawn.forEach((chart) => chart.resize())).observe(document.getElementById("board"));
