// Hot spots and trends as the server tells them, each question asked once; what goes wrong is told where it is shown.
import { t } from "wangge/i18n";
import { lang, may, onChange, query, state, tell } from "wangge/state";

export const METHODS = ["optimized", "gi_star", "local_moran", "emerging", "scan"];
export const VERSUS = ["previous", "year", "none"];
// Colours and signs of what became of a hot spot; the sign tells the same without colours.
export const CHANGES = { new: ["+", "#b34700"], persistent: ["=", "#9e2a6b"], dissolved: ["−", "#5c6670"], "": ["·", "#b40426"] };
// The scan deals its cases anew some thousand times: its steps are told as they are reached.
const TOLD = new Set(["scan"]);
const kept = new Map();

export const spotQuery = (extra = {}) => query({
  method: state.method, versus: state.versus === "previous" ? "" : state.versus, defaults: state.defaults === "keep" ? "keep" : "", ...extra,
});

// One answer a name: a newer question drops the older one.
async function once(name, question, fetched) {
  const held = kept.get(name);
  if (held?.question === question) return held.answer;
  held?.stop.abort();
  const stop = new AbortController();
  const mine = { question, stop, answer: fetched(stop.signal) };
  kept.set(name, mine);
  const answer = await mine.answer;
  // A fault is asked again the next time.
  if (answer?.problem && kept.get(name) === mine) kept.delete(name);
  return kept.get(name) === mine || answer?.problem ? answer : null;
}

async function got(path, signal, read) {
  try {
    const answer = await fetch(path, { signal });
    if (answer.status === 401) window.location.reload();
    if (answer.ok) return await read(answer);
    const problem = await answer.json().catch(() => ({}));
    return { problem: problem[lang] ?? problem.title ?? String(answer.status) };
  } catch (error) {
    return error.name === "AbortError" ? null : { problem: t("state.offline") };
  }
}

const json = async (answer) => ({ told: await answer.json() });

async function lines(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { problem: t("state.offline") };
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const line of parts.map((text) => JSON.parse(text))) {
      if (line.problem) return { problem: line.problem[lang] };
      if (line.layer) return { told: line.layer };
      tell("spot-stage", line.stage);
    }
  }
}

export function hotSpots() {
  const asked = spotQuery();
  const slow = TOLD.has(state.method);
  return once("spots", asked, (signal) => got(`/api/hotspots/areas.${slow ? "ndjson" : "geojson"}?${asked}`, signal, slow ? lines : json));
}

export function hotTrends() {
  const asked = query({ defaults: state.defaults === "keep" ? "keep" : "" });
  return once("trends", asked, (signal) => got(`/api/hotspots/trends.geojson?${asked}`, signal, json));
}

// Asked apart: what cameras see takes a while to work out the first time, and not everybody may know it.
export function spotCameras() {
  if (!may("see_cameras")) return null;
  const asked = spotQuery();
  return once("cameras", asked, (signal) => got(`/api/hotspots/cameras.json?${asked}`, signal, json));
}

onChange("live", (layers) => {
  if (layers.has("incidents") || layers.has("areas")) ["spots", "trends", "cameras"].forEach((name) => kept.delete(name));
  if (layers.has("cameras")) kept.delete("cameras");
});
