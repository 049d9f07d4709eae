// What every colour on the map means, with its unit; a layer that is off has no legend.
import { el } from "wangge/format";

const parts = new Map();
const box = document.getElementById("legend");
const ORDER = ["heat", "values", "hot", "incidents", "patrol", "cameras", "places"];

export function setLegend(name, title = "", steps = [], note = "") {
  parts.set(name, { title, steps, note });
  draw();
}

export function clearLegend(name) {
  parts.delete(name);
  draw();
}

function draw() {
  box.replaceChildren();
  for (const name of ORDER) {
    const part = parts.get(name);
    if (!part) continue;
    box.append(el("h3", {}, part.title));
    for (const step of part.steps) {
      const mark = el("i", { class: step.shape ?? "", colour: step.shape === "line" ? null : step.colour });
      if (step.shape === "line") mark.style.borderTopColor = step.colour;
      box.append(el("div", { class: "step" }, mark, el("span", {}, step.text)));
    }
    if (part.note) box.append(el("p", { class: "hint" }, part.note));
  }
}
