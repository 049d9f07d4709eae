// The view as a link: filter, layers, options and position in the address, so that a copied link shows the same.
import { say } from "wangge/api";
import { METHODS, VERSUS } from "wangge/hot_spot_data";
import { t } from "wangge/i18n";
import { map } from "wangge/map";
import { boot, lang, may, mayShow, offline, state } from "wangge/state";

// A camera on trial as text, for links and for the server.
export const trialText = (camera) => [camera.id, camera.lon.toFixed(6), camera.lat.toFixed(6),
  ...["azimuth", "angle", "range_m", "height_m"].map((name) => (camera[name] === null ? "" : Number(camera[name].toFixed(1))))].join(",");

// Hours or weekdays of a link; whatever else stands there is dropped.
const numbers = (text, most) => [...new Set((text ?? "").split(".").filter((part) => /^\d{1,2}$/.test(part)).map(Number))]
  .filter((value) => value <= most).sort((a, b) => a - b);

// Cameras on trial: id, place, direction, angle, range, height; a number that is missing is not known.
function tried(text) {
  const [id, lon, lat, ...rest] = text.split(",");
  const number = (part) => (part === undefined || part === "" ? null : Number(part));
  const values = [lon, lat, ...rest].map(number);
  if (!id || values[0] === null || values[1] === null || values.some(Number.isNaN)) return [];
  const [azimuth = null, angle = null, reach = null, height = null] = values.slice(2);
  return [{ id, name: "", lon: values[0], lat: values[1], azimuth, angle, range_m: reach ?? 40, height_m: height }];
}

export function readLink() {
  const told = new URLSearchParams(location.hash.slice(1));
  for (const name of ["from", "to", "area", "found_by"]) state[name] = told.get(name) ?? "";
  state.categories = told.getAll("c");
  state.sources = told.getAll("s");
  state.hours = numbers(told.get("h"), 23);
  state.weekdays = numbers(told.get("w"), 6);
  state.charts = told.has("charts");
  state.compare = /^(previous|year|\d{4}-\d\d-\d\d~\d{4}-\d\d-\d\d)$/.test(told.get("vs") ?? "") ? told.get("vs") : "";
  state.band = told.get("px") ?? "";
  state.light = told.get("light") === "night" ? "night" : "day";
  state.basis = told.get("seen") === "may" ? "may" : "sure";
  state.tried = may("see_cameras") ? told.getAll("try").flatMap(tried) : [];
  state.off = may("see_cameras") ? told.getAll("off") : [];
  if (METHODS.includes(told.get("hm"))) state.method = told.get("hm");
  if (VERSUS.includes(told.get("hv"))) state.versus = told.get("hv");
  if (told.get("hd") === "keep") state.defaults = "keep";
  state.forecast.period = ["shift", "day", "week"].includes(told.get("fp")) ? told.get("fp") : "week";
  state.forecast.category = told.get("fc") ?? "";
  if (told.get("by")) state.values = told.get("by");
  if (told.get("bw")) state.bandwidth = Number(told.get("bw")) || null;
  if (told.has("l")) state.layers = new Set(told.get("l").split(".").filter((name) => name && mayShow(name)));
  else if (boot.tiles) state.layers.add("tiles");
  const [zoom, lat, lon] = (told.get("at") ?? "").split("/").map(Number);
  if (told.has("at") && [zoom, lat, lon].every(Number.isFinite)) map.setView([lat, lon], zoom, { animate: false });
  return told.has("at");
}

export function writeLink() {
  if (offline) return;
  const told = new URLSearchParams();
  for (const name of ["from", "to", "area", "found_by"]) if (state[name]) told.set(name, state[name]);
  state.categories.forEach((code) => told.append("c", code));
  state.sources.forEach((code) => told.append("s", code));
  if (state.hours.length) told.set("h", state.hours.join("."));
  if (state.weekdays.length) told.set("w", state.weekdays.join("."));
  if (state.charts) told.set("charts", "1");
  if (state.compare) told.set("vs", state.compare);
  if (state.forecast.period !== "week") told.set("fp", state.forecast.period);
  if (state.forecast.category) told.set("fc", state.forecast.category);
  if (state.values !== "count") told.set("by", state.values);
  if (state.bandwidth) told.set("bw", state.bandwidth);
  if (state.method !== "optimized") told.set("hm", state.method);
  if (state.versus !== "previous") told.set("hv", state.versus);
  if (state.defaults === "keep") told.set("hd", "keep");
  if (state.band) told.set("px", state.band);
  if (state.light !== "day") told.set("light", state.light);
  if (state.basis !== "sure") told.set("seen", state.basis);
  state.tried.forEach((camera) => told.append("try", trialText(camera)));
  state.off.forEach((id) => told.append("off", id));
  told.set("l", [...state.layers].join("."));
  const middle = map.getCenter();
  told.set("at", `${map.getZoom()}/${middle.lat.toFixed(5)}/${middle.lng.toFixed(5)}`);
  history.replaceState(null, "", `${location.pathname}${location.search}#${told}`);
  const other = document.getElementById("switch-lang");
  if (other) other.href = `/?lang=${lang === "zh" ? "en" : "zh"}#${told}`;
}

export async function copyLink() {
  writeLink();
  try {
    await navigator.clipboard.writeText(location.href);
    say(t("link.copied"));
  } catch {
    say(t("link.shown"));
  }
}
