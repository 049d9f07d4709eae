// The time bar: incidents over the whole time of the data, a brush that sets the period, and stepping through time.
import { ask } from "wangge/api";
import { addDays, daysBetween, el, foundWords, n0 } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, change, onChange, query, state } from "wangge/state";

const box = document.getElementById("timebar");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const WINDOWS = [1, 7, 30];
const PAUSE_MS = 900;
const UNIT = { day: 1, week: 7, month: 30 };
const first = boot.first_day;
const last = boot.last_day;
const span = first ? daysBetween(first, last) + 1 : 0;
let bins = [];
let unit = "week";
let asked = null;
let total = 0;
let counts = [];
let found = null;
let step = 7;
let drag = null;
let playing = false;
let tour = null;
let timer = 0;
const parts = {};

const clamp = (day) => (day < first ? first : day > last ? last : day);
const chosen = () => ({ from: state.from ? clamp(state.from) : first, to: state.to ? clamp(state.to) : last });
const share = (day) => (100 * daysBetween(first, day)) / span;

// The whole time of the data is the same question as no period at all.
function choose(from, to) {
  const all = from <= first && to >= last;
  change(all ? { from: "", to: "" } : { from, to });
}

export function startTimeBar() {
  if (!box) return;
  if (!first) {
    box.hidden = true;
    return;
  }
  const button = (name, text, run) => el("button", { type: "button", id: `time-${name}`, "aria-label": t(`time.${name}`), title: t(`time.${name}`), onclick: run }, text);
  parts.play = button("play", "▶", () => (playing ? stop() : play()));
  const select = el("select", { id: "time-window", "aria-label": t("time.window") },
    ...WINDOWS.map((days) => el("option", { value: days, selected: days === step }, t(`time.days${days}`))));
  select.addEventListener("change", () => { step = Number(select.value); });
  parts.says = el("p", { class: "says", "aria-live": "polite" });
  parts.plot = el("div", { class: "plot" });
  parts.ticks = el("div", { class: "ticks", "aria-hidden": "true" });
  parts.all = el("button", { type: "button", id: "time-all", onclick: () => { stop(); choose(first, last); } }, t("time.all"));
  box.append(el("div", { class: "controls" }, button("back", "◀◀", () => { stop(); move(-1); }), parts.play, button("next", "▶▶", () => { stop(); move(1); }), select, parts.says, parts.all), parts.plot, parts.ticks);
  brush();
  parts.plot.addEventListener("pointerdown", grab);
  parts.plot.addEventListener("pointermove", pull);
  parts.plot.addEventListener("pointerup", release);
  parts.plot.addEventListener("pointercancel", () => { drag = null; place(); });
  onChange("filter", () => { place(); load(); });
  onChange("live", (layers) => { if (layers.has("incidents")) { asked = null; load(); } });
  onChange("summary", (summary) => { found = summary.counted; say(); if (playing) timer = setTimeout(onward, PAUSE_MS); });
  new ResizeObserver(ticks).observe(box);
  place();
  load();
}

async function load() {
  const question = query({}, ["from", "to"]);
  if (question === asked) return;
  asked = question;
  const answer = await ask("timebar", "/api/profile.json", question);
  if (!answer) return;
  ({ bins, bin: unit } = answer.trend);
  total = answer.total;
  counts = answer.found_by;
  draw();
  say();
}

const NS = "http://www.w3.org/2000/svg";

function draw() {
  const most = Math.max(1, ...bins.map((bin) => bin.count / Math.max(bin.days, 0.5)));
  const bars = document.createElementNS(NS, "svg");
  bars.setAttribute("viewBox", `0 0 ${span} 100`);
  bars.setAttribute("preserveAspectRatio", "none");
  bars.setAttribute("aria-hidden", "true");
  for (const bin of bins) {
    const days = daysBetween(bin.from, bin.to) + 1;
    // A bin cut by an end of the data is drawn by its rate, so that it does not look like a fall.
    const height = (96 * bin.count) / Math.max(bin.days, 0.5) / most;
    const bar = document.createElementNS(NS, "rect");
    for (const [name, value] of Object.entries({ x: daysBetween(first, bin.from), y: 100 - height, width: days * 0.86, height })) bar.setAttribute(name, value);
    bar.setAttribute("class", bin.whole ? "bar" : "bar cut");
    bars.append(bar);
  }
  parts.plot.querySelector("svg")?.remove();
  parts.plot.prepend(bars);
  place();
}

function ticks() {
  parts.ticks.replaceChildren();
  const room = Math.max(2, Math.floor(box.clientWidth / 74));
  const short = span < 62;
  const months = [1, 2, 3, 6, 12, 24, 60].find((step) => span / 30.4 / step <= room) ?? 120;
  let day = first;
  if (!short) {
    const [year, month] = first.split("-").map(Number);
    const start = Math.ceil((year * 12 + month - (first.endsWith("-01") ? 1 : 0)) / months) * months;
    day = `${Math.floor(start / 12)}-${String((start % 12) + 1).padStart(2, "0")}-01`;
  }
  for (let next = day; next <= last;) {
    const left = share(next);
    if (left < 96) {
      const tick = el("span", {}, short ? next.slice(5) : months >= 12 ? next.slice(0, 4) : next.slice(0, 7));
      tick.style.left = `${left}%`;
      parts.ticks.append(tick);
    }
    const [year, month] = next.split("-").map(Number);
    const on = year * 12 + month - 1 + months;
    next = short ? addDays(next, Math.max(1, Math.ceil(span / room))) : `${Math.floor(on / 12)}-${String((on % 12) + 1).padStart(2, "0")}-01`;
  }
}

function brush() {
  const handle = (name) => el("div", { class: `handle ${name}`, role: "slider", tabindex: 0, id: `brush-${name}`, "aria-label": t(`time.${name}`), "aria-valuemin": 0, "aria-valuemax": span - 1, onkeydown: (event) => keys(event, name) });
  parts.start = handle("start");
  parts.end = handle("end");
  parts.middle = el("div", { class: "middle", role: "slider", tabindex: 0, id: "brush-middle", "aria-label": t("time.middle"), "aria-valuemin": 0, "aria-valuemax": span - 1, onkeydown: (event) => keys(event, "middle") });
  parts.brush = el("div", { class: "brush" }, parts.middle, parts.start, parts.end);
  parts.plot.append(parts.brush);
}

function place(period = drag?.period ?? chosen()) {
  if (!parts.brush) return;
  const { from, to } = period;
  parts.brush.style.left = `${share(from)}%`;
  parts.brush.style.width = `${share(addDays(to, 1)) - share(from)}%`;
  const all = from === first && to === last;
  parts.brush.classList.toggle("all", all);
  parts.all.hidden = all;
  const tell = (node, now, text) => { node.setAttribute("aria-valuenow", daysBetween(first, now)); node.setAttribute("aria-valuetext", text); };
  tell(parts.start, from, from);
  tell(parts.end, to, to);
  tell(parts.middle, from, `${from} - ${to}`);
  if (drag) parts.says.textContent = `${from} - ${to}`;
}

function say() {
  const { from, to } = chosen();
  if (found === null || !bins.length) return;
  parts.says.replaceChildren(t("time.says", { from, to, n: n0(found), total: n0(total), found: foundWords(counts) }), el("span", { class: "bin" }, t("time.bin", { bin: t(`bin.${unit}`) })));
}

function dayAt(event) {
  const frame = parts.plot.getBoundingClientRect();
  const at = Math.floor((span * (event.clientX - frame.left)) / frame.width);
  return addDays(first, Math.min(span - 1, Math.max(0, at)));
}

const binOf = (day) => bins.find((bin) => bin.from <= day && day <= bin.to) ?? { from: day, to: day };

function grab(event) {
  if (event.button) return;
  stop();
  const kind = event.target === parts.start ? "start" : event.target === parts.end ? "end"
    : event.target === parts.middle && !parts.brush.classList.contains("all") && parts.middle.clientWidth > 8 ? "middle" : "new";
  const { from, to } = chosen();
  drag = { kind, at: dayAt(event), from, to, x: event.clientX, moved: false };
  parts.plot.setPointerCapture(event.pointerId);
}

function pull(event) {
  if (!drag) return;
  drag.moved ||= Math.abs(event.clientX - drag.x) > 3;
  if (drag.moved) {
    drag.period = pulled(dayAt(event));
    place(drag.period);
  }
}

function pulled(day) {
  const { kind, at, from, to } = drag;
  if (kind === "start") return { from: binOf(day < to ? day : to).from, to };
  if (kind === "end") return { from, to: binOf(day > from ? day : from).to };
  if (kind === "middle") return shifted(from, to, daysBetween(at, day));
  return at <= day ? { from: binOf(at).from, to: binOf(day).to } : { from: binOf(day).from, to: binOf(at).to };
}

function shifted(from, to, days) {
  const room = days < 0 ? Math.max(days, -daysBetween(first, from)) : Math.min(days, daysBetween(to, last));
  return { from: addDays(from, room), to: addDays(to, room) };
}

// A click without a pull chooses the one bar under it.
function release(event) {
  if (!drag) return;
  const period = drag.moved ? drag.period : ["start", "end"].includes(drag.kind) ? null : binOf(dayAt(event));
  drag = null;
  if (period) choose(period.from, period.to);
  else place();
}

function keys(event, name) {
  const days = event.shiftKey ? 1 : UNIT[unit];
  const by = { ArrowLeft: -days, ArrowDown: -days, ArrowRight: days, ArrowUp: days, PageDown: -4 * days, PageUp: 4 * days, Home: -span, End: span }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  stop();
  const { from, to } = chosen();
  if (name === "middle") {
    const period = shifted(from, to, by);
    choose(period.from, period.to);
  } else if (name === "start") {
    const day = clamp(addDays(from, by));
    choose(day < to ? day : to, to);
  } else {
    const day = clamp(addDays(to, by));
    choose(from, day > from ? day : from);
  }
}

// One window on or back; false at the end of the time to play.
function move(way) {
  const { from, to } = chosen();
  const ends = tour ?? { from: first, to: last };
  const fits = state.from && state.to && daysBetween(from, to) + 1 === step;
  let start;
  if (fits) start = addDays(from, way * step);
  else start = way > 0 ? from : addDays(to, 1 - step);
  const end = addDays(start, step - 1);
  if (end > ends.to || start < ends.from) return false;
  choose(start, end);
  return true;
}

// Plays through the chosen period where it is longer than the window, else on to the end of the data.
function play() {
  if (still.matches) {
    move(1);
    return;
  }
  const { from, to } = chosen();
  tour = daysBetween(from, to) + 1 > step ? { from, to, whole: !state.from && !state.to } : { from: first, to: last, whole: false, open: true };
  playing = true;
  face();
  onward();
}

function onward() {
  if (!playing) return;
  if (move(1)) return;
  const back = tour;
  stop();
  if (!back.open) choose(back.from, back.to);
}

function stop() {
  clearTimeout(timer);
  if (!playing) return;
  playing = false;
  tour = null;
  face();
}

function face() {
  parts.play.textContent = playing ? "❚❚" : "▶";
  const name = t(playing ? "time.pause" : "time.play");
  parts.play.setAttribute("aria-label", name);
  parts.play.title = name;
  box.classList.toggle("playing", playing);
}
