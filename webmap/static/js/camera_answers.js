// Answers about cameras, asked once for a question and shared by map and panel. It draws nothing.
import { ask } from "wangge/api";
import { onChange, query, state } from "wangge/state";

const kept = new Map();
let turn = 0;

// Another register, other streets or other reports: every answer is asked for anew.
onChange("live", (layers) => {
  if (["cameras", "camera_masks", "incidents", "areas", "buildings", "streets", "places"].some((name) => layers.has(name))) turn += 1;
});

async function once(name, path, search = "") {
  const key = `${turn} ${path}?${search}`;
  if (kept.get(name)?.key === key) return kept.get(name).answer;
  const entry = { key, answer: ask(name, path, search) };
  kept.set(name, entry);
  // What failed or was overtaken is asked for again.
  const answer = await entry.answer;
  if (answer === null && kept.get(name) === entry) kept.delete(name);
  return answer;
}

const plain = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();

export const round = () => turn;
export const cameraViews = () => once("camera-views", "/api/cameras/views.geojson", plain({ band: state.band, light: state.light }));
export const cameraDepth = () => once("camera-depth", "/api/cameras/depth.geojson", plain({ basis: state.basis, band: state.band, light: state.light }));
export const cameraCoverage = () => once("camera-coverage", "/api/cameras/coverage.json", query({ band: state.band, light: state.light }));
export const coverageOf = (level) => once("camera-areas", "/api/cameras/areas.json", query({ level, basis: state.basis, band: state.band, light: state.light }));
export const blindSpots = () => once("camera-blind", "/api/cameras/blind-spots.geojson", query());
export const cameraFailures = () => once("camera-failures", "/api/cameras/resilience.json", query());
