// The heat map: one image for the whole district with its own legend, never stretched to fit a view.
import { ask } from "wangge/api";
import { n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { clearLegend, setLegend } from "wangge/legend";
import { map } from "wangge/map";
import { query, state, tell } from "wangge/state";

let image = null;

export async function drawHeat() {
  if (!state.layers.has("heat")) {
    image?.remove();
    image = null;
    clearLegend("heat");
    return;
  }
  const heat = await ask("heat", "/api/heat.json", query({ bandwidth: state.bandwidth }));
  if (!heat || !state.layers.has("heat")) return;
  image?.remove();
  image = L.imageOverlay(heat.image, heat.bounds, { pane: "heat", interactive: false }).addTo(map);
  const steps = heat.legend.map((step) => ({
    colour: step.colour,
    text: step.to === null ? t("legend.from", { from: n1(step.from) }) : t("legend.between", { from: n1(step.from), to: n1(step.to) }),
  }));
  const note = t("heat.note", { m: n0(heat.bandwidth_m), n: n0(heat.incidents), days: n0(heat.period.days) });
  setLegend("heat", t("heat.unit"), steps.reverse(), note);
  tell("heat", heat);
}
