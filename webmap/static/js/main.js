// Puts the page together and passes changes on. Every job has its own module.
import { ask } from "wangge/api";
import { drawCameraLayers } from "wangge/camera_layers";
import { startCameras } from "wangge/camera_panel";
import { startTrial } from "wangge/camera_trial";
import { startCharts } from "wangge/charts";
import { startDisplay } from "wangge/display";
import { drawFilters } from "wangge/filters";
import { loadForecast, showForecast } from "wangge/forecast";
import { startForecast } from "wangge/forecast_panel";
import { drawHeat } from "wangge/heat";
import { startHotSpots } from "wangge/hot_spots";
import { drawIncidents } from "wangge/incidents";
import { drawLabels } from "wangge/labels";
import { drawBuildings, forgetKeyAreas, showLayers } from "wangge/layers";
import { readLink, writeLink } from "wangge/link";
import "wangge/lists";
import { follow } from "wangge/live";
import { fitDistrict, map } from "wangge/map";
import { drawLayerList, startTabs, startTools } from "wangge/menu";
import { drawPatrol, loadPatrol } from "wangge/patrol";
import { startSearch } from "wangge/search";
import { may, onChange, query, state, tell } from "wangge/state";
import { shiftMetres } from "wangge/tiles";
import { startTimeBar } from "wangge/timebar";
import { startViews } from "wangge/views";

async function summarise() {
  if (!may("see_analyses")) return;
  const summary = await ask("summary", "/api/summary.json", query());
  if (summary) tell("summary", summary);
}

function refresh() {
  writeLink();
  return Promise.all([summarise(), drawHeat(), drawIncidents(), drawCameraLayers()]);
}

onChange("filter", refresh);
onChange("live", (layers) => {
  if (layers.has("incidents") || layers.has("areas")) refresh();
  if (layers.has("plans")) loadPatrol();
  if (layers.has("key_areas")) forgetKeyAreas();
  if (layers.has("forecasts") && state.layers.has("forecast")) loadForecast();
  drawCameraLayers();
});
onChange("layers", () => { writeLink(); showLayers(); drawHeat(); drawIncidents(); drawCameraLayers(); drawPatrol(); drawLabels(); showForecast(); });
onChange("forecast-option", () => { writeLink(); loadForecast(); });
onChange("camera-option", () => { writeLink(); drawCameraLayers(); });
onChange("spot-option", writeLink);
onChange("heat-option", () => { writeLink(); drawHeat(); drawLayerList(); });
map.on("zoomend", drawHeat);
map.on("moveend", () => { writeLink(); drawIncidents(); drawLabels(); drawBuildings(); });

startDisplay();
const linked = readLink();
drawFilters();
drawLayerList();
startCameras();
startTabs();
startTools();
startSearch();
if (may("see_analyses")) {
  startTimeBar();
  startCharts();
} else {
  document.querySelectorAll("#timebar, #open-charts").forEach((part) => part.remove());
}
startForecast();
startViews();
// The bars around the map have taken their room: now its size is true.
map.invalidateSize();
if (!linked) fitDistrict();
drawLabels();
await Promise.all([refresh(), showLayers(), loadPatrol(), startHotSpots(), showForecast()]);
follow();
startTrial();
// Read by browser tests and by people who ask whether the page is done.
document.documentElement.dataset.ready = "yes";
document.documentElement.dataset.tileShift = shiftMetres().toFixed(1);
