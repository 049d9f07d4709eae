// The Leaflet map that folium made: panes, scale, zoom buttons, coordinates. It holds no data layers itself.
import { n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { boot } from "wangge/state";

export const map = window.wanggeMap;
export const bounds = L.latLngBounds(boot.bounds);

const PANES = { tiles: 210, fills: 350, heat: 380, lines: 400, hot: 420, patrol: 440, points: 460, labels: 480, handles: 490 };
for (const [name, order] of Object.entries(PANES)) {
  const pane = map.createPane(name);
  pane.style.zIndex = order;
  if (name === "labels" || name === "heat") pane.style.pointerEvents = "none";
}
const renderers = {};
export const renderer = (pane) => (renderers[pane] ??= L.canvas({ pane, padding: 0.3, tolerance: 4 }));

map.attributionControl.setPrefix(false);
map.attributionControl.addAttribution(t("map.attribution"));
L.control.zoom({ position: "topleft", zoomInTitle: t("map.zoom_in"), zoomOutTitle: t("map.zoom_out") }).addTo(map);
L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 110 }).addTo(map);

const readout = document.getElementById("readout");
map.on("mousemove", (event) => {
  readout.textContent = t("map.readout", { lon: event.latlng.lng.toFixed(5), lat: event.latlng.lat.toFixed(5) });
});

const far = () => map.getContainer().classList.toggle("far", map.getZoom() < 13);
map.on("zoomend", far);
far();

export function fit(box, room = 0.15) {
  const [west, south, east, north] = box;
  map.fitBounds(L.latLngBounds([south, west], [north, east]).pad(room), { maxZoom: 16 });
}

export const fitDistrict = () => map.fitBounds(bounds.pad(0.02));
export const kilometres = (metres) => n1(metres / 1000);

// The map is drawn anew at the size of the sheet, with the same ground in view, before the print dialog opens.
export async function printMap(paper = "a4") {
  const box = map.getBounds();
  const refit = () => {
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(box, { animate: false });
  };
  document.body.classList.add("printing", paper);
  // Between whole zooms the sheet is filled better; on the screen whole zooms stay.
  map.options.zoomSnap = 0.1;
  refit();
  await new Promise((done) => setTimeout(done, 600));
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing", paper);
    map.options.zoomSnap = 1;
    refit();
  }, { once: true });
  window.print();
}
