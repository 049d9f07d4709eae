// Names of streets, communities and grids where the zoom leaves room, highest level first, none over another.
import { map } from "wangge/map";
import { boot, lang, state } from "wangge/state";

const group = L.layerGroup().addTo(map);
const RANK = { street: 0, community: 1, grid: 2 };

function wanted(zoom) {
  return zoom < 13 ? ["street"] : zoom < 15 ? ["street", "community"] : ["community", "grid"];
}

function shortName(area) {
  if (area.level !== "grid") return area[lang];
  return lang === "zh" ? area.zh.replace(/^.*?(?=第\d+网格)/, "") : area.en.replace(/^.*?(?=Grid \d+)/, "");
}

export function drawLabels() {
  group.clearLayers();
  if (!state.layers.has("labels")) return;
  const levels = wanted(map.getZoom());
  const view = map.getBounds();
  const taken = [];
  const areas = boot.areas.filter((area) => levels.includes(area.level) && area.kind !== "special");
  areas.sort((a, b) => RANK[a.level] - RANK[b.level]);
  for (const area of areas) {
    const [west, south, east, north] = area.box;
    const middle = L.latLng((south + north) / 2, (west + east) / 2);
    if (!view.contains(middle)) continue;
    const text = shortName(area);
    const at = map.latLngToContainerPoint(middle);
    const half = text.length * (lang === "zh" ? 7 : 3.6) + 4;
    const box = [at.x - half, at.y - 9, at.x + half, at.y + 9];
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
    taken.push(box);
    const label = document.createElement("span");
    label.textContent = text;
    const icon = L.divIcon({ className: `place-label ${area.level}`, html: label, iconSize: [0, 0] });
    L.marker(middle, { pane: "labels", icon, interactive: false, keyboard: false }).addTo(group);
  }
}
