// The filters of the list: visible controls that stand in the address as well, so that a view can be sent to a colleague.
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";
import { sourceName, tierName } from "desk/words";

const NAMES = ["state", "tier", "unit", "category", "area", "source"];
const PRESSURES = ["overdue", "soon", "normal", "paused", "none"];
export const chosen = Object.fromEntries([...NAMES, "pressure", "all"].map((name) => [name, ""]));
const INDENT = { district: 0, street: 1, community: 2, grid: 3 };
const box = document.getElementById("filter-box");
const form = document.getElementById("filters");

function options(name) {
  if (name === "state") return boot.states.filter((state) => state.key !== "draft").map((state) => [state.key, state[lang]]);
  if (name === "tier") return ["community", "street", "district", "city"].map((tier) => [tier, tierName(tier)]);
  if (name === "unit") return boot.units.map((unit) => [unit.code, unit[lang] + (unit.mine ? t("desk.mine") : "")]);
  if (name === "category") return boot.categories.map((category) => [category.code, category.name]);
  if (name === "source") return boot.sources.map((source) => [source, sourceName(source)]);
  return boot.areas.filter((area) => area.level in INDENT).map((area) => [area.code, `${"　".repeat(INDENT[area.level])}${area[lang]}`]);
}

export function readAddress() {
  const asked = new URLSearchParams(window.location.search);
  for (const name of NAMES) chosen[name] = asked.get(name) ?? "";
  chosen.pressure = PRESSURES.includes(asked.get("pressure")) ? asked.get("pressure") : "";
  chosen.all = asked.get("all") === "1" ? "1" : "";
}

function writeAddress() {
  const address = new URL(window.location.href);
  for (const [name, value] of Object.entries(chosen)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  window.history.replaceState(null, "", address);
  // The same view in the other language.
  const other = document.querySelector(".lang");
  const asked = new URLSearchParams(address.search);
  asked.set("lang", lang === "zh" ? "en" : "zh");
  other.setAttribute("href", `${window.location.pathname}?${asked}`);
}

export const count = () => NAMES.filter((name) => chosen[name]).length;

export function query(extra = {}) {
  const asked = new URLSearchParams();
  for (const name of NAMES) if (chosen[name]) asked.set(name, chosen[name]);
  for (const [name, value] of Object.entries(extra)) if (value) asked.set(name, value);
  return asked.toString();
}

function face() {
  const set = count();
  document.getElementById("filter-count").textContent = set ? t("desk.filters_set", { n: set }) : "";
  form.querySelector("#filters-clear").disabled = !set;
}

export function set(values, then) {
  Object.assign(chosen, values);
  for (const name of [...NAMES, "all"]) form.elements[name].value = chosen[name];
  writeAddress();
  face();
  then();
}

export function drawFilters(then) {
  readAddress();
  for (const name of NAMES) {
    const all = options(name);
    // A code of the address that is not offered (of another district, of a later version) is shown as it is.
    if (chosen[name] && !all.some(([value]) => value === chosen[name])) all.push([chosen[name], chosen[name]]);
    const select = el("select", { name, onchange: () => set({ [name]: select.value }, then) }, el("option", { value: "" }, t(`desk.all.${name}`)), ...all.map(([value, words]) => el("option", { value, selected: value === chosen[name] }, words)));
    form.append(el("label", {}, el("span", {}, t(`desk.filter.${name}`)), select));
  }
  const scope = el("select", { name: "all", onchange: () => set({ all: scope.value }, then) }, ...["", "1"].map((value) => el("option", { value, selected: value === chosen.all }, t(value ? "desk.scope_all" : "desk.scope_mine"))));
  form.prepend(el("label", {}, el("span", {}, t("desk.scope")), scope));
  form.append(el("button", { type: "button", id: "filters-clear", onclick: () => set(Object.fromEntries(NAMES.map((name) => [name, ""])), then) }, t("desk.clear")));
  form.addEventListener("submit", (event) => event.preventDefault());
  // Beside a wide list there is room for them; on a phone they open when asked for.
  box.open = window.matchMedia("(min-width: 761px)").matches || count() > 0;
  writeAddress();
  face();
}
