// The panel of hot spots: method, what was found by rank with its evidence, what it means and what not, patrol, brief.
import { CHANGES, hotSpots, METHODS, spotCameras, spotQuery, VERSUS } from "wangge/hot_spot_data";
import { drawHotSpots, foundBy, goTo, ground, light, pShort, spotRows } from "wangge/hot_spot_layer";
import { addDays, el, n0, n1, n2, pct } from "wangge/format";
import { t } from "wangge/i18n";
import { drawLayerList } from "wangge/menu";
import { planGrids } from "wangge/plan_life";
import { card } from "wangge/popup";
import { keyAreaForm } from "wangge/spot_key_area";
import { boot, change, lang, may, offline, onChange, state } from "wangge/state";

// More first visits than this do not fit into the first hours of a shift.
const MOST_MUSTS = 20;
const box = document.getElementById("spot-panel");
const body = el("div", { id: "spot-body" });
const status = el("p", { class: "hint", id: "spot-status", role: "status" });
let told = null;
let cameras = null;
let chosen = "";
let begun = false;
let turn = 0;

export function startHotSpots() {
  onChange("filter", drawHotSpots);
  onChange("spot-option", drawHotSpots);
  onChange("layers", drawHotSpots);
  onChange("live", (layers) => (layers.has("incidents") || layers.has("areas")) && drawHotSpots());
  if (!box || offline || !may("see_analyses")) {
    box?.remove();
    return drawHotSpots();
  }
  box.append(el("h3", {}, t("spots.title")), ...choices(), status, body);
  onChange("filter", refresh);
  onChange("spot-option", refresh);
  onChange("live", (layers) => (layers.has("incidents") || layers.has("areas")) && refresh());
  onChange("spot-stage", (stage) => { status.textContent = t(`spots.stage.${stage}`); });
  onChange("spot-chosen", (id) => choose(id, true));
  onChange("spot-lit", (id) => { light(id || chosen); mark(id); });
  // What costs a computation is asked for when the panel is looked at.
  new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && looked()).observe(status);
  return drawHotSpots();
}

const visible = () => box.offsetParent !== null;

function looked() {
  if (!begun) {
    begun = true;
    if (!state.layers.has("spots")) {
      state.layers.add("spots");
      change({}, "layers");
      drawLayerList();
    }
  }
  refresh();
}

function choices() {
  const pick = (name, values, now, set) => {
    const select = el("select", { id: `spot-${name}` }, ...values.map((value) => el("option", { value, selected: value === now }, t(`spots.${name}.${value}`))));
    select.addEventListener("change", () => set(select.value));
    return el("label", {}, t(`spots.${name}`), select);
  };
  const set = (values) => { chosen = ""; change(values, "spot-option"); };
  const defaults = el("input", { type: "checkbox", id: "spot-defaults", checked: state.defaults !== "keep" });
  defaults.addEventListener("change", () => set({ defaults: defaults.checked ? "drop" : "keep" }));
  return [
    el("div", { class: "days" }, pick("method", METHODS, state.method, (method) => set({ method })), pick("versus", VERSUS, state.versus, (versus) => set({ versus }))),
    el("label", { class: "check" }, defaults, el("span", {}, t("spots.defaults"))),
  ];
}

async function refresh() {
  if (!visible()) return;
  const mine = (turn += 1);
  const late = setTimeout(() => mine === turn && (status.textContent = t("spots.working")), 250);
  const found = await hotSpots();
  clearTimeout(late);
  if (mine !== turn || !found) return;
  status.textContent = "";
  if (found.told === told && body.childElementCount) return;
  told = found.told ?? null;
  cameras = null;
  if (!told) {
    body.replaceChildren(el("p", { class: "bad", id: "spot-problem" }, found.problem));
    return;
  }
  draw();
  const seen = await spotCameras();
  if (mine !== turn || !seen) return;
  cameras = seen;
  draw();
}

function draw() {
  const spots = told.features.map((feature) => feature.properties);
  const [now, gone] = [spots.filter((it) => it.rank !== null), spots.filter((it) => it.rank === null)];
  const focused = document.activeElement?.dataset?.spot;
  body.replaceChildren(...head(), list(now), ...dissolved(gone), ...words());
  mark(chosen);
  if (focused) body.querySelector(`button[data-spot="${CSS.escape(focused)}"]`)?.focus();
}

function head() {
  const days = (period) => `${period.first_day} - ${period.last_day}`;
  const { explanation } = told;
  const lines = [el("p", { class: "totals", id: "spot-means" }, t("spots.period", { period: days(told.period), days: n1(told.period.days), found: foundBy(told) }), explanation[`means_${lang}`]),
    el("p", { class: "hint", id: "spot-means-not" }, explanation[`means_not_${lang}`])];
  if (told.defaults.incidents) lines.push(el("p", { class: "spot-note", id: "spot-default-told" }, defaultsTold()));
  told.notes.forEach((note) => lines.push(el("p", { class: "spot-note" }, note[lang])));
  if (told.before_note) lines.push(el("p", { class: "spot-note" }, told.before_note[lang]), lastDays());
  return lines;
}

const defaultsTold = () => t(told.defaults.set_aside ? "spots.default_dropped" : "spots.default_kept", { n: n0(told.defaults.incidents), places: n0(told.defaults.places), share: pct(told.defaults.share) });

// A period for which there is one before.
function lastDays() {
  const to = boot.last_day;
  return el("button", { type: "button", id: "spot-90", onclick: () => change({ from: addDays(to, -89), to }) }, t("spots.last90"));
}

function list(now) {
  if (!now.length) return el("p", { id: "spot-none" }, t("spots.none"));
  const rows = now.flatMap((it) => [row(it), ...(it.id === chosen ? [details(it)] : [])]);
  const head = [["hot.rank", "num"], ["spots.where", ""], ["hot.count", "num"]].map(([key, kind]) => el("th", { class: kind, scope: "col" }, t(key)));
  return el("table", { class: "list", id: "spot-list" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}

function row(it) {
  const open = it.id === chosen;
  const button = el("button", { type: "button", class: "spot-name", "data-spot": it.id, "aria-expanded": String(open), onfocus: () => light(it.id) }, it[`place_${lang}`] || it.id);
  const [sign, colour] = CHANGES[it.change];
  const evidence = [t("spots.line", { pai: n2(it.pai), p: pShort(it.p), ground: ground(it.area_km2) }), it.before === null ? "" : t("spots.line_before", { n: n0(it.before) }), it.hours].filter(Boolean).join(" · ");
  const name = el("td", {}, el("span", { class: "spot-sign", colour }, `${sign} ${t(`spots.change.${it.change}`)}`), button,
    el("span", { class: "why" }, evidence), el("span", { class: "why" }, it.top.map((each) => each[lang]).join(t("list.comma"))));
  return el("tr", { "data-spot": it.id, onclick: () => choose(open ? "" : it.id), onmouseenter: () => light(it.id), onmouseleave: () => light(chosen) },
    el("td", { class: "num" }, String(it.rank)), name, el("td", { class: "num" }, n0(it.count), el("span", { class: "why" }, pct(it.count / Math.max(told.counted, 1)))));
}

function details(it) {
  const files = lang === "zh" ? ["zh", "en"] : ["en", "zh"];
  const brief = (each) => el("a", { class: "button", href: `/api/hotspots/${encodeURIComponent(it.id)}/brief.pdf?${spotQuery().replace(/lang=\w+$/, `lang=${each}`)}`, target: "_blank", rel: "noopener", lang: each === "zh" ? "zh-CN" : "en" }, t(`spots.brief.${each}`));
  const tools = el("div", { class: "row-buttons" },
    may("make_plans") ? el("button", { type: "button", class: "primary", "data-plan": it.id, onclick: () => planGrids(it.grids.slice(0, MOST_MUSTS).map((each) => each.code), `${it.rank}. ${it[`place_${lang}`]}`) }, t("spots.plan")) : null,
    ...(may("export") ? files.map(brief) : []));
  const facts = card(it[`place_${lang}`] || it.id, spotRows(it, told, cameras));
  const waits = may("see_cameras") && !cameras ? el("p", { class: "hint" }, t("spots.cameras_later")) : null;
  return el("tr", { class: "spot-details" }, el("td", { colspan: "3" }, facts, waits, tools, keyAreaForm(told.features.find((feature) => feature.properties.id === it.id), told)));
}

function choose(id, fromMap = false) {
  chosen = id;
  if (!told) return;
  draw();
  light(id);
  if (!id) return;
  if (fromMap) {
    document.getElementById("tab-hot").click();
    body.querySelector(`[data-spot="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest" });
  } else {
    goTo(id);
    body.querySelector(".spot-details")?.scrollIntoView({ block: "nearest" });
  }
}

function mark(id) {
  body.querySelectorAll("tr[data-spot]").forEach((line) => line.classList.toggle("lit", line.dataset.spot === id || line.dataset.spot === chosen));
}

function dissolved(gone) {
  if (!gone.length) return [];
  const items = gone.map((it) => el("li", {}, el("button", { type: "button", class: "spot-name", "data-spot": it.id, onfocus: () => light(it.id), onclick: () => goTo(it.id) }, it[`place_${lang}`] || it.id),
    el("span", { class: "why" }, t("spots.gone", { before: n0(it.before), n: n0(it.count), p: pShort(it.change_p) }))));
  return [el("details", { class: "group", id: "spot-gone" }, el("summary", {}, `− ${t("spots.change.dissolved")} ${n0(gone.length)}`), el("div", {}, el("ul", {}, ...items)))];
}

// Method, parameters and source, and how the choices were made.
function words() {
  const { explanation, optimized } = told;
  const lines = [[t("spots.data"), t("spots.totals", { counted: n0(told.counted), of: n0(told.incidents), found: foundBy(told) })], [t("spots.default_data"), defaultsTold()],
    [t("spots.versus"), told.before && !told.before_note ? `${told.before.first_day} - ${told.before.last_day}` : t("spots.change.")],
    [t("spots.method"), explanation[`method_${lang}`]], [t("spots.p"), told[`p_${lang}`]],
    [t("spots.parameters"), explanation.parameters.map((each) => `${each[lang]} ${each.value}`).join(t("list.semicolon"))], [t("spots.source"), explanation.source]];
  const parts = [el("dl", {}, ...lines.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])), el("ul", { id: "spot-choices" }, ...told.choices.map((each) => el("li", {}, each[lang])))];
  if (optimized) {
    const rows = optimized.bands_m.map((band, index) => el("tr", {}, el("td", { class: "num" }, n0(band)), el("td", { class: "num" }, n1(optimized.moran_z[index]))));
    parts.push(el("table", { class: "list still" }, el("thead", {}, el("tr", {}, el("th", { class: "num", scope: "col" }, t("spots.band")), el("th", { class: "num", scope: "col" }, t("spots.moran")))), el("tbody", {}, ...rows)));
  }
  const open = document.getElementById("spot-words")?.open;
  return [el("details", { class: "group", id: "spot-words", open }, el("summary", {}, t("spots.words")), el("div", {}, ...parts))];
}
