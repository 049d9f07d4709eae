// Trying out: a camera moved, turned, added or switched off, and what would be seen then. Nothing is written into the register.
import { ask, say } from "wangge/api";
import { drawHandles } from "wangge/camera_handles";
import { cameraName, measure, shareOf } from "wangge/camera_words";
import { dayOf, el, n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { trialText, writeLink } from "wangge/link";
import { map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { lang, onChange, query, state, tell } from "wangge/state";

export const TRIAL = "#d95f0e";
const FIELDS = { azimuth: [0, 359], angle: [1, 360], range_m: [2, 1000], height_m: [1, 60] };
const NEW = { azimuth: 0, angle: 70, range_m: 60, height_m: 5 };
const MOST = 50;
const ground = L.layerGroup().addTo(map);
let chosen = "";
let answer = null;
let asking = false;
let again = false;
let placing = false;
let box = null;

const titleOf = (camera) => (camera.id.startsWith("new-") ? t("trial.new", { n: camera.id.slice(4) }) : cameraName(camera));
const told = (value) => (value === null ? "" : Math.round(value));
const isTrying = () => state.tried.length > 0 || state.off.length > 0;

// The trial as parameters, for the server, the report and the link.
export function trialQuery(base = query({ band: state.band, light: state.light })) {
  const asked = new URLSearchParams(base);
  state.tried.forEach((camera) => asked.append("change", trialText(camera)));
  state.off.forEach((id) => asked.append("off", id));
  return asked.toString();
}

export function cameraCard(properties) {
  const card = popup.camera(properties);
  const past = el("ul", { class: "history", hidden: true });
  card.append(el("div", { class: "row-buttons" },
    el("button", { type: "button", onclick: () => { map.closePopup(); tryOut(properties); } }, t("trial.move")),
    state.off.includes(properties.id) ? null : el("button", { type: "button", onclick: () => { map.closePopup(); switchOff(properties.id); } }, t("trial.off")),
    el("button", { type: "button", onclick: () => showHistory(properties.id, past) }, t("history.show"))), past);
  return card;
}

async function showHistory(id, list) {
  const spans = await ask("camera-history", `/api/cameras/${encodeURIComponent(id)}/history.json`);
  if (!spans) return;
  const word = (status) => popup.word("status", status || "unknown");
  list.replaceChildren(...(spans.length ? spans.map((span) => el("li", {}, t("history.line", { status: word(span.status), since: dayOf(span.since), days: n1(span.days) }))) : [el("li", {}, t("history.none"))]));
  list.hidden = false;
}

export async function tryOut(properties) {
  if (state.tried.some((camera) => camera.id === properties.id)) return choose(properties.id);
  if (state.tried.length >= MOST) return say(t("trial.most", { n: MOST }), true);
  const place = properties.lon === undefined ? await placeOf(properties.id) : properties;
  if (!place) return undefined;
  const { id, name = "", azimuth = null, angle = null, range_m = null, height_m = null } = properties;
  // A handle needs a reach; without one told, the one that is assumed for drawing.
  state.tried.push({ id, name, lon: place.lon, lat: place.lat, azimuth, angle, range_m: range_m ?? 40, height_m });
  return choose(id);
}

async function placeOf(id) {
  const shapes = await ask("layer-cameras", "/api/layers/cameras.geojson");
  const found = shapes?.features.find((feature) => feature.properties.id === id);
  return found && { lon: found.geometry.coordinates[0], lat: found.geometry.coordinates[1] };
}

export function switchOff(id) {
  if (!state.off.includes(id)) state.off.push(id);
  changed();
  tell("panel", "trial");
}

export function addCamera(values) {
  const taken = new Set(state.tried.map((camera) => camera.id));
  const id = Array.from({ length: MOST + 1 }, (_, n) => `new-${n + 1}`).find((each) => !taken.has(each));
  if (state.tried.length >= MOST) return say(t("trial.most", { n: MOST }), true);
  state.tried.push({ ...NEW, ...values, id, name: "" });
  return choose(id);
}

function choose(id) {
  chosen = id;
  changed();
  tell("panel", "trial");
}

function remove(list, match) {
  state[list] = state[list].filter((each) => !match(each));
  changed();
}

function changed() {
  handles();
  draw();
  work();
  writeLink();
}

function handles() {
  const cameras = state.tried.map((camera) => Object.assign(camera, { title: titleOf(camera) }));
  drawHandles(cameras, {
    selected: chosen,
    chosen: (camera) => choose(camera.id),
    moved: (camera) => { fill(camera); work(); writeLink(); },
  });
}

// One question at a time: what changes meanwhile is asked for when the answer has come.
async function work() {
  if (!isTrying()) {
    answer = null;
    return show();
  }
  if (asking) {
    again = true;
    return undefined;
  }
  asking = true;
  do {
    again = false;
    answer = await ask("what-if", "/api/cameras/what-if.json", trialQuery());
    show();
  } while (again && isTrying());
  asking = false;
  return show();
}

function show() {
  ground.clearLayers();
  clearLegend("trial");
  if (answer && isTrying()) {
    L.geoJSON(answer.views, {
      pane: "hot", renderer: renderer("hot"), interactive: false,
      style: ({ properties: { basis } }) => ({ color: TRIAL, weight: 1.4, dashArray: basis === "may" ? "3 4" : null, fillColor: TRIAL, fillOpacity: basis === "may" ? 0.08 : 0.35 }),
    }).addTo(ground);
    setLegend("trial", t("legend.trial"), [{ colour: TRIAL, text: t("trial.seen") }]);
  }
  result();
}

export function drawTrial(into) {
  box = into;
  draw();
}

function draw() {
  if (!box) return;
  const add = el("button", { type: "button", id: "trial-add", "aria-pressed": String(placing), onclick: () => place(!placing) }, t("trial.add"));
  const clear = el("button", { type: "button", hidden: !isTrying(), onclick: () => { state.tried = []; state.off = []; changed(); } }, t("trial.clear"));
  const rows = state.tried.map((camera) => (camera.id === chosen ? form(camera) : line(titleOf(camera), () => choose(camera.id), () => remove("tried", (each) => each.id === camera.id))));
  const off = state.off.map((id) => line(t("trial.is_off", { id }), null, () => remove("off", (each) => each === id)));
  box.replaceChildren(el("p", { class: "hint" }, t(placing ? "trial.place" : "trial.hint")), el("div", { class: "row-buttons" }, add, clear),
    el("ul", { class: "trial-list" }, ...rows, ...off), el("div", { id: "trial-result", "aria-live": "polite" }));
  result();
}

function line(text, pick, drop) {
  return el("li", {}, pick ? el("button", { type: "button", class: "plain", onclick: pick }, text) : el("span", {}, text), cross(text, drop));
}

const cross = (text, drop) => el("button", { type: "button", class: "cross", "aria-label": t("trial.drop", { id: text }), title: t("trial.drop", { id: text }), onclick: drop }, "×");

function form(camera) {
  const inputs = Object.entries(FIELDS).map(([name, [low, high]]) => {
    const input = el("input", { type: "number", min: low, max: high, step: 1, id: `trial-${name}`, value: told(camera[name]), placeholder: t("popup.unknown") });
    input.addEventListener("change", () => {
      const value = input.value === "" ? null : Math.min(high, Math.max(low, Number(input.value)));
      const shape = (camera.azimuth === null) !== ((name === "azimuth" ? value : camera.azimuth) === null);
      camera[name] = name === "range_m" ? value ?? 40 : value;
      input.value = told(camera[name]);
      if (shape || name !== "height_m") handles();
      work();
      writeLink();
    });
    return el("label", {}, t(`trial.${name}`), input);
  });
  return el("li", { class: "on" }, el("div", { class: "head" }, titleOf(camera), cross(titleOf(camera), () => remove("tried", (each) => each.id === camera.id))),
    el("div", { class: "numbers" }, ...inputs), el("p", { class: "hint", id: "trial-note" }));
}

// While a handle is dragged the numbers follow.
function fill(camera) {
  if (camera.id !== chosen) return;
  for (const name of Object.keys(FIELDS)) {
    const input = document.getElementById(`trial-${name}`);
    if (input && input !== document.activeElement) input.value = told(camera[name]);
  }
}

function result() {
  const into = document.getElementById("trial-result");
  if (!into) return;
  into.replaceChildren();
  if (!answer || !isTrying()) return;
  const mine = answer.views.features.find((feature) => feature.properties.id === chosen)?.properties;
  const note = document.getElementById("trial-note");
  if (note) note.textContent = mine ? [t("trial.sees", { m2: measure("area_m2", mine.seen_m2) }), mine.moved_m > 0 ? t("trial.snapped", { m: n1(mine.moved_m) }) : ""].join(" ") : t("trial.nothing");
  answer.problems.forEach((problem) => into.append(el("p", { class: "bad" }, problem[lang])));
  const head = el("tr", {}, ...["measure", "before", "after", "change"].map((key, i) => el("th", { class: i ? "num" : "", scope: "col" }, t(`trial.${key}`))));
  into.append(el("table", { class: "list still" }, el("thead", {}, head), el("tbody", {}, ...answer.before.map((row, i) => compared(row, answer.after[i])))),
    el("div", { class: "row-buttons" }, el("a", { class: "button", id: "trial-report", href: `/cameras/trial?${trialQuery()}`, target: "_blank", rel: "noopener" }, t("trial.report"))));
}

function compared(before, after) {
  const change = after.seen[0] - before.seen[0];
  const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
  return el("tr", {}, el("th", { scope: "row" }, t(`measure.${before.measure}`), el("span", { class: "why" }, t("measure.of", { of: measure(before.measure, before.of) }))),
    ...[before, after].map((row) => el("td", { class: "num" }, measure(row.measure, row.seen[0]), el("span", { class: "why" }, shareOf(row.seen[0], row.of)))),
    el("td", { class: `num ${change > 0 ? "better" : change < 0 ? "worse" : ""}` }, `${sign}${fine(before.measure, Math.abs(change))}`));
}

// A single camera changes little of a district: differences are told in metres.
const fine = (name, value) => ({ area: measure("area_m2", value), street: measure("street_m", value) })[name] ?? n0(value);

function place(on) {
  placing = on;
  map.getContainer().classList.toggle("placing", on);
  draw();
}

map.on("click", ({ latlng }) => {
  if (!placing) return;
  place(false);
  addCamera({ lon: latlng.lng, lat: latlng.lat });
});
document.addEventListener("keydown", (event) => event.key === "Escape" && placing && place(false));
for (const topic of ["filter", "camera-option", "live"]) onChange(topic, () => isTrying() && work());

// A link may hold a trial: it is shown as it was.
export function startTrial() {
  if (!isTrying()) return;
  chosen = state.tried[0]?.id ?? "";
  changed();
  tell("panel", "trial");
}
