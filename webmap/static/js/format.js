// Numbers, times and DOM nodes the way readers of each language expect them. Times are shown in the district's zone.
import { t } from "wangge/i18n";
import { boot, lang, state } from "wangge/state";

const tag = lang === "zh" ? "zh-CN" : "en-GB";
const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
const some = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const short = new Intl.NumberFormat(tag, { maximumSignificantDigits: 2 });
const percent = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });
const parts = { year: "numeric", month: "2-digit", day: "2-digit", timeZone: boot.zone };
const day = new Intl.DateTimeFormat("en-CA", parts);
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: boot.zone });

export const n0 = (value) => whole.format(value);
export const n1 = (value) => some.format(value);
export const n2 = (value) => fine.format(value);
// Two digits that mean something below a hundred, whole numbers above.
export const sig2 = (value) => (Math.abs(value) >= 100 ? whole : short).format(value);
export const pct = (value) => percent.format(value);
export const dayOf = (iso) => day.format(new Date(iso));
export const clockOf = (iso) => clock.format(new Date(iso));
export const momentOf = (iso) => `${dayOf(iso)} ${clockOf(iso)}`;
export const periodOf = (period) => `${dayOf(period.since)} - ${dayOf(new Date(new Date(period.until).getTime() - 1))}`;

export function addDays(text, days) {
  const moved = new Date(`${text}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

export const daysBetween = (from, to) => Math.round((new Date(`${to}T00:00:00Z`) - new Date(`${from}T00:00:00Z`)) / 864e5);
export const weekday = (index) => t(`weekday.${index}`);
const clockHour = (hour) => `${String(hour).padStart(2, "0")}:00`;
export const hourSpan = (first, last = first) => `${clockHour(first)}-${clockHour(last + 1)}`;

// Numbers in a row, as first and last.
function runs(numbers) {
  const found = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (found.length && found.at(-1)[1] === number - 1) found.at(-1)[1] = number;
    else found.push([number, number]);
  }
  return found;
}

// The chosen weekdays and hours in words; empty for all of them. Two days in a row are told one by one.
export function slotWords(hours = state.hours, weekdays = state.weekdays) {
  const span = ([first, last]) => (last - first < 2 ? [...new Set([first, last])].map(weekday) : [t("list.span", { from: weekday(first), to: weekday(last) })]);
  const days = runs(weekdays).flatMap(span).join(t("list.comma"));
  return [days, runs(hours).map(([first, last]) => hourSpan(first, last)).join(t("list.comma"))].filter(Boolean).join(" ");
}

// What a figure counts: reports alone, what patrols found alone, or both.
export function foundWords(kinds) {
  if (kinds.length === 1) return t(`counts.${kinds[0]}`);
  return t("counts.all");
}

// A day as people type it, as ISO text; empty for none, null for what is no day.
export function isoDay(text) {
  const parts = text.trim().match(/^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})$/);
  if (!text.trim()) return "";
  if (!parts) return null;
  const iso = `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}`;
  const day = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== iso ? null : iso;
}

// Texts are set as text, never as HTML: nothing that came from a file can become markup.
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "colour") node.style.background = value;
    else if (value === true) node.setAttribute(key, "");
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}
