// What the reader has chosen: filter, layers, options. One object, one event when it changes. It asks for nothing.
export const boot = JSON.parse(document.getElementById("boot").textContent);
export const offline = JSON.parse(document.getElementById("offline").textContent);
export const lang = boot.lang;
export const areaByCode = new Map(boot.areas.map((area) => [area.code, area]));
export const categoryByCode = new Map(boot.categories.map((category) => [category.code, category]));

export const state = {
  from: "", to: "", area: "", found_by: "", categories: [], sources: [], hours: [], weekdays: [],
  bandwidth: null, values: "count", method: "optimized", versus: "previous", defaults: "drop", charts: false, compare: "", band: "", light: "day", basis: "sure", tried: [], off: [],
  forecast: { period: "week", category: "", area: "" },
  layers: new Set(["district", "street", "community", "heat", "hot", "streets", "rail", "labels", "patrol"]),
};

const bus = new EventTarget();
export const onChange = (topic, run) => bus.addEventListener(topic, (event) => run(event.detail));
export const tell = (topic, detail) => bus.dispatchEvent(new CustomEvent(topic, { detail }));

export function change(values, topic = "filter") {
  Object.assign(state, values);
  tell(topic, values);
}

// The filter as the server reads it; without some of its parts where a chart offers them for choice.
export function query(extra = {}, without = []) {
  const asked = new URLSearchParams();
  for (const [name, value] of [["from", state.from], ["to", state.to], ["area", state.area], ["found_by", state.found_by]]) {
    if (value && !without.includes(name)) asked.append(name, value);
  }
  for (const [name, values] of [["hour", state.hours], ["weekday", state.weekdays]]) {
    if (!without.includes(name)) values.forEach((value) => asked.append(name, value));
  }
  state.categories.forEach((code) => asked.append("category", code));
  state.sources.forEach((code) => asked.append("source", code));
  for (const [name, value] of Object.entries(extra)) {
    if (value !== null && value !== "") asked.append(name, value);
  }
  asked.append("lang", lang);
  return asked.toString();
}

export const areaName = (code) => areaByCode.get(code)?.[lang] ?? code;

// What the reader's roles allow; a page without a server was made for somebody who may see all that it holds.
export const may = (action) => boot.may?.includes(action) ?? true;
const NEEDS = { heat: "see_analyses", values: "see_analyses", hot: "see_analyses", spots: "see_analyses", trends: "see_analyses", forecast: "see_analyses", patrol: "see_plans", incidents: "see_points", cameras: "see_cameras", views: "see_cameras", depth: "see_cameras", blind: "see_cameras", key_areas: "see_key_areas" };
export const mayShow = (layer) => !NEEDS[layer] || may(NEEDS[layer]);
for (const name of [...state.layers]) if (!mayShow(name)) state.layers.delete(name);
