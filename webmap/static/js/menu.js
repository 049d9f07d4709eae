// The panel of layers, the tabs, and the export dialog.
import { trialQuery } from "wangge/camera_trial";
import { forecastAsked, forecastQuery } from "wangge/forecast";
import { el, n0 } from "wangge/format";
import { spotQuery } from "wangge/hot_spot_data";
import { t } from "wangge/i18n";
import { GROUPS } from "wangge/layers";
import { copyLink } from "wangge/link";
import { printMap } from "wangge/map";
import { boot, change, lang, may, mayShow, offline, onChange, query, state } from "wangge/state";

const FORMATS = ["gpkg", "geojson", "shp", "kml", "csv", "xlsx", "parquet"];
const DATUMS = ["wgs84", "cgcs2000", "EPSG:4545", "gcj02", "bd09"];
const VALUES = ["count", "per_km2", "per_1000_households"];
const OFFLINE_LESS = new Set(["spots", "trends", "cameras", "views", "depth", "blind", "buildings", "tiles", "key_areas"]);
// Cameras on trial leave from the report of the trial.
const TRIAL_ONLY = "camera_trial";
let ruled = null;

export function startTabs() {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const show = (tab) => {
    tabs.forEach((each) => {
      const on = each === tab;
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !on;
    });
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      next.focus();
      show(next);
    });
  });
  show(tabs[0]);
}

export function drawLayerList() {
  const box = document.getElementById("layer-list");
  box.replaceChildren();
  for (const [group, names] of GROUPS) {
    const offered = names.filter((name) => mayShow(name) && !(offline && OFFLINE_LESS.has(name)));
    if (!offered.length) continue;
    box.append(el("div", { class: "head" }, t(`layer.group.${group}`)), ...offered.map(row));
  }
}

function row(name) {
  const input = el("input", { type: "checkbox", id: `layer-${name}`, checked: state.layers.has(name) });
  input.addEventListener("change", () => {
    if (input.checked) state.layers.add(name);
    else state.layers.delete(name);
    change({}, "layers");
    drawLayerList();
    document.getElementById(`layer-${name}`).focus();
  });
  const hint = name === "buildings" ? el("small", {}, t("layer.zoom_in")) : null;
  const line = el("label", { class: "check" }, input, el("span", {}, t(`layer.${name}`)), hint);
  return el("div", { class: "layer" }, line, state.layers.has(name) ? options(name) : null);
}

function options(name) {
  if (name === "values") {
    const select = el("select", { "aria-label": t("values.by"), id: "values-by" },
      ...VALUES.map((key) => el("option", { value: key, selected: key === state.values }, t(`values.${key}`))));
    select.addEventListener("change", () => change({ values: select.value }, "layers"));
    return el("div", { class: "options" }, select);
  }
  if (name !== "heat" || offline) return null;
  const now = state.bandwidth ?? ruled ?? 300;
  const text = el("span", {}, t("heat.bandwidth", { m: n0(now) }));
  // The slider runs on a logarithmic scale: 50 m to 2 km.
  const slider = el("input", { type: "range", min: "0", max: "100", id: "bandwidth", "aria-label": t("heat.bandwidth", { m: n0(now) }), value: String(Math.round((100 * Math.log(now / 50)) / Math.log(40))) });
  const metres = () => Math.round((50 * 40 ** (slider.value / 100)) / 10) * 10;
  slider.addEventListener("input", () => { text.textContent = t("heat.bandwidth", { m: n0(metres()) }); });
  slider.addEventListener("change", () => change({ bandwidth: metres() }, "heat-option"));
  const auto = el("button", { type: "button", onclick: () => { change({ bandwidth: null }, "heat-option"); } }, t("heat.auto"));
  return el("div", { class: "options" }, text, slider, auto);
}

onChange("heat", (heat) => {
  ruled = heat.bandwidth_m;
  if (!state.bandwidth && document.activeElement?.id !== "bandwidth") drawLayerList();
});

const mayExport = (layer) => (layer !== "key_areas" || may("see_key_areas")) && (!boot.point_exports.includes(layer) || may("export_points"));

export function startTools() {
  document.getElementById("print").addEventListener("click", () => printMap());
  document.getElementById("print-a3")?.addEventListener("click", () => printMap("a3"));
  document.getElementById("copy-link").addEventListener("click", copyLink);
  const button = document.getElementById("open-export");
  if (offline) {
    button.hidden = true;
    document.getElementById("copy-link").hidden = true;
    return;
  }
  if (!may("export")) {
    button.hidden = true;
    return;
  }
  const dialog = document.getElementById("export");
  const pick = (id, values, label) => {
    const select = document.getElementById(id);
    select.append(...values.map((value) => el("option", { value }, t(`${label}.${value}`))));
    select.addEventListener("change", update);
    return select;
  };
  const layer = pick("export-layer", boot.exports.filter((name) => mayExport(name) && name !== TRIAL_ONLY), "export");
  const format = pick("export-format", FORMATS, "format");
  const datum = pick("export-datum", DATUMS, "datum");
  layer.value = "hotspots";
  document.getElementById("export-hint").textContent = t("export.hint");
  function update() {
    const kml = format.value === "kml";
    if (kml) datum.value = "wgs84";
    datum.disabled = kml;
    const styled = boot.styled.includes(layer.value);
    const asked = { datum: datum.value };
    const question = styled ? spotQuery(asked) : layer.value === "forecast" ? forecastQuery(asked)
      : trialQuery(query({ ...asked, band: state.band, light: state.light, basis: state.basis }));
    document.getElementById("export-go").href = `/export/${layer.value}.${format.value}?${question}`;
    const style = document.getElementById("export-style");
    style.hidden = !styled;
    style.href = `/export/${layer.value}/style.qml?datum=${encodeURIComponent(datum.value)}&lang=${lang}`;
    document.getElementById("export-html").href = `/map.html?${query({ bandwidth: state.bandwidth, ...(may("see_analyses") ? forecastAsked() : {}) })}`;
  }
  button.addEventListener("click", () => { update(); dialog.showModal(); });
}
