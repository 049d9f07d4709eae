// Names of states, tiers, units, categories and places, and clocks, in words. Times are the district's.
import { clockOf, dayOf, momentOf, n1 } from "wangge/format";
import { known, t } from "wangge/i18n";
import { areaName, boot, lang } from "wangge/state";

const stateBy = new Map(boot.states.map((state) => [state.key, state]));
const moveBy = new Map(boot.moves.map((move) => [move.key, move]));
const unitBy = new Map(boot.units.map((unit) => [unit.code, unit]));
const categories = new Map(boot.categories.map((category) => [category.code, category.name]));

const or = (key, otherwise) => (known(key) ? t(key) : otherwise);
export const stateName = (key) => stateBy.get(key)?.[lang] ?? key;
export const moveName = (key) => moveBy.get(key)?.[lang] ?? key;
export const isLive = (key) => stateBy.get(key)?.live ?? false;
export const tierName = (key) => or(`level.${key}`, key);
export const stageName = (key) => or(`desk.stage.${key}`, key);
export const roleName = (key) => or(`desk.role.${key}`, key);
export const sourceName = (key) => or(`source.${key}`, key);
export const unitName = (code, tier = "") => (code ? unitBy.get(code)?.[lang] ?? code : t("desk.tier_desk", { tier: tierName(tier) }));
export const categoryName = (event) => event[`category_${lang}`] || categories.get(event.category) || event.category;

// From the grid up to the street; what is unknown is left out, and names that repeat the one above are cut.
export function placeParts(event) {
  const codes = [event.grid, event.community, event.street].filter(Boolean);
  return codes.map(areaName).map((name, at, names) => {
    const above = names[at + 1];
    return above && name.startsWith(above) && name.length > above.length ? name.slice(above.length).trim() : name;
  });
}

export function placeName(event) {
  const parts = placeParts(event);
  if (!parts.length) return event.address || t("desk.no_place");
  return parts.join(" · ");
}

// "today 14:30", "tomorrow 09:00", else the day.
export function when(iso, now = new Date()) {
  const day = dayOf(iso);
  const step = Math.round((Date.parse(day) - Date.parse(dayOf(now))) / 864e5);
  const near = { [-1]: "desk.yesterday", 0: "desk.today", 1: "desk.tomorrow" }[step];
  return near ? t(near, { time: clockOf(iso) }) : momentOf(iso).slice(day.slice(0, 4) === dayOf(now).slice(0, 4) ? 5 : 0);
}

// The two largest parts of a span: days and hours, or hours and minutes.
export function span(ms) {
  const minutes = Math.max(0, Math.floor(Math.abs(ms) / 6e4));
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (d) return h ? t("desk.days_hours", { d, h }) : t("desk.days", { d });
  if (h) return m ? t("desk.hours_minutes", { h, m }) : t("desk.hours", { h });
  return t("desk.minutes", { m });
}

// What is left on a clock that stands still at night and on free days: 2 working hours are not 2 hours.
export function counted(seconds, unit) {
  const hours = Math.abs(seconds) / 3600;
  if (unit === "working_hour" || unit === "working_day") return t("desk.working_hours", { v: hours < 0.1 ? "< 0.1" : n1(hours) });
  if (unit === "urgent_hour") return t("desk.urgent_hours", { v: hours < 0.1 ? "< 0.1" : n1(hours) });
  return span(seconds * 1000);
}

const isNatural = (event) => !event.left || ["hour", "day"].includes(event.left.unit);

// Natural hours run on between two answers. Working hours do not: an office that is shut is not late, and only the server knows its days.
export function urgencyOf(event, now = new Date()) {
  if (!isNatural(event) || ["paused", "none"].includes(event.pressure)) return event.pressure;
  if (new Date(event.due_at) < now) return "overdue";
  return event.pressure === "overdue" ? "soon" : event.pressure;
}

export function clockWords(event, now = new Date()) {
  const urgency = urgencyOf(event, now);
  if (urgency === "paused") return event.until ? t("desk.paused_until", { until: when(event.until, now) }) : t("desk.paused");
  if (!event.due_at) return t("desk.no_clock");
  const due = when(event.due_at, now);
  if (isNatural(event)) return t(urgency === "overdue" ? "desk.late_by" : "desk.left", { left: span(new Date(event.due_at) - now), due });
  if (urgency !== "overdue" && event.left.seconds <= 0) return t("desk.at_limit", { due });
  return t(urgency === "overdue" ? "desk.late_by" : "desk.left", { left: counted(event.left.seconds, event.left.unit), due });
}
