// What every colour on the map means, with its unit; a layer that is off has no legend.
import { el } from "wangge/format";

const parts = new Map();
const box = document.getElementById("legend");
const body = document.getElementById("legend-body");
// On a phone the map comes first: the legend opens when asked for.
if (window.matchMedia("(max-width: 760px)").matches) box.open = false;
const ORDER = ["heat", "values", "hot", "spots", "trends", "forecast", "incidents", "patrol", "cameras", "views", "depth", "blind", "trial", "sites", "places", "key_areas"];

export function setLegend(name, title = "", steps = [], note = "") {
  parts.set(name, { title, steps, note });
  draw();
}

export function clearLegend(name) {
  parts.delete(name);
  draw();
}

function draw() {
  body.replaceChildren();
  box.hidden = !parts.size;
  for (const name of ORDER) {
    const part = parts.get(name);
    if (!part) continue;
    body.append(el("h3", {}, part.title));
    for (const step of part.steps) {
      const mark = el("i", { class: step.shape ?? "", colour: step.shape === "line" ? null : step.colour });
      if (step.shape === "line") mark.style.borderTopColor = step.colour;
      body.append(el("div", { class: "step", "data-team": step.team }, mark, el("span", {}, step.text)));
    }
    if (part.note) body.append(el("p", { class: "hint" }, part.note));
  }
}
