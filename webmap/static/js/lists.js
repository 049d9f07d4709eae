// The ranked grids beside the map, with totals and denominators.
import { el, n0, n1, pct, periodOf, slotWords } from "wangge/format";
import { t } from "wangge/i18n";
import { openCell } from "wangge/layers";
import { fit } from "wangge/map";
import { areaByCode, areaName, lang, onChange } from "wangge/state";

const FIRST = 30;
const box = document.getElementById("hot-list");
const totals = document.getElementById("totals");

onChange("summary", (summary) => draw(summary, FIRST));

function draw(summary, most) {
  const { incidents, of, grids, hot } = summary;
  const period = [periodOf(summary.period), slotWords()].filter(Boolean).join(" ");
  const lines = [t("hot.totals", { period, n: n0(incidents), of: n0(of), with: n0(summary.grids_with), grids: n0(grids), hot: n0(hot) })];
  if (summary.counted > summary.in_grids) lines.push(t("hot.outside", { n: n0(summary.counted - summary.in_grids) }));
  lines.push(summary.exposure[lang]);
  totals.textContent = lines.join(" ");
  const wall = document.getElementById("wall-totals");
  if (wall) wall.textContent = lines[0];
  document.getElementById("print-period").textContent = t("print.period", { period, n: n0(incidents) });
  box.replaceChildren();
  if (!incidents) {
    box.append(el("p", {}, t("hot.empty")));
    return;
  }
  const head = el("tr", {}, ...["rank", "grid", "count", "density"].map((key, i) => el("th", { class: i === 1 ? "" : "num", scope: "col" }, t(`hot.${key}`))));
  const rows = summary.ranked.filter((row) => row.count > 0).slice(0, most).map(line);
  box.append(el("table", { class: "list" }, el("thead", {}, head), el("tbody", {}, ...rows)));
  if (summary.grids_with > most) {
    box.append(el("button", { type: "button", onclick: () => draw(summary, Infinity) }, t("hot.more", { n: n0(summary.grids_with) })));
  }
}

function line(row) {
  const go = () => {
    const area = areaByCode.get(row.code);
    if (area) fit(area.box, 0.6);
    openCell(row.code);
  };
  const name = el("td", {}, areaName(row.code), row.hot ? el("span", { class: "hot-mark" }, t("hot.word")) : null);
  return el("tr", { tabindex: 0, onclick: go, onkeydown: (event) => event.key === "Enter" && go() },
    el("td", { class: "num" }, String(row.rank)), name,
    el("td", { class: "num" }, n0(row.count), el("span", { class: "why" }, pct(row.share))), el("td", { class: "num" }, n1(row.per_km2)));
}
