// Draws a polygon on the map, corner by corner. It keeps nothing: whoever asked gets the corners, or null where it was given up.
import { map } from "wangge/map";

const LEAST = 3;
let running = null;

// Click sets a corner; a double click, Enter or `finish` ends, Escape or a second start gives up.
export function drawZone(done, colour) {
  running?.(false);
  const corners = [];
  const line = L.polygon([], { pane: "patrol", color: colour, weight: 2, dashArray: "4 4", interactive: false }).addTo(map);
  const add = ({ latlng }) => { corners.push(latlng); line.setLatLngs(corners); };
  const end = (kept) => {
    map.off("click", add).off("dblclick", last);
    document.removeEventListener("keydown", key);
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("placing");
    line.remove();
    running = null;
    done(kept && corners.length >= LEAST ? corners : null);
  };
  // The two clicks of a double click have set the same corner twice.
  const last = () => { corners.pop(); end(true); };
  const key = (event) => { if (event.key === "Enter") end(true); if (event.key === "Escape") end(false); };
  map.on("click", add).on("dblclick", last);
  document.addEventListener("keydown", key);
  map.doubleClickZoom.disable();
  map.getContainer().classList.add("placing");
  running = end;
  return () => running === end && end(true);
}

export const polygonOf = (corners) => ({ type: "Polygon", coordinates: [[...corners, corners[0]].map(({ lng, lat }) => [Number(lng.toFixed(6)), Number(lat.toFixed(6))])] });
