// The panel of cameras: how much is seen and of what, what nobody sees, what a failure costs, trying out, where the next belong.
import { blindSpots, cameraCoverage, cameraFailures, coverageOf } from "wangge/camera_answers";
import { showBlindSpot } from "wangge/camera_layers";
import { drawSites } from "wangge/camera_sites";
import { drawTrial, switchOff } from "wangge/camera_trial";
import { bandCodes, cameraName, measure, pixelBand, shareOf } from "wangge/camera_words";
import { el, n0, n1, pct } from "wangge/format";
import { t } from "wangge/i18n";
import { fit } from "wangge/map";
import * as popup from "wangge/popup";
import { areaByCode, change, lang, may, offline, onChange, state } from "wangge/state";

const FIRST = 20;
const LEVELS = ["street", "community", "grid"];
const SECTIONS = { coverage, blind, failures, trial: drawTrial, sites: drawSites };
const box = document.getElementById("camera-panel");
const parts = new Map();
let level = "street";
let most = FIRST;

export function startCameras() {
  if (!box || offline || !may("see_cameras")) {
    document.getElementById("tab-cameras")?.remove();
    document.getElementById("pane-cameras")?.remove();
    return;
  }
  for (const [name, drawn] of Object.entries(SECTIONS)) {
    const body = el("div", { id: `camera-${name}` });
    const part = el("details", { class: "group", open: name === "coverage" }, el("summary", {}, t(`cameras.${name}`)), body);
    // A part that is open from the start says so before anybody looks at the panel.
    part.addEventListener("toggle", () => part.open && visible() && drawn(body));
    parts.set(name, { part, body, drawn });
    box.append(part);
  }
  box.append(el("p", {}, el("a", { href: `/cameras/register?lang=${lang}`, target: "_blank", rel: "noopener" }, t("register.title"))));
  // What costs a computation is asked for when the panel is looked at.
  new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && refresh()).observe(box);
  onChange("filter", refresh);
  onChange("camera-option", refresh);
  onChange("live", refresh);
  onChange("panel", (name) => {
    document.getElementById("tab-cameras").click();
    const { part, body, drawn } = parts.get(name);
    if (!part.open) part.open = true;
    else drawn(body);
  });
}

const visible = () => box.offsetParent !== null;

function refresh() {
  if (!visible()) return;
  for (const { part, body, drawn } of parts.values()) if (part.open && drawn !== drawTrial && drawn !== drawSites) drawn(body);
}

// A first answer may take some seconds: the panel says so, and keeps what it has until then.
async function answered(body, ask) {
  if (!body.childElementCount) body.append(el("p", { class: "hint" }, t("cameras.working")));
  return ask();
}

const head = (...cells) => el("thead", {}, el("tr", {}, ...cells.map(([text, kind]) => el("th", { class: kind ?? "num", scope: "col" }, text))));

function choice(name, values, now, text, set) {
  const select = el("select", { id: `camera-${name}-choice` }, ...values.map((value) => el("option", { value, selected: value === now }, text(value))));
  select.addEventListener("change", () => set(select.value));
  return el("label", {}, t(`cameras.${name}`), select);
}

async function coverage(body) {
  const told = await answered(body, cameraCoverage);
  if (!told) return;
  const rows = told[state.basis].map((row) => el("tr", {},
    el("th", { scope: "row" }, t(`measure.${row.measure}`), el("span", { class: "why" }, t("measure.seen_of", { seen: measure(row.measure, row.seen[0]), of: measure(row.measure, row.of) }))),
    ...row.seen.map((seen) => el("td", { class: "num" }, shareOf(seen, row.of)))));
  const kinds = told[`${state.basis}_places`].map((row) => el("tr", {}, el("th", { scope: "row" }, popup.word("place", row.kind)),
    ...["seen1", "seen2", "seen3"].map((key) => el("td", { class: "num" }, t("measure.fraction", { n: n0(row[key]), of: n0(row.of) })))));
  const depths = [1, 2, 3].map((k) => [t(`cameras.by.${k}`)]);
  body.replaceChildren(
    el("p", { class: "totals" }, t("cameras.head", { working: n0(told.working), n: n0(told.cameras), unknown: n0(told.unknown) })),
    choice("band", bandCodes, state.band, pixelBand, (band) => change({ band }, "camera-option")),
    el("div", { class: "days" },
      choice("light", ["day", "night"], state.light, (value) => t(`light.${value}`), (light) => change({ light }, "camera-option")),
      choice("basis", ["sure", "may"], state.basis, (value) => t(`basis.${value}`), (basis) => change({ basis }, "camera-option"))),
    el("table", { class: "list still" }, head([t("trial.measure"), ""], ...depths), el("tbody", {}, ...rows)),
    el("details", { class: "as-table" }, el("summary", {}, t("cameras.kinds")), el("table", { class: "list still" }, head([t("popup.kind"), ""], ...depths), el("tbody", {}, ...kinds))),
    ...targets(told),
    choice("level", LEVELS, level, (value) => t(`level.${value}`), (value) => { level = value; most = FIRST; areas(); }),
    el("div", { id: "camera-areas" }), ...notes(told));
  await areas();
}

// What each class of points is there to see, as the district's table says.
function targets(told) {
  if (!told.targets?.length) return [];
  const verdict = (good) => (good === null ? "-" : el("span", { class: good ? "better" : "worse" }, t(good ? "targets.yes" : "targets.no")));
  const rows = told.targets.map((row) => el("tr", {},
    el("th", { scope: "row" }, t("targets.class", { n: row.point_class, what: [t(`measure.${row.measure}`), ...row.kinds.split(";").filter(Boolean).map((kind) => popup.word("place", kind))].join(" ") }),
      el("span", { class: "why" }, t("measure.seen_of", { seen: measure(row.measure, row.seen), of: measure(row.measure, row.of) })),
      el("span", { class: "why" }, t("targets.working", { working: n0(row.working), cameras: n0(row.cameras), asked: pct(row.asked_availability) }), " ", verdict(row.available))),
    el("td", { class: "num" }, shareOf(row.seen, row.of)), el("td", { class: "num" }, pct(row.asked)), el("td", { class: "num" }, verdict(row.reached))));
  return [el("details", { class: "as-table" }, el("summary", {}, t("targets.title")),
    el("table", { class: "list still" }, head([t("targets.what"), ""], [t("targets.seen")], [t("targets.asked")], [t("targets.reached")]), el("tbody", {}, ...rows)))];
}

function notes(told) {
  const moved = told.snapped.length ? [el("details", { class: "as-table" }, el("summary", {}, t("cameras.snapped", { n: n0(told.snapped.length) })),
    el("ul", {}, ...told.snapped.map((each) => el("li", {}, t("cameras.snapped_line", { id: each.id, m: n1(each.m) })))))] : [];
  return [...moved, ...told.problems.map((problem) => el("p", { class: "bad" }, `${problem.id}: ${problem[lang]}`))];
}

async function areas() {
  const into = document.getElementById("camera-areas");
  const told = await answered(into, () => coverageOf(level));
  if (!told) return;
  const cell = (seen, of) => el("td", { class: "num" }, shareOf(seen, of));
  const rows = told.sort((a, b) => b.area1_m2 / b.area_m2 - a.area1_m2 / a.area_m2).slice(0, most).map((row) => {
    const go = () => areaByCode.has(row.code) && fit(areaByCode.get(row.code).box, 0.1);
    return el("tr", { tabindex: 0, onclick: go, onkeydown: (event) => event.key === "Enter" && go() },
      el("td", {}, row[`name_${lang}`] || row.name_zh, el("span", { class: "why" }, t("cameras.area_of", { km2: measure("area", row.area_m2), km: measure("street", row.street_m), n: n0(row.incidents) }))),
      cell(row.area1_m2, row.area_m2), cell(row.street1_m, row.street_m), cell(row.incidents1, row.incidents));
  });
  into.replaceChildren(el("table", { class: "list" }, head([t(`level.${level}`), ""], [t("measure.area")], [t("measure.street")], [t("cameras.reports")]), el("tbody", {}, ...rows)),
    el("p", { class: "hint" }, t("cameras.areas_note")), ...more(told.length, () => areas()));
}

function more(total, then) {
  return total > most ? [el("button", { type: "button", onclick: () => { most = Infinity; then(); } }, t("cameras.more", { n: n0(total) }))] : [];
}

async function blind(body) {
  const told = await answered(body, blindSpots);
  if (!told) return;
  const spots = told.features;
  const rows = spots.slice(0, most).map((feature) => {
    const { properties: it } = feature;
    const go = () => { state.layers.add("blind"); change({}, "layers"); showBlindSpot(feature); };
    const held = ["incidents", "places", "street_m"].filter((key) => it[key] > 0).map((key) => t("blind.holds", { what: t(`blind.${key}`), n: measure(key, it[key]) })).join(t("list.comma"));
    return el("tr", { tabindex: 0, onclick: go, onkeydown: (event) => event.key === "Enter" && go() }, el("td", { class: "num" }, String(it.rank)),
      el("td", {}, popup.named(it), el("span", { class: "why" }, held), el("span", { class: "why" }, popup.because(it))), el("td", { class: "num" }, n1(it.score)));
  });
  body.replaceChildren(el("p", { class: "hint" }, t("blind.note")),
    spots.length ? el("table", { class: "list" }, head([t("hot.rank")], [t("blind.where"), ""], [t("blind.score")]), el("tbody", {}, ...rows)) : el("p", {}, t("blind.none")),
    ...more(spots.length, () => blind(body)));
}

async function failures(body) {
  const told = await answered(body, cameraFailures);
  if (!told) return;
  const { losses, single } = told;
  const expected = told.availability.map(({ p, rows }) => [
    el("h3", {}, t("failures.at", { p: pct(p) })),
    el("table", { class: "list still" }, head([t("trial.measure"), ""], [t("failures.all")], [t("failures.expected")], [t("failures.interval")]), el("tbody", {}, ...rows.map((row) => {
      const say = (value) => measure(row.measure.replace(/_m2?$/, ""), value);
      return el("tr", {}, el("th", { scope: "row" }, t(`measure.${row.measure.replace(/_m2?$/, "")}`), el("span", { class: "why" }, t("measure.of", { of: say(row.of) }))),
        ...[say(row.all_working), say(row.expected), t("failures.from_to", { low: say(row.low), high: say(row.high) })].map((text) => el("td", { class: "num wraps" }, text)));
    }))),
  ]).flat();
  const lost = losses.map((row) => el("tr", {},
    el("td", {}, cameraName(row), lang === "zh" ? el("span", { class: "why" }, row.id) : null),
    el("td", { class: "num" }, measure("area_m2", row.lost_m2), el("span", { class: "why" }, measure("street_m", row.lost_street_m))), el("td", { class: "num" }, n0(row.lost_incidents)),
    el("td", {}, el("button", { type: "button", class: "short", title: t("trial.off"), "aria-label": t("failures.try", { id: cameraName(row) }), onclick: () => switchOff(row.id) }, t("failures.off")))));
  body.replaceChildren(
    el("p", {}, t("failures.single", { places: n0(single.places), of: n0(single.of), cameras: n0(single.cameras) })), ...expected,
    el("p", { class: "hint" }, t("failures.note")),
    el("h3", {}, t("failures.losses")),
    el("table", { class: "list still" }, head([t("register.camera"), ""], [t("failures.alone")], [t("measure.incidents")], ["", ""]), el("tbody", {}, ...lost)));
}
