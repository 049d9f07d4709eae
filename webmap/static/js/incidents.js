// Incidents in view: points under the cap, else sums by place. The legend says which, and how many of how many.
import { ask } from "wangge/api";
import { n0 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map, renderer } from "wangge/map";
import * as popup from "wangge/popup";
import { query, state } from "wangge/state";

const group = L.layerGroup().addTo(map);
const COLOURS = { report: "#0b5cad", patrol: "#d17a00" };

export async function drawIncidents() {
  if (!state.layers.has("incidents")) {
    group.clearLayers();
    clearLegend("incidents");
    return;
  }
  const view = map.getBounds();
  const bbox = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()].map((edge) => edge.toFixed(6)).join(",");
  const columns = Math.max(1, Math.round(map.getSize().x / 70));
  const answer = await ask("incidents", "/api/incidents.json", query({ bbox, columns }));
  if (!answer || !state.layers.has("incidents")) return;
  group.clearLayers();
  if (answer.mode === "points") drawPoints(answer);
  else drawCounts(answer);
}

function drawPoints(answer) {
  for (const row of answer.points) {
    const options = { pane: "points", renderer: renderer("points"), radius: 4, weight: 1, color: "#fff", fillColor: COLOURS[row[6]] ?? COLOURS.report, fillOpacity: 0.85 };
    L.circleMarker([row[1], row[0]], options).on("click", () => popup.open([row[1], row[0]], popup.incident(row))).addTo(group);
  }
  setLegend("incidents", t("incidents.points", { n: n0(answer.in_view), total: n0(answer.total) }), [
    { colour: COLOURS.report, shape: "dot", text: t("legend.incident_report") },
    { colour: COLOURS.patrol, shape: "dot", text: t("legend.incident_patrol") },
  ]);
}

function drawCounts(answer) {
  const most = Math.max(...answer.counts.map((row) => row[2]));
  for (const [lon, lat, count] of answer.counts) {
    const size = Math.round(22 + 26 * Math.sqrt(count / most));
    const icon = L.divIcon({ className: "count-bubble", html: String(count), iconSize: [size, size] });
    L.marker([lat, lon], { pane: "points", icon, keyboard: false, title: n0(count) })
      .on("click", () => map.setView([lat, lon], map.getZoom() + 2))
      .addTo(group);
  }
  setLegend("incidents", t("incidents.counts", { n: n0(answer.in_view), total: n0(answer.total), cap: n0(answer.cap) }));
}
