// The filter: period, area, way of finding, sources, categories. One change reaches every layer and list at once.
import { say } from "wangge/api";
import { addDays, el, isoDay, n0, slotWords, weekday } from "wangge/format";
import { known, t } from "wangge/i18n";
import { sourceName } from "wangge/popup";
import { fit, fitDistrict } from "wangge/map";
import { areaByCode, areaName, boot, change, lang, offline, onChange, state } from "wangge/state";

const box = document.getElementById("filters");
const PARTS = [["night", 0], ["morning", 6], ["afternoon", 12], ["evening", 18]];
const PRESETS = [["days7", 7], ["days30", 30], ["days90", 90], ["days365", 365], ["all", 0]];

export function drawFilters() {
  box.replaceChildren();
  if (offline) {
    const frozen = document.getElementById("frozen");
    const area = offline.filter.area ? `, ${areaName(offline.filter.area)}` : "";
    frozen.textContent = t("filter.frozen", { period: offline.filter.period, area, categories: offline.filter.categories.map((code) => `, ${code}`).join("") });
    frozen.hidden = false;
    return;
  }
  box.append(period(), slots(), area(), found(), sources(), categories(),
    el("button", { type: "button", onclick: reset }, t("filter.reset")));
}

const set = (values) => { change(values); drawFilters(); };

// The time bar and the matrix choose periods and hours too; only what they chose is drawn again, with the focus kept.
onChange("filter", (values) => {
  if (offline || !["from", "to", "hours", "weekdays"].some((name) => name in values)) return;
  const focused = document.activeElement?.id;
  document.getElementById("filter-period")?.replaceWith(period());
  document.getElementById("filter-slots")?.replaceWith(slots());
  if (focused && box.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused).focus();
});

function reset() {
  set({ from: "", to: "", area: "", found_by: "", categories: [], sources: [], hours: [], weekdays: [] });
  fitDistrict();
}

function period() {
  const chips = PRESETS.map(([key, days]) => {
    const from = days && boot.last_day ? addDays(boot.last_day, 1 - days) : "";
    const to = days && boot.last_day ? boot.last_day : "";
    const pressed = state.from === from && state.to === to;
    return el("button", { type: "button", "aria-pressed": String(pressed), onclick: () => set({ from, to }) }, t(`filter.${key}`));
  });
  const day = (name) => {
    // A text field, since a date field speaks the browser's language and not the page's.
    const input = el("input", { type: "text", class: "day", inputmode: "numeric", value: state[name], placeholder: t("filter.day_form"), maxlength: 10, id: `day-${name}` });
    input.addEventListener("change", () => {
      const value = isoDay(input.value);
      input.setAttribute("aria-invalid", String(value === null));
      if (value === null) {
        say(t("filter.no_day", { text: input.value }), true);
        return;
      }
      const other = name === "from" ? "to" : "from";
      const values = { [name]: value };
      // An end before the start makes no sense: the other day follows.
      if (value && state[other] && (name === "from" ? value > state.to : value < state.from)) values[other] = value;
      set(values);
    });
    return el("label", {}, t(`filter.${name}`), input);
  };
  return el("fieldset", { id: "filter-period" }, el("legend", {}, t("filter.period")), el("div", { class: "chips" }, ...chips),
    el("div", { class: "days" }, day("from"), day("to")), el("p", { class: "hint" }, t("filter.last", { day: boot.last_day ?? "-" })));
}

// Weekdays and hours; the matrix of the charts chooses single hours.
function slots() {
  const chip = (id, on, text, run) => el("button", { type: "button", id, "aria-pressed": String(on), onclick: run }, text);
  const sorted = (list) => [...list].sort((a, b) => a - b);
  const days = [...Array(7).keys()].map((day) => chip(`weekday-${day}`, state.weekdays.includes(day), weekday(day),
    () => change({ weekdays: sorted(toggled(state.weekdays, day)) })));
  const parts = PARTS.map(([name, first]) => {
    const six = [0, 1, 2, 3, 4, 5].map((hour) => first + hour);
    const on = six.every((hour) => state.hours.includes(hour));
    const rest = state.hours.filter((hour) => !six.includes(hour));
    return chip(`part-${name}`, on, t(`filter.part_${name}`), () => change({ hours: on ? rest : sorted([...rest, ...six]) }));
  });
  const chosen = slotWords();
  const clear = chosen ? el("button", { type: "button", class: "chosen", id: "clear-slots", "aria-label": t("filter.slots_clear", { text: chosen }), onclick: () => change({ hours: [], weekdays: [] }) }, `${chosen} ×`) : null;
  return el("fieldset", { id: "filter-slots" }, el("legend", {}, t("filter.slots")), el("div", { class: "chips week" }, ...days),
    el("div", { class: "chips" }, ...parts), clear);
}

function area() {
  const select = el("select", { "aria-label": t("filter.area"), id: "area" }, el("option", { value: "" }, t("filter.area_all")));
  const depth = { street: "", community: "\u3000", grid: "\u3000\u3000" };
  const children = new Map();
  boot.areas.forEach((each) => children.set(each.parent, [...(children.get(each.parent) ?? []), each]));
  const add = (each) => {
    if (each.level in depth && each.kind !== "special") select.append(el("option", { value: each.code, selected: each.code === state.area }, depth[each.level] + each[lang]));
    (children.get(each.code) ?? []).forEach(add);
  };
  boot.areas.filter((each) => !areaByCode.has(each.parent)).forEach(add);
  select.addEventListener("change", () => {
    set({ area: select.value });
    if (select.value) fit(areaByCode.get(select.value).box);
    else fitDistrict();
  });
  return el("fieldset", {}, el("legend", {}, t("filter.area")), select);
}

function found() {
  const chips = ["", "report", "patrol"].map((code) =>
    el("button", { type: "button", "aria-pressed": String(state.found_by === code), onclick: () => set({ found_by: code }) }, t(`filter.found_${code || "all"}`)));
  return el("fieldset", {}, el("legend", {}, t("filter.found")), el("div", { class: "chips" }, ...chips), el("p", { class: "hint" }, t("filter.found_hint")));
}

const toggled = (list, code) => (list.includes(code) ? list.filter((each) => each !== code) : [...list, code]);

function check(name, count, on, run) {
  return el("label", { class: "check" }, el("input", { type: "checkbox", checked: on, onchange: run }), el("span", {}, name), el("small", {}, t("filter.count", { n: n0(count) })));
}

function sources() {
  const rows = boot.sources.map((each) => check(sourceName(each.code), each.count, state.sources.includes(each.code),
    () => change({ sources: toggled(state.sources, each.code) })));
  return el("fieldset", {}, el("legend", {}, t("filter.source")), ...rows);
}

function categories() {
  const modules = new Map();
  boot.categories.forEach((each) => {
    const key = known(`module.${each.module}`) ? each.module : "";
    modules.set(key, [...(modules.get(key) ?? []), each]);
  });
  const groups = [...modules].map(([key, list]) => {
    const total = list.reduce((sum, each) => sum + each.count, 0);
    const rows = list.map((each) => check(each.name, each.count, state.categories.includes(each.code),
      () => change({ categories: toggled(state.categories, each.code) })));
    const open = list.some((each) => state.categories.includes(each.code));
    return el("details", { class: "group", open }, el("summary", {}, el("span", {}, t(`module.${key}`)), el("small", {}, t("filter.count", { n: n0(total) }))), el("div", {}, ...rows));
  });
  return el("fieldset", {}, el("legend", {}, t("filter.category")), ...groups);
}
