// Weekday by hour: how many incidents such an hour has, and a choice of hours that filters the map. Works by keyboard.
import { el, hourSpan, n0, n2, slotWords, weekday } from "wangge/format";
import { t } from "wangge/i18n";
import { change, state } from "wangge/state";

const RAMP = ["#f1eef6", "#c6cfe4", "#93b5d6", "#5391c2", "#2468a8", "#08306b"];
const days = [...Array(7).keys()];
const hours = [...Array(24).keys()];
let anchor = null;
let reach = null;
let focused = [0, 8];

const between = (a, b) => [...Array(Math.abs(a - b) + 1).keys()].map((step) => Math.min(a, b) + step);
const isChosen = (day, hour) => (state.weekdays.length || state.hours.length)
  && (!state.weekdays.length || state.weekdays.includes(day)) && (!state.hours.length || state.hours.includes(hour));
const same = (a, b) => a.length === b.length && a.every((value) => b.includes(value));

// Choosing what is chosen already lets it go.
function choose(weekdays, chosenHours) {
  const again = same(weekdays, state.weekdays) && same(chosenHours, state.hours);
  change(again ? { weekdays: [], hours: [] } : { weekdays, hours: chosenHours });
}

export function drawMatrix(box, matrix) {
  const rates = matrix.counts.map((row, day) => row.map((count, hour) => (matrix.slots[day][hour] > 0 ? count / matrix.slots[day][hour] : null)));
  const most = Math.max(...rates.flat().filter((rate) => rate !== null), 1e-9);
  const step = (rate) => Math.min(RAMP.length - 1, Math.floor((RAMP.length * rate) / most));
  const held = box.contains(document.activeElement);
  const cell = (day, hour) => {
    const rate = rates[day][hour];
    const text = t("matrix.cell", { day: weekday(day), hour: hourSpan(hour), n: n0(matrix.counts[day][hour]), slots: n0(matrix.slots[day][hour]), rate: rate === null ? "-" : n2(rate) });
    const node = el("td", { role: "gridcell", tabindex: day === focused[0] && hour === focused[1] ? 0 : -1, "aria-label": text, title: text, "aria-selected": String(Boolean(isChosen(day, hour))), "data-day": day, "data-hour": hour });
    node.style.background = rate === null ? "#fff" : rate === 0 ? "#fafbfc" : RAMP[step(rate)];
    return node;
  };
  const column = (hour) => el("th", { scope: "col", "data-hour": hour, title: hourSpan(hour) }, hour % 3 === 0 ? String(hour) : "");
  const row = (day) => el("tr", { role: "row" }, el("th", { scope: "row", "data-day": day }, weekday(day)), ...hours.map((hour) => cell(day, hour)));
  const table = el("table", { class: "matrix", role: "grid", "aria-label": t("chart.matrix"), "aria-multiselectable": "true" },
    el("thead", {}, el("tr", { role: "row" }, el("td", {}), ...hours.map(column))), el("tbody", {}, ...days.map(row)));
  table.classList.toggle("partly", Boolean(state.hours.length || state.weekdays.length));
  listen(table);
  const scale = el("div", { class: "ramp", "aria-hidden": "true" }, el("span", {}, "0"), ...RAMP.map((colour) => el("i", { colour })), el("span", {}, t("matrix.most", { rate: n2(most) })));
  const words = slotWords();
  const clear = words ? el("button", { type: "button", class: "chosen", id: "matrix-clear", onclick: () => change({ hours: [], weekdays: [] }) }, `${words} ×`) : null;
  box.replaceChildren(table, el("div", { class: "under" }, scale, clear));
  if (held) cellAt(table, ...focused)?.focus();
}

const cellAt = (table, day, hour) => table.querySelector(`td[data-day="${day}"][data-hour="${hour}"]`);

function listen(table) {
  const place = (event) => {
    const node = document.elementFromPoint(event.clientX, event.clientY)?.closest("td[data-day]");
    return node && table.contains(node) ? [Number(node.dataset.day), Number(node.dataset.hour)] : null;
  };
  table.addEventListener("pointerdown", (event) => {
    const head = event.target.closest("th");
    if (head) {
      if (head.dataset.hour !== undefined) choose([], [Number(head.dataset.hour)]);
      else choose([Number(head.dataset.day)], []);
      return;
    }
    anchor = place(event);
    reach = anchor;
    if (anchor) table.setPointerCapture(event.pointerId);
    mark(table);
  });
  table.addEventListener("pointermove", (event) => {
    if (!anchor) return;
    reach = place(event) ?? reach;
    mark(table);
  });
  table.addEventListener("pointerup", () => commit());
  table.addEventListener("pointercancel", () => { anchor = null; mark(table); });
  table.addEventListener("keydown", (event) => keys(event, table));
}

function mark(table) {
  const inside = (day, hour) => anchor && between(anchor[0], reach[0]).includes(day) && between(anchor[1], reach[1]).includes(hour);
  table.querySelectorAll("td[data-day]").forEach((node) => node.classList.toggle("brushed", Boolean(inside(Number(node.dataset.day), Number(node.dataset.hour)))));
}

function commit() {
  if (!anchor) return;
  const [weekdays, chosenHours] = [between(anchor[0], reach[0]), between(anchor[1], reach[1])];
  focused = reach;
  anchor = null;
  // Every weekday, or every hour, is no limit.
  choose(weekdays.length === 7 ? [] : weekdays, chosenHours.length === 24 ? [] : chosenHours);
}

function keys(event, table) {
  const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (way) {
    event.preventDefault();
    if (event.shiftKey) anchor ??= focused;
    else anchor = null;
    focused = [Math.min(6, Math.max(0, focused[0] + way[0])), Math.min(23, Math.max(0, focused[1] + way[1]))];
    reach = focused;
    table.querySelectorAll('td[tabindex="0"]').forEach((node) => { node.tabIndex = -1; });
    const node = cellAt(table, ...focused);
    node.tabIndex = 0;
    node.focus();
    mark(table);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    anchor ??= focused;
    reach = focused;
    commit();
  } else if (event.key === "Escape" && (state.hours.length || state.weekdays.length)) {
    event.stopPropagation();
    change({ hours: [], weekdays: [] });
  }
}
