// The board of figures: each with its numerator, denominator and period in words, charts beside their tables, files of both.
import { el, isoDay, momentOf, n0, n1, pct } from "wangge/format";
import { t } from "wangge/i18n";
import { follow } from "wangge/live";
import { boot, lang, onChange } from "wangge/state";
import "desk/theme";
import { card } from "desk/board_charts";
import { startNotices } from "desk/notices";
import { Refused, ask } from "desk/talk";
import { sourceName, tierName } from "desk/words";

const SPLITS = ["tier", "area", "category", "unit", "source"];
const SHARES = ["closed", "on_time", "filed", "rework", "reopened", "returned", "satisfied"];
const BANDS = ["up_to_1d", "up_to_7d", "up_to_30d", "older"];
const MOST = 12;
const box = document.getElementById("board");
const form = document.getElementById("board-filters");
const stateBox = document.getElementById("board-state");
const asked = { from: "", to: "", by: "tier", area: "", category: "", source: "" };
const mayNarrow = boot.may.includes("see_events");
let charts = [];

const count = (value) => (value === null || value === undefined ? t("board.withheld") : n0(value));
const share = (value, rate) => (value !== null ? pct(value) : rate.numerator === null || rate.denominator === null ? t("board.withheld") : t("board.no_share"));
const hours = (value) => (value === null ? t("board.unknown") : value < 48 ? t("board.hours", { v: n1(value) }) : t("board.days", { v: n1(value / 24) }));
const rateOf = (part, figure) => part.rates.find((rate) => rate.figure === figure);
const figureName = (rate) => t(`board.rate.${rate.figure}`);
const ofWords = (rate) => t("board.of", { top: count(rate.numerator), top_is: t(`board.count.${rate.top}`), bottom: count(rate.denominator), bottom_is: t(`board.count.${rate.of}`) });

function nameOf(group) {
  if (asked.by === "source") return sourceName(group.code);
  if (asked.by === "tier") return tierName(group.code);
  return group[lang] || group.code;
}

function readAddress() {
  const told = new URLSearchParams(window.location.search);
  for (const name of Object.keys(asked)) asked[name] = told.get(name) ?? asked[name];
  if (!SPLITS.includes(asked.by)) asked.by = "tier";
}

function query() {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value) told.set(name, value);
  return told;
}

function writeAddress() {
  const told = query();
  window.history.replaceState(null, "", `${window.location.pathname}?${told}`);
  const other = new URLSearchParams(told);
  other.set("lang", lang === "zh" ? "en" : "zh");
  document.querySelector(".lang").setAttribute("href", `${window.location.pathname}?${other}`);
}

function change(values) {
  Object.assign(asked, values);
  writeAddress();
  load();
}

function drawForm() {
  const pick = (name, options) => el("label", {}, el("span", {}, t(`desk.filter.${name}`)), el("select", { name, onchange: (event) => change({ [name]: event.target.value }) }, el("option", { value: "" }, t(`desk.all.${name}`)), ...options.map(([value, words]) => el("option", { value, selected: value === asked[name] }, words))));
  const day = (name) => el("label", {}, el("span", {}, t(`filter.${name}`)), el("input", { name, class: "day", inputmode: "numeric", placeholder: "2026-01-31", value: asked[name], onchange: (event) => {
    const iso = isoDay(event.target.value);
    event.target.setCustomValidity(iso === null ? t("filter.no_day", { text: event.target.value }) : "");
    event.target.reportValidity();
    if (iso !== null) change({ [name]: iso });
  } }));
  const indent = { district: 0, street: 1, community: 2 };
  form.append(
    el("div", { class: "chips", role: "group", "aria-label": t("board.by") }, ...SPLITS.map((by) => el("button", { type: "button", "aria-pressed": String(by === asked.by), onclick: (event) => {
      form.querySelectorAll(".chips button").forEach((button) => button.setAttribute("aria-pressed", String(button === event.currentTarget)));
      change({ by });
    } }, t(`board.by_${by}`)))),
    day("from"), day("to"),
    pick("area", boot.areas.filter((area) => area.level in indent).map((area) => [area.code, `${"　".repeat(indent[area.level])}${area[lang]}`])),
    ...(mayNarrow ? [pick("category", boot.categories.map((each) => [each.code, each.name])), pick("source", boot.sources.map((each) => [each, sourceName(each)]))] : []));
  form.addEventListener("submit", (event) => event.preventDefault());
}

function figures(part) {
  const one = (title, value, words) => el("div", { class: "figure" }, el("h3", {}, title), el("b", {}, value), el("p", {}, words));
  const { counts, backlog } = part;
  const whole = part.stages.find((stage) => stage.stage === "case");
  return el("div", { class: "figures" },
    one(t("board.count.received"), count(counts.received), t("board.received_of")),
    one(t("board.count.due"), count(counts.due), t("board.due_of", { paused: count(counts.paused) })),
    ...SHARES.map((figure) => rateOf(part, figure)).map((rate) => one(figureName(rate), share(rate.share, rate), ofWords(rate))),
    one(t("board.backlog"), count(backlog.open), t("board.backlog_of", { overdue: count(backlog.overdue), age: backlog.median_age_d === null ? t("board.unknown") : t("board.days", { v: n1(backlog.median_age_d) }) })),
    one(t("board.whole_case"), hours(whole.median_h), t(whole.p90_h === null ? "board.whole_case_open" : "board.whole_case_of", { p90: hours(whole.p90_h), n: count(whole.entered), open: count(whole.open) })));
}

function cards(told) {
  const groups = told.groups.slice(0, MOST);
  const names = groups.map(nameOf);
  const title = t(`board.by_${told.by}`);
  const cut = told.groups.length > MOST ? t("board.cut", { n: MOST, of: told.groups.length }) : "";
  const of = (figure) => groups.map((group) => rateOf(group, figure).share);
  const made = [];
  if (groups.length) {
    made.push(card("shares", t("board.shares", { by: title }), [t("board.shares_note"), cut].join(" "), names,
      ["closed", "on_time"].map((figure) => ({ name: figureName(rateOf(told.whole, figure)), values: of(figure) })), (value) => (value === null || value === undefined ? "" : pct(value)),
      [title, ...["due", "closed", "on_time"].map((name) => t(`board.count.${name}`)), ...["closed", "on_time"].map((figure) => figureName(rateOf(told.whole, figure)))],
      told.groups.map((group) => [nameOf(group), ...["due", "closed", "on_time"].map((name) => count(group.counts[name])), ...["closed", "on_time"].map((figure) => share(rateOf(group, figure).share, rateOf(group, figure)))])));
    made.push(card("flow", t("board.flow", { by: title }), [t("board.flow_note"), cut].join(" "), names,
      ["received", "filed"].map((name) => ({ name: t(`board.count.${name}`), values: groups.map((group) => group.counts[name]) })), n0,
      [title, ...["received", "filed", "rejected", "dispatches", "returns", "failed", "reopenings"].map((name) => t(`board.count.${name}`)), ...["rework", "returned", "satisfied"].map((figure) => figureName(rateOf(told.whole, figure)))],
      told.groups.map((group) => [nameOf(group), ...["received", "filed", "rejected", "dispatches", "returns", "failed", "reopenings"].map((name) => count(group.counts[name])), ...["rework", "returned", "satisfied"].map((figure) => share(rateOf(group, figure).share, rateOf(group, figure)))])));
    made.push(card("backlog", t("board.backlog_by", { by: title }), [t("board.backlog_note", { at: momentOf(told.period.as_of) }), cut].join(" "), names,
      BANDS.map((band) => ({ name: t(`board.band.${band}`), values: groups.map((group) => group.backlog[band]) })), n0,
      [title, t("board.open"), ...BANDS.map((band) => t(`board.band.${band}`)), t("board.overdue"), t("board.median_age"), t("board.p90_age")],
      told.groups.map((group) => [nameOf(group), count(group.backlog.open), ...BANDS.map((band) => count(group.backlog[band])), count(group.backlog.overdue), ...["median_age_d", "p90_age_d"].map((name) => (group.backlog[name] === null ? "–" : t("board.days", { v: n1(group.backlog[name]) })))]), { stacked: true }));
    made.push(card("handling", t("board.handling", { by: title }), [t("board.stages_note"), cut].join(" "), names,
      ["median_h", "p90_h"].map((name) => ({ name: t(`board.${name}`), values: groups.map((group) => group.stages.find((stage) => stage.stage === "handle")[name]) })), n0,
      [title, ...told.whole.stages.map((stage) => t("board.stage_head", { stage: t(`board.stage.${stage.stage}`) }))],
      told.groups.map((group) => [nameOf(group), ...group.stages.map((stage) => (stage.median_h === null ? "–" : `${hours(stage.median_h)} / ${hours(stage.p90_h)}`))])));
  }
  const { stages } = told.whole;
  made.push(card("stages", t("board.stages"), t("board.stages_note"), stages.map((stage) => t(`board.stage.${stage.stage}`)),
    ["median_h", "p90_h"].map((name) => ({ name: t(`board.${name}`), values: stages.map((stage) => stage[name]) })), n0,
    [t("board.stage"), t("board.entered"), t("board.completed"), t("board.still"), t("board.median_h"), t("board.p90_h")],
    stages.map((stage) => [t(`board.stage.${stage.stage}`), count(stage.entered), count(stage.completed), count(stage.open), hours(stage.median_h), hours(stage.p90_h)])));
  return made;
}

function draw(told) {
  const withheld = told.scope.withheld_below;
  document.getElementById("board-period").textContent = [t("board.period", { from: told.period.from, to: told.period.to, as_of: momentOf(told.period.as_of) }), withheld ? t("board.withheld_note", { k: withheld }) : ""].filter(Boolean).join(" ");
  const made = cards(told);
  const empty = !told.groups.length ? el("p", { class: "state-box" }, t("board.empty")) : "";
  box.replaceChildren(figures(told.whole), empty, el("div", { class: "pairs" }, ...made.map((each) => each.node)));
  charts = made;
  charts.forEach((each) => each.draw());
  for (const name of ["from", "to"]) if (!asked[name]) form.elements[name].value = told.period[name];
}

async function load() {
  try {
    const told = await ask(`/api/events/board?${query()}`);
    stateBox.hidden = true;
    draw(told);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    stateBox.hidden = false;
    stateBox.className = "state-box bad";
    stateBox.replaceChildren(el("p", {}, error.message), el("button", { type: "button", onclick: load }, t("desk.again")));
  }
  if (boot.may.includes("export")) {
    document.getElementById("board-files").replaceChildren(...["csv", "xlsx"].map((kind) => el("a", { href: `/export/board.${kind}?${query()}&lang=${lang}`, download: true }, t(`board.file_${kind}`))));
  }
}

readAddress();
drawForm();
writeAddress();
await load();
onChange("theme", () => charts.forEach((each) => each.draw()));
// Figures of thousands of cases do not turn with every move: once a minute is often enough.
let stale = false;
onChange("live", (layers) => { stale ||= layers.has("events"); });
setInterval(() => { if (stale) { stale = false; load(); } }, 60000);
startNotices();
follow();
document.documentElement.dataset.ready = "yes";
