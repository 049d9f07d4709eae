// The patrol plan: beats, tours and numbered stops by team, on the map and as a list.
import { ask } from "wangge/api";
import { clockOf, dayOf, el, n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map, renderer } from "wangge/map";
import { editMarker } from "wangge/plan_drag";
import { editBar, editButton, isEditing, startEdit, stopTools, touched, unservedTools } from "wangge/plan_edit";
import { lifeBar, loadLife, phoneLink, startLife, stopMark, teamMark } from "wangge/plan_life";
import { mendButton, startMend } from "wangge/plan_mend";
import { grip } from "wangge/plan_rows";
import * as popup from "wangge/popup";
import { boot, lang, may, offline, state } from "wangge/state";

// Eight hues that colour-blind readers tell apart (after Okabe and Ito), then the same again, darker.
const HUES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#6a3d9a", "#444444", "#004c77", "#8f3f00", "#00694c", "#8a4f70"];
export const hue = (team) => HUES[team % HUES.length];
const group = L.layerGroup().addTo(map);
const box = document.getElementById("patrol-list");
let plan = null;
let cells = null;
let chosen = "";

const rosterLink = () => el("a", { href: `/patrol/roster?lang=${lang}` }, t("patrol.roster"));

export async function loadPatrol() {
  if (!may("see_plans")) return;
  // What somebody is changing by hand is not taken from under the pen; the server tells when it is kept.
  if (isEditing()) return;
  plan = chosen ? await ask("plan", `/api/plans/${encodeURIComponent(chosen)}.json`) : await ask("plan", "/api/plans/latest.json");
  prepare();
  if (plan) cells ??= await ask("plan-cells", `/api/areas/${boot.leaf}.geojson`);
  await loadLife(plan);
  list();
  drawPatrol();
}

function prepare() {
  plan?.teams.forEach((team, index) => {
    team.title = lang === "en" && team.name_en ? team.name_en : team.name;
    team.colour = hue(index);
    team.stops.forEach((visit) => {
      visit.arrive_text = clockOf(visit.arrive);
      visit.leave_text = clockOf(visit.leave);
    });
  });
}

function show(id) {
  chosen = id;
  return loadPatrol();
}

function preview(tried) {
  plan = tried;
  prepare();
  list();
  drawPatrol();
}

startLife(show);
startEdit({ preview, show });
startMend(show);

export function drawPatrol() {
  group.clearLayers();
  clearLegend("patrol");
  if (!plan || !state.layers.has("patrol")) return;
  drawBeats();
  const held = heldTeams();
  const places = new Map();
  plan.teams.forEach((team) => drawTour(team, held.has(team.name), places));
  const steps = plan.teams.map((team) => ({ colour: team.colour, text: team.title, team: team.name }));
  setLegend("patrol", t("patrol.legend"), steps);
}

function drawBeats() {
  // Beats are shaded only where no other colour says something about the ground.
  if (!cells || state.layers.has("heat") || state.layers.has("values") || state.layers.has("forecast")) return;
  L.geoJSON(cells, {
    pane: "fills", renderer: renderer("fills"), interactive: false, filter: (feature) => feature.properties.code in plan.beats,
    style: (feature) => {
      const team = plan.beats[feature.properties.code][0];
      return { stroke: false, fillColor: hue(team), fillOpacity: 0.22 };
    },
  }).addTo(group);
}

// Whose stops can be dragged: the teams whose cards are open, or all where none is.
function heldTeams() {
  if (!isEditing()) return new Set();
  const names = [...box.querySelectorAll("details.team")].filter((card) => card.open).map((card) => card.dataset.team);
  return new Set(names.length ? names : plan.teams.map((team) => team.name));
}

function drawTour(team, held, places) {
  if (team.line?.length) {
    const line = team.line.map(([lon, lat]) => [lat, lon]);
    L.polyline(line, { pane: "patrol", renderer: renderer("patrol"), color: "#fff", weight: 5, opacity: 0.8, interactive: false }).addTo(group);
    L.polyline(line, { pane: "patrol", renderer: renderer("patrol"), color: team.colour, weight: 2.6, interactive: false }).addTo(group);
  }
  team.stops.forEach((visit, index) => {
    if (held) {
      const place = `${visit.lat},${visit.lon}`;
      const among = places.get(place) ?? 0;
      places.set(place, among + 1);
      editMarker(plan, team, visit, index, among).addTo(group);
      return;
    }
    const mark = document.createElement("span");
    mark.textContent = index + 1;
    const icon = L.divIcon({ className: "stop-number", html: mark, iconSize: [18, 18] });
    const marker = L.marker([visit.lat, visit.lon], { pane: "points", icon, title: `${team.title} ${index + 1}`, keyboard: false });
    marker.on("add", () => { marker.getElement().style.background = team.colour; });
    marker.on("click", () => popup.open([visit.lat, visit.lon], popup.stop(team, visit, index + 1))).addTo(group);
  });
}

function list() {
  const open = [...box.querySelectorAll("details.team")].map((card) => card.open);
  box.replaceChildren();
  if (!plan) {
    box.append(el("p", {}, t("patrol.none")), ...lifeBar(null, []), ...(offline ? [] : [rosterLink()]));
    return;
  }
  box.append(...(isEditing() ? [editBar()] : lifeBar(plan, [editButton(plan), mendButton(plan)].filter(Boolean))));
  const stops = plan.teams.reduce((sum, team) => sum + team.stops.length, 0);
  const shift = boot.shifts[plan.shift]?.[lang] ?? plan.shift;
  box.append(el("p", { class: "totals" }, t("patrol.head", { date: plan.date, shift, teams: plan.teams.length, stops: n0(stops) })));
  if (plan.demand) box.append(el("p", { class: "hint" }, t("patrol.demand", { since: dayOf(plan.demand.since), until: dayOf(new Date(plan.demand.until) - 1) })));
  if (plan.mix) box.append(el("p", { class: "hint", id: "plan-mix" }, `${t(plan.base ? "patrol.drawn_before" : "patrol.drawn")} ${plan.mix[lang]}`));
  (plan.notes ?? []).forEach((note) => box.append(el("p", { class: "hint" }, note[lang])));
  if (!offline) box.append(el("p", { class: "hint" }, rosterLink(), " · ", el("a", { href: `/plans/${encodeURIComponent(plan.id)}.xlsx?lang=${lang}` }, t("patrol.xlsx"))));
  plan.teams.forEach((team, index) => {
    const card = teamCard(team, index);
    card.open = Boolean(open[index]) || (open.includes(true) && team.stops.some((visit) => visit.id === touched()));
    box.append(card);
  });
  const left = plan.unserved ?? [];
  if (left.length) {
    const items = left.map((item) => el("li", {}, lang === "en" && item.name_en ? item.name_en : item.name_zh, el("span", { class: "why" }, item[`reason_${lang}`]), unservedTools(plan, item)));
    box.append(el("details", { class: "group" }, el("summary", {}, t("patrol.unserved", { n: n0(left.length), of: n0(left.length + stops) })), el("div", {}, el("ul", {}, ...items))));
  }
}

function teamCard(team, index) {
  const visits = team.stops.map((visit, order) => el("li", { "data-visit": visit.id, "data-order": String(order) }, grip(team, visit, order),
    el("button", { type: "button", onclick: () => goTo(team, visit, order) },
      el("time", {}, visit.arrive_text), ` ${lang === "en" && visit.name_en ? visit.name_en : visit.name_zh}`), stopMark(visit),
    el("span", { class: "why" }, `${t("patrol.stay", { m: n0(visit.dwell_s / 60) })} · ${visit[`why_${lang}`]}`), stopTools(plan, team, visit, order)));
  const span = team.stops.length
    ? t("patrol.team", { stops: n0(team.stops.length), km: n1(team.travel_m / 1000), from: team.stops[0].arrive_text, to: team.stops.at(-1).leave_text })
    : t("patrol.team", { stops: 0, km: 0, from: "", to: "" });
  const base = `/plans/${encodeURIComponent(plan.id)}/teams/${index}`;
  const files = offline ? null : el("div", { class: "files" },
    el("a", { href: `${base}/sheet?lang=${lang}`, target: "_blank", rel: "noopener" }, t("patrol.sheet")),
    el("a", { href: `${base}.gpx?lang=${lang}` }, t("patrol.gpx")), el("a", { href: `${base}.kml?lang=${lang}` }, t("patrol.kml")), el("a", { href: `${base}.ics?lang=${lang}` }, t("patrol.ics")), phoneLink(plan, index));
  const card = el("details", { class: "team", "data-team": team.name }, el("summary", { onclick: () => setTimeout(() => opened(card, team)) }, el("b", {}, team.title), span, team[`own_${lang}`] ? el("span", { class: "team-said" }, team[`own_${lang}`]) : null, teamMark(index)), el("ol", {}, ...visits), files);
  card.style.borderLeftColor = team.colour;
  return card;
}

// Of the team whose card was opened while editing the stops are shown large enough to be told apart.
function opened(card, team) {
  if (!isEditing()) return;
  if (card.open && team.stops.length) map.fitBounds(L.latLngBounds(team.stops.map((visit) => [visit.lat, visit.lon])).pad(0.1), { maxZoom: 17 });
  drawPatrol();
}

function goTo(team, visit, order) {
  map.setView([visit.lat, visit.lon], Math.max(map.getZoom(), 15));
  popup.open([visit.lat, visit.lon], popup.stop(team, visit, order + 1));
}
