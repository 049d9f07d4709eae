// The charts beside the map: trend, hour by weekday, top categories, grids and sources; each says period, total and of what.
import { ask } from "wangge/api";
import { drawCompare, enter, leave, startCompare } from "wangge/compare";
import { drawFilters } from "wangge/filters";
import { el, foundWords, n0, n1, pct, periodOf, slotWords } from "wangge/format";
import { t } from "wangge/i18n";
import { openCell } from "wangge/layers";
import { writeLink } from "wangge/link";
import { bounds, fitDistrict, map } from "wangge/map";
import { drawMatrix } from "wangge/matrix";
import { sourceName } from "wangge/popup";
import { areaName, boot, categoryByCode, change, onChange, query, state } from "wangge/state";

const panel = document.getElementById("charts");
const opener = document.getElementById("open-charts");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
// Inks of the page's theme, light or dark; read when a chart is drawn.
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const dark = () => document.documentElement.dataset.theme === "dark";
const bar = () => (dark() ? "#5391c2" : "#2468a8");
const pale = () => (dark() ? "#34587a" : "#93b5d6");
const TOP = 10;
const KEYS = ["trend", "matrix", "categories", "grids", "sources"];
const figures = {};
const drawn = new Map();
let engine = null;
let summary = null;
let compareBox = null;

// The chart library comes when the panel is first opened, from this server.
function library() {
  engine ??= import(`/static/vendor/echarts/echarts.common.min.js?v=${encodeURIComponent(boot.version)}`).then(() => globalThis.echarts);
  return engine;
}

export function startCharts() {
  if (!panel) return;
  build();
  opener.addEventListener("click", () => toggle(!state.charts));
  onChange("filter", () => state.charts && load());
  onChange("live", (layers) => layers.has("incidents") && state.charts && load());
  onChange("theme", () => state.charts && load());
  onChange("summary", (fresh) => { summary = fresh; if (state.charts) drawGrids(); });
  onChange("compare", () => { writeLink(); face(); drawCompare(compareBox); });
  onChange("compared", () => drawCompare(compareBox));
  startCompare();
  if (state.charts || state.compare) toggle(true);
}

function build() {
  const close = el("button", { type: "button", id: "close-charts", "aria-label": t("chart.close"), title: t("chart.close"), onclick: () => { toggle(false); opener.focus(); } }, "×");
  const compare = el("button", { type: "button", id: "compare-toggle", "aria-pressed": "false", onclick: () => (state.compare ? leave() : enter("previous")) }, t("compare.title"));
  compareBox = el("div", { id: "compare-box" });
  const body = el("div", { class: "charts-body" }, compareBox);
  for (const key of KEYS) {
    const box = el("div", { class: `canvas ${key}`, id: `chart-${key}` });
    const caption = el("figcaption");
    const rows = el("div", { class: "rows" });
    const table = key === "matrix" ? null : el("details", { class: "as-table" }, el("summary", {}, t("chart.table")), rows);
    figures[key] = { box, caption, rows };
    body.append(el("figure", {}, el("h3", {}, t(`chart.${key}`)), box, caption, table));
  }
  panel.append(el("div", { class: "charts-head" }, el("h2", {}, t("chart.title")), compare, close), body);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") { toggle(false); opener.focus(); } });
  new ResizeObserver(() => drawn.forEach((chart) => chart.resize())).observe(body);
}

function face() {
  document.getElementById("compare-toggle").setAttribute("aria-pressed", String(Boolean(state.compare)));
}

function toggle(open) {
  const whole = map.getBounds().contains(bounds);
  state.charts = open;
  panel.hidden = !open;
  document.body.classList.toggle("with-charts", open);
  opener.setAttribute("aria-expanded", String(open));
  writeLink();
  map.invalidateSize({ animate: false });
  // Who saw the whole district sees it still, beside the panel.
  if (whole) fitDistrict();
  // On what is left of a narrow screen the map comes before its legend.
  if (open && map.getSize().x < 760) document.getElementById("legend").open = false;
  face();
  if (open) load();
}

async function load() {
  const limited = state.hours.length || state.weekdays.length;
  const [profile, open] = await Promise.all([
    ask("profile", "/api/profile.json", query()),
    limited ? ask("profile-hours", "/api/profile.json", query({}, ["hour", "weekday"])) : null,
    library(),
  ]);
  if (!profile || (limited && !open)) return;
  drawTrend(profile.trend);
  matrix((open ?? profile).matrix);
  drawCodes("categories", profile.categories, (code) => categoryByCode.get(code)?.name ?? code);
  drawCodes("sources", profile.sources, sourceName);
  drawGrids();
  panel.dataset.ready = "yes";
}

const told = (part, slots = slotWords()) => ({ period: [periodOf(part.period), slots].filter(Boolean).join(" "), found: foundWords(part.found_by), n: n0(part.total), match: n0(part.incidents), of: n0(part.of) });

async function draw(key, option, height, click) {
  const echarts = await library();
  const { box } = figures[key];
  box.style.height = `${height}px`;
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", `${t(`chart.${key}`)}. ${figures[key].caption.textContent}`);
  let chart = drawn.get(key);
  if (!chart) {
    chart = echarts.init(box, null, { renderer: "canvas" });
    drawn.set(key, chart);
  }
  chart.resize();
  chart.setOption({
    animation: !still.matches, animationDuration: 250, animationDurationUpdate: 250,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink("ink") },
    // Tooltips are drawn on the canvas: as HTML they would need inline styles, which the page's policy forbids.
    tooltip: { renderMode: "richText", confine: true, trigger: "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12 } },
    ...option,
  }, { notMerge: true });
  chart.off("click");
  if (click) chart.on("click", (event) => click(event.dataIndex));
}

function list(key, head, rows) {
  const line = ([name, count, share]) => el("tr", {}, el("td", {}, name), el("td", { class: "num" }, count), el("td", { class: "num" }, share));
  figures[key].rows.replaceChildren(el("table", { class: "list" }, el("thead", {}, el("tr", {}, ...head.map((text, index) => el("th", { scope: "col", class: index ? "num" : "" }, text)))), el("tbody", {}, ...rows.map(line))));
}

function drawTrend(trend) {
  const { bins } = trend;
  const cut = bins.filter((bin) => !bin.whole).length;
  figures.trend.caption.textContent = [t("chart.trend_note", { ...told(trend), bin: t(`bin.${trend.bin}`) }), cut ? t("chart.cut") : ""].filter(Boolean).join(" ");
  const name = (bin) => (bin.from === bin.to ? bin.from : `${bin.from} - ${bin.to}`);
  draw("trend", {
    grid: { left: 6, right: 12, top: 14, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: bins.map((bin) => bin.from), axisTick: { show: false }, axisLabel: { hideOverlap: true, fontSize: 11, color: ink("soft"), formatter: (text) => (trend.bin === "day" ? text.slice(5) : text.slice(0, 7)) } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { fontSize: 11, color: ink("soft"), formatter: n0 }, splitLine: { lineStyle: { color: ink("line") } } },
    tooltip: { renderMode: "richText", confine: true, trigger: "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12 },
      formatter: ([point]) => `${name(bins[point.dataIndex])}\n${t("chart.of_days", { n: n0(bins[point.dataIndex].count), days: n1(bins[point.dataIndex].days) })}` },
    series: [{ type: "bar", barCategoryGap: "15%", data: bins.map((bin) => ({ value: bin.count, itemStyle: { color: bin.whole ? bar() : pale() } })) }],
  }, 170, (index) => change({ from: bins[index].from, to: bins[index].to }));
  list("trend", [t("chart.when"), t("chart.count"), t("chart.days")], bins.map((bin) => [name(bin), n0(bin.count), n1(bin.days)]));
}

function matrix(part) {
  drawMatrix(figures.matrix.box, part);
  const lines = [t("chart.matrix_note", { ...told(part, ""), timed: n0(part.timed) })];
  if (part.day_only) lines.push(t("chart.day_only", { n: n0(part.day_only) }));
  figures.matrix.caption.textContent = [...lines, t("matrix.how")].join(" ");
}

// Bars from the longest down; the axis from 0, so that lengths can be compared.
function bars(key, rows, click) {
  const most = rows.slice(0, TOP);
  const height = 26 + 23 * Math.max(1, most.length);
  return draw(key, {
    grid: { left: 4, right: 54, top: 2, bottom: 4, containLabel: true },
    xAxis: { type: "value", min: 0, show: false },
    yAxis: { type: "category", inverse: true, data: most.map((row) => row.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { width: 150, overflow: "truncate", fontSize: 12, color: ink("ink") } },
    tooltip: { renderMode: "richText", confine: true, trigger: "item", textStyle: { fontSize: 12 }, formatter: (point) => `${most[point.dataIndex].name}\n${most[point.dataIndex].text}` },
    series: [{ type: "bar", barMaxWidth: 15, itemStyle: { color: bar() }, label: { show: true, position: "right", fontSize: 11, color: ink("soft"), formatter: (point) => n0(point.value) }, data: most.map((row) => row.count) }],
  }, height, click && ((index) => click(most[index].code)));
}

function drawCodes(key, part, nameOf) {
  const rows = part.rows.map(({ code, count }) => ({ code, count, name: nameOf(code), text: t("popup.of", { share: pct(count / Math.max(part.total, 1)), total: n0(part.total) }) }));
  figures[key].caption.textContent = t("chart.codes_note", { ...told(part), top: n0(Math.min(TOP, rows.length)), kinds: n0(rows.length) });
  bars(key, rows, (code) => {
    change({ [key]: state[key].includes(code) ? state[key].filter((each) => each !== code) : [...state[key], code] });
    drawFilters();
  });
  list(key, [t(`chart.${key}`), t("chart.count"), t("chart.share")], rows.map((row) => [row.name, n0(row.count), pct(row.count / Math.max(part.total, 1))]));
}

function drawGrids() {
  if (!summary) return;
  const rows = summary.ranked.filter((row) => row.count > 0).sort((a, b) => b.count - a.count || a.rank - b.rank)
    .map((row) => ({ code: row.code, count: row.count, name: areaName(row.code), text: t("popup.of", { share: pct(row.count / Math.max(summary.in_grids, 1)), total: n0(summary.in_grids) }) }));
  figures.grids.caption.textContent = t("chart.grids_note", { ...told({ ...summary, total: summary.counted }), inside: n0(summary.in_grids), top: n0(Math.min(TOP, rows.length)), with: n0(summary.grids_with), grids: n0(summary.grids) });
  bars("grids", rows, openCell);
  list("grids", [t("hot.grid"), t("chart.count"), t("chart.share")], rows.slice(0, 50).map((row) => [row.name, n0(row.count), pct(row.count / Math.max(summary.in_grids, 1))]));
}
