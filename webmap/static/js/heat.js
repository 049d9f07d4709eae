// The heat map: tiles of one scale a zoom, so that neighbours agree; its legend says unit, bandwidth, count and period.
import { ask } from "wangge/api";
import { n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map } from "wangge/map";
import { query, state, tell } from "wangge/state";

const DEEPEST = 20;
let shown = null;
let address = "";

function remove() {
  shown?.remove();
  shown = null;
  address = "";
}

// The older tiles stay until the newer ones are there: no white flash when a filter changes or a case comes in.
function show(heat) {
  const wanted = heat.tiles ?? heat.image;
  if (wanted === address) return;
  const older = shown;
  address = wanted;
  if (heat.image) {
    shown = L.imageOverlay(heat.image, heat.bounds, { pane: "heat", interactive: false }).addTo(map);
    older?.remove();
    return;
  }
  shown = L.tileLayer(heat.tiles, { pane: "heat", maxNativeZoom: DEEPEST, maxZoom: map.getMaxZoom(), updateWhenZooming: false, keepBuffer: 1 }).addTo(map);
  if (!older) return;
  shown.once("load", () => older.remove());
  setTimeout(() => older.remove(), 4000);
}

export async function drawHeat() {
  if (!state.layers.has("heat")) {
    remove();
    clearLegend("heat");
    return;
  }
  const zoom = Math.min(Math.round(map.getZoom()), DEEPEST);
  const heat = await ask("heat", "/api/heat.json", query({ bandwidth: state.bandwidth, zoom }));
  if (!heat || !state.layers.has("heat")) return;
  show(heat);
  const steps = heat.legend.map((step) => ({
    colour: step.colour,
    text: step.to === null ? t("legend.from", { from: n1(step.from) }) : t("legend.between", { from: n1(step.from), to: n1(step.to) }),
  }));
  const note = t("heat.note", { m: n0(heat.bandwidth_m), n: n0(heat.incidents), days: n0(heat.period.days) });
  setLegend("heat", t("heat.unit"), steps.reverse(), note);
  tell("heat", heat);
}
