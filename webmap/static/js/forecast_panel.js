// The panel of the forecast: period and category, the steps while one is made, its score card in plain words, what came of earlier ones.
import { ask } from "wangge/api";
import { PERIODS, absent, loadForecast, openForecast, remake, spanOf, tops } from "wangge/forecast";
import { el, momentOf, n0, pct, sig2 } from "wangge/format";
import { t } from "wangge/i18n";
import { areaName, boot, change, lang, may, offline, onChange, state } from "wangge/state";

const MOST = 10;
const root = document.getElementById("forecast-panel");
const body = el("div", { id: "forecast-body" });
const status = el("div", { id: "forecast-status", role: "status" });
let asked = false;

export function startForecast() {
  if (!root || !may("see_analyses") || !boot.leaf) return root?.remove();
  const box = el("details", { class: "group", id: "forecast-box" }, el("summary", {}, t("forecast.title")), el("div", {}, choices(), status, body, offline ? null : earlier()));
  box.open = state.layers.has("forecast");
  box.addEventListener("toggle", () => { if (box.open && !asked) loadForecast(); });
  onChange("forecast-shown", ({ told, step = null, problem = "" }) => { asked = true; draw(told, step, problem); });
  onChange("layers", () => { face(); if (state.layers.has("forecast")) box.open = true; });
  root.append(box);
  return face();
}

function pick(name, pairs) {
  const select = el("select", { id: `forecast-${name}` }, ...pairs.map(([value, text]) => el("option", { value, selected: value === state.forecast[name] }, text)));
  select.addEventListener("change", () => {
    state.forecast[name] = select.value;
    change({}, "forecast-option");
  });
  return el("label", {}, t(`forecast.${name}`), select);
}

function choices() {
  if (offline) return el("div", { class: "forecast-choices" }, shower());
  const categories = [["", t("forecast.all")], ...boot.categories.map((each) => [each.code, each.name])];
  const parts = [pick("period", PERIODS.map((kind) => [kind, t(`forecast.kind.${kind}`)])), pick("category", categories)];
  if (tops.length > 1) parts.push(pick("area", tops.map((each) => [each.code, areaName(each.code)])));
  return el("div", { class: "forecast-choices" }, ...parts, shower());
}

function shower() {
  const show = el("button", { type: "button", id: "forecast-show" }, t("forecast.show"));
  show.addEventListener("click", () => {
    const on = !state.layers.has("forecast");
    if (on) state.layers.add("forecast");
    else state.layers.delete("forecast");
    // Two colours over one ground say nothing.
    if (on) ["heat", "values"].forEach((name) => state.layers.delete(name));
    change({}, "layers");
  });
  return show;
}

function face() {
  document.getElementById("forecast-show").setAttribute("aria-pressed", String(state.layers.has("forecast")));
}

function draw(told, step, problem) {
  status.replaceChildren();
  if (step) {
    status.append(el("progress", { max: String(step.of), value: String(step.done), "aria-label": t("forecast.making") }), el("span", {}, t(`forecast.stage.${step.stage}`)));
    return;
  }
  if (problem) status.append(el("p", { class: "bad" }, problem), again("forecast.try_again"));
  const shown = told?.forecast;
  body.replaceChildren(...(shown ? parts(shown) : offline ? [el("p", { id: "forecast-absent" }, absent())] : []));
  if (shown && !shown.fresh && !problem) status.append(el("p", {}, t("forecast.stale")), offline ? "" : again("forecast.again"));
}

const again = (key) => el("button", { type: "button", id: "forecast-again", onclick: remake }, t(key));

function parts(shown) {
  const head = el("p", { class: "totals" }, t("forecast.head", { period: spanOf(shown.period), category: shown.category_name[lang], total: sig2(shown.total) }));
  const { explain } = shown;
  const lines = shown.lines.map((line) => el("li", { "data-about": line.about, "data-verdict": line.verdict }, line[lang]));
  return [
    head, el("p", {}, explain[`means_${lang}`], lang === "en" ? " " : "", explain[`means_not_${lang}`]),
    el("p", { class: "hint" }, shown.exposure[lang]), el("p", { class: "hint" }, shown.delay[lang]), el("p", { class: "hint", id: "forecast-made" }, t("forecast.made", { made: momentOf(shown.made_at) })),
    el("h3", {}, t("forecast.card")), el("ul", { class: "card-lines", id: "forecast-card" }, ...lines),
    ...(shown.card ? [el("p", { class: "hint" }, shown.card.explain[`means_not_${lang}`])] : []),
    method(shown), el("h3", {}, t("forecast.highest")), ranking(shown),
  ];
}

// How it was made, for whoever wants to make it again.
function method({ explain, settings, card, history, delay_days: delay }) {
  const chosen = Object.entries({ ...settings, delay_days: delay }).map(([name, value]) => `${name}=${typeof value === "number" ? sig2(value) : JSON.stringify(value)}`).join(", ");
  const rows = [["method", explain[`method_${lang}`]], ["parameters", chosen], ["history", t("forecast.learned", { since: history.since, until: history.until, n: n0(history.n) })],
    ["source", [explain.source, card?.explain.source].filter(Boolean).join("; ")]];
  return el("details", { class: "how" }, el("summary", {}, t("forecast.how")), el("dl", {}, ...rows.flatMap(([name, text]) => [el("dt", {}, t(`forecast.${name}`)), el("dd", {}, text)])));
}

function ranking(shown) {
  const line = (row) => el("tr", { tabindex: 0, onclick: () => openForecast(row.code), onkeydown: (event) => event.key === "Enter" && openForecast(row.code) },
    el("td", { class: "num" }, n0(row.rank)), el("td", {}, areaName(row.code)), el("td", { class: "num" }, sig2(row.expected), el("span", { class: "why" }, pct(row.expected_share))), el("td", { class: "num" }, sig2(row.expected_per_km2)));
  const head = el("tr", {}, ...["hot.rank", "hot.grid", "forecast.expected", "forecast.per_km2"].map((key, i) => el("th", { scope: "col", class: i === 1 ? "" : "num" }, t(key))));
  return el("table", { class: "list" }, el("caption", {}, shown.unit[lang]), el("thead", {}, head), el("tbody", {}, ...shown.grids.slice(0, MOST).map(line)));
}

// Earlier forecasts against what was reported; of those whose time is not over only what they expect.
function earlier() {
  const list = el("div", {}, t("state.loading"));
  const box = el("details", { class: "how", id: "forecast-earlier" }, el("summary", {}, t("forecast.earlier")), list);
  box.addEventListener("toggle", async () => {
    if (!box.open) return;
    const rows = await ask("forecasts", "/api/forecasts.json");
    if (!rows) return;
    const words = ({ outcome }) => (outcome.known && outcome.n
      ? t("forecast.happened", { n: n0(outcome.n), hits: sig2(outcome.at[1].hits), rate: pct(outcome.at[1].hit_rate) })
      : t(outcome.known ? "forecast.nothing" : "forecast.not_over"));
    list.replaceChildren(rows.length ? el("ul", {}, ...rows.map((row) => el("li", {}, t("forecast.past", { period: spanOf(row.period), category: row.category_name[lang], total: sig2(row.total) }), el("span", { class: "why" }, words(row))))) : t("forecast.none"));
  });
  return box;
}
