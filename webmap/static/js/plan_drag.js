// Stops of the plan that is being edited, as handles on the map: dragged by mouse or finger, stepped by keys. Where a stop is let
// go says what is meant: on another team's tour, card or legend it goes to that team at its best place; beside a leg of its own
// tour it takes that place in the order. It asks for the edit and keeps nothing.
import { say } from "wangge/api";
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { map } from "wangge/map";
import { key, moveBy, moveTo, nextTeam, stopTools, takeOut, toggleLock } from "wangge/plan_edit";
import * as popup from "wangge/popup";

const REACH_PX = 44;
// A finger needs 44 px; with a mouse so large a target would hide its neighbours.
const SIZE = window.matchMedia("(pointer: coarse)").matches ? 44 : 28;
const guide = L.layerGroup().addTo(map);
const spot = ([lat, lon]) => map.latLngToContainerPoint([lat, lon]);
const turned = (line) => (line ?? []).map(([lon, lat]) => [lat, lon]);

function nearest(point, line) {
  const knots = line.map(spot);
  let best = { away: Infinity, leg: -1 };
  for (let leg = 0; leg + 1 < knots.length; leg += 1) {
    const away = L.LineUtil.pointToSegmentDistance(point, knots[leg], knots[leg + 1]);
    if (away < best.away) best = { away, leg };
  }
  return best;
}

// The own tour without the stop, door to door, straight from stop to stop: what lies between two of them is one leg.
function ownLegs(team, visit) {
  const rest = team.stops.filter((other) => other !== visit).map((other) => [other.lat, other.lon]);
  const line = turned(team.line);
  const home = line.length ? line[0] : [visit.lat, visit.lon];
  return [home, ...rest, line.length ? line.at(-1) : home];
}

// Where the mouse or the finger is; a marker beside its place would be somewhere else.
const pointer = (event) => event?.touches?.[0] ?? event?.changedTouches?.[0] ?? event;

function teamUnder({ clientX, clientY }) {
  for (const node of document.elementsFromPoint(clientX, clientY)) {
    const found = node.closest("[data-team]");
    if (found) return found.dataset.team;
  }
  return null;
}

// What letting go here would mean: a team, and in the own tour a number; null where nothing is near.
function meaning(plan, team, visit, at) {
  const free = visit.kind !== "break";
  const under = teamUnder(at);
  const named = plan.teams.find((each) => each.name === under);
  if (named) return free && named !== team ? { team: named } : null;
  const point = map.mouseEventToContainerPoint(at);
  const legs = ownLegs(team, visit);
  const own = nearest(point, legs);
  let best = { away: own.away, team, number: own.leg + 1, legs };
  for (const other of free ? plan.teams : []) {
    if (other === team) continue;
    const stops = other.stops.map((each) => spot([each.lat, each.lon]).distanceTo(point));
    const away = Math.min(nearest(point, turned(other.line)).away, ...stops);
    if (away < best.away) best = { away, team: other };
  }
  return best.away <= REACH_PX ? best : null;
}

function show(marker, meant, at, team) {
  guide.clearLayers();
  const words = !meant ? t("plan.drag.nowhere") : meant.number ? t("plan.drag.number", { n: meant.number }) : t("plan.drag.team", { team: meant.team.title });
  marker.setTooltipContent(words);
  document.querySelectorAll("[data-team].over").forEach((node) => node.classList.remove("over"));
  if (!meant) return;
  if (meant.number) {
    const ends = meant.legs.slice(meant.number - 1, meant.number + 1);
    L.polyline([ends[0], map.mouseEventToLatLng(at), ends[1]], { pane: "patrol", color: team.colour, weight: 4, dashArray: "6 6", interactive: false }).addTo(guide);
    return;
  }
  document.querySelectorAll("[data-team]").forEach((node) => node.classList.toggle("over", node.dataset.team === meant.team.name));
  L.polyline(turned(meant.team.line), { pane: "patrol", color: meant.team.colour, weight: 8, opacity: 0.7, interactive: false }).addTo(guide);
}

const KEYS = {
  ArrowUp: (id, back) => moveBy(id, -1, back), ArrowLeft: (id, back) => moveBy(id, -1, back),
  ArrowDown: (id, back) => moveBy(id, 1, back), ArrowRight: (id, back) => moveBy(id, 1, back),
  PageDown: (id, back) => nextTeam(id, 1, back), PageUp: (id, back) => nextTeam(id, -1, back),
  l: toggleLock, L: toggleLock, Delete: takeOut,
};

// The marker of a stop while its plan is being edited; `among` counts the visits of the same place that were drawn before: they
// stand side by side.
export function editMarker(plan, team, visit, order, among) {
  const name = popup.named(visit);
  const words = `${team.title} ${order + 1}: ${name}${visit.locked ? ` (${t("plan.locked_short")})` : ""}`;
  const mark = el("span", {}, String(order + 1));
  mark.style.background = team.colour;
  const icon = L.divIcon({ className: `stop-handle${visit.locked ? " locked" : ""}`, html: mark, iconSize: [SIZE, SIZE], iconAnchor: [SIZE / 2 - among * (SIZE - 2), SIZE / 2] });
  const home = [visit.lat, visit.lon];
  // The map does not pan after a stop: it may be on its way to a card or to the legend.
  const marker = L.marker(home, { pane: "handles", icon, title: words, alt: words, draggable: !visit.locked, autoPan: false, riseOnHover: true });
  const back = `at-${key(visit)}`;
  let meant = null;
  marker.on("add", () => {
    const node = marker.getElement();
    node.id = back;
    node.setAttribute("aria-label", words);
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        event.stopPropagation();
        open();
        return;
      }
      if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      KEYS[event.key](visit.id, back);
    });
  });
  const open = () => {
    const card = popup.stop(team, visit, order + 1);
    const tools = stopTools(plan, team, visit, order, "pop-");
    tools.addEventListener("click", (event) => event.target.closest("button") && map.closePopup());
    tools.addEventListener("change", () => map.closePopup());
    card.append(tools);
    popup.open(home, card);
    card.querySelector("button:not(:disabled)")?.focus();
  };
  marker.on("click", open).on("contextmenu", open);
  marker.on("dragstart", () => { map.closePopup(); marker.bindTooltip("", { permanent: true, direction: "top", offset: [0, -SIZE / 2] }).openTooltip(); });
  marker.on("drag", (event) => {
    const at = pointer(event.originalEvent);
    meant = meaning(plan, team, visit, at);
    show(marker, meant, at, team);
  });
  marker.on("dragend", () => {
    const wanted = meant;
    meant = null;
    guide.clearLayers();
    marker.unbindTooltip();
    document.querySelectorAll("[data-team].over").forEach((node) => node.classList.remove("over"));
    // It stands where it is planned, whatever becomes of the wish.
    marker.setLatLng(home);
    if (!wanted) say(t("plan.drag.nowhere"));
    else moveTo(visit.id, wanted.team.name, wanted.number ?? null, back);
  });
  return marker;
}
