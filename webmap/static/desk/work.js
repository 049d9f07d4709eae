// The work list: most urgent first, in step with the store, and never moving under the reader's hand.
import { clockOf, el, n0 } from "wangge/format";
import { t } from "wangge/i18n";
import { follow } from "wangge/live";
import { onChange } from "wangge/state";
import "desk/theme";
import { drawBulk } from "desk/bulk";
import { chosen, count, drawFilters, query, set } from "desk/filters";
import { startKeys } from "desk/keys";
import { startNotices } from "desk/notices";
import { fill, leave, makeRow, outcome } from "desk/rows";
import { Refused, ask } from "desk/talk";
import { isLive, urgencyOf } from "desk/words";

const IDLE_MS = 20000;
const STEP = 100;
const MOST = 500;  // the server lists no more at once
const body = document.getElementById("rows");
const table = document.getElementById("cases");
const stateBox = document.getElementById("list-state");
const news = document.getElementById("news");
const counts = document.getElementById("counts");
const shown = new Map();   // id -> { event, row }, in the order of the page
const picked = new Map();  // id -> event
let waiting = null;        // the newest answer, where it would move rows
let limit = STEP;
let asking = null;
let touched = 0;
let at = "";
let loadedAt = null;

const note = () => { touched = Date.now(); };
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "scroll"]) window.addEventListener(kind, note, { passive: true });
const idle = () => Date.now() - touched > IDLE_MS && !picked.size && !document.querySelector("dialog[open]");

async function fetched() {
  asking?.abort();
  asking = new AbortController();
  // The list of work holds open cases; whoever asks for closed ones looks things up, newest first.
  const closed = chosen.state && !isLive(chosen.state);
  const path = closed ? "/api/events" : "/api/events/work";
  return { ...await ask(`${path}?${query({ limit: String(limit), pressure: closed ? "" : chosen.pressure, all: closed ? "" : chosen.all })}`, { signal: asking.signal }), closed };
}

export async function load({ quiet = false } = {}) {
  if (!quiet) {
    stateBox.hidden = shown.size > 0;
    stateBox.className = "state-box";
    stateBox.textContent = t("desk.loading");
    table.setAttribute("aria-busy", "true");
  }
  try {
    const answer = await fetched();
    loadedAt = new Date();
    if (quiet) hear(answer);
    else take(answer);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Refused)) throw error;
    failed(error);
  } finally {
    table.removeAttribute("aria-busy");
  }
}

function failed(error) {
  stateBox.hidden = false;
  stateBox.className = "state-box bad";
  const again = el("button", { type: "button", onclick: () => load() }, t("desk.again"));
  const kept = loadedAt ? t("desk.kept", { time: clockOf(loadedAt) }) : "";
  stateBox.replaceChildren(el("p", {}, error.message, " ", kept), error.status === 401 ? el("a", { href: "/sign-in?next=/desk" }, t("street.sign_in")) : again);
}

// News that would move rows wait for the reader, unless nobody is there.
function hear(answer) {
  const ids = answer.events.map((event) => event.id);
  const before = [...shown.keys()];
  const moved = ids.length !== before.length || ids.some((id, place) => id !== before[place]);
  if (!moved || idle()) return take(answer);
  waiting = answer;
  const fresh = answer.events.filter((event) => !shown.has(event.id)).length;
  const gone = before.filter((id) => !ids.includes(id));
  for (const event of answer.events) {
    const held = shown.get(event.id);
    if (held) update(held, event);
  }
  for (const id of gone) leave(shown.get(id).row);
  tellCounts(answer);
  document.getElementById("news-words").textContent = t("desk.news", { fresh: n0(fresh), gone: n0(gone.length) });
  news.hidden = false;
  return undefined;
}

function update(held, event) {
  held.event = event;
  fill(held.row, event);
  if (picked.has(event.id)) picked.set(event.id, event);
}

function take(answer) {
  waiting = null;
  news.hidden = true;
  const focus = document.activeElement?.closest?.("#rows tr")?.dataset.id;
  const kept = new Map(shown);
  shown.clear();
  for (const event of answer.events) {
    const held = kept.get(event.id) ?? { event, row: makeRow(event, { onpick: pick, onfocus: (id) => { at = id; } }) };
    update(held, event);
    shown.set(event.id, held);
  }
  body.replaceChildren(...[...shown.values()].map((held) => held.row));
  for (const id of [...picked.keys()]) if (!shown.has(id)) picked.delete(id);
  table.hidden = !shown.size;
  tellCounts(answer);
  tellState(answer);
  drawPicked();
  if (focus && shown.has(focus)) shown.get(focus).row.focus({ preventScroll: true });
}

function tellState(answer) {
  stateBox.hidden = shown.size > 0;
  stateBox.className = "state-box";
  const limited = count() || chosen.pressure;
  if (!shown.size) {
    const wide = chosen.all || answer.closed ? "" : el("button", { type: "button", onclick: () => set({ all: "1" }, load) }, t("desk.see_all"));
    const clear = limited ? el("button", { type: "button", onclick: () => set({ state: "", tier: "", unit: "", category: "", area: "", source: "", pressure: "" }, load) }, t("desk.clear")) : null;
    stateBox.replaceChildren(el("p", {}, t(limited ? "desk.none_filtered" : "desk.none")), clear ?? "", " ", wide);
  }
  const total = answer.closed ? null : answer.found;
  const rest = answer.closed ? Boolean(answer.next) : total > shown.size;
  const all = limit >= MOST;
  document.getElementById("more-line").hidden = !rest;
  document.getElementById("more").hidden = all;
  document.getElementById("more").textContent = t("desk.more", { shown: n0(shown.size), of: answer.closed ? "…" : n0(total) });
  document.getElementById("most").textContent = all ? t("desk.most", { n: n0(shown.size) }) : "";
}

function tellCounts(answer) {
  const groups = document.getElementById("urgencies");
  groups.hidden = Boolean(answer.closed);
  if (answer.closed) {
    counts.textContent = t("desk.counts_closed", { n: n0(answer.events.length) });
    return;
  }
  counts.textContent = t("desk.counts", { overdue: n0(answer.overdue), soon: n0(answer.soon), of: n0(answer.of) });
  const { by } = answer;
  const one = (urgency) => el("button", { type: "button", "aria-pressed": String(chosen.pressure === urgency), class: `urgency-${urgency || "all"}`, onclick: () => set({ pressure: chosen.pressure === urgency ? "" : urgency }, load) },
    t(urgency ? `desk.urgency.${urgency}` : "desk.urgency.all"), " ", el("b", {}, urgency ? t("desk.n_of", { n: n0(by[urgency]), of: n0(answer.of) }) : n0(answer.of)));
  const focus = [...groups.children].indexOf(document.activeElement);
  groups.replaceChildren(...["", "overdue", "soon", "normal", "paused", "none"].map(one));
  groups.children[focus]?.focus();
}

function pick(id, on) {
  const held = shown.get(id);
  if (!held) return;
  if (on) picked.set(id, held.event);
  else picked.delete(id);
  drawPicked();
}

function drawPicked() {
  for (const [id, { row }] of shown) {
    row.querySelector(".pick input").checked = picked.has(id);
    row.classList.toggle("picked", picked.has(id));
  }
  const all = document.getElementById("pick-all");
  all.checked = picked.size > 0 && picked.size === shown.size;
  all.indeterminate = picked.size > 0 && picked.size < shown.size;
  drawBulk(picked, { clear: () => { picked.clear(); drawPicked(); }, done: ended });
}

function ended(rows) {
  for (const row of rows) {
    const held = shown.get(row.event);
    if (held) outcome(held.row, row.ok ? t("desk.result_ok") : t("desk.result_bad", { why: row[document.documentElement.lang === "en" ? "en" : "zh"] }), !row.ok);
    if (row.ok) picked.delete(row.event);
  }
  drawPicked();
  load({ quiet: true });
}

function step(by) {
  const rows = [...body.children];
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.dataset.id === at);
  rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? 0 : now + by))].focus();
}

document.getElementById("pick-all").addEventListener("change", (event) => {
  picked.clear();
  if (event.target.checked) for (const [id, held] of shown) picked.set(id, held.event);
  drawPicked();
});
const takeNews = () => waiting && take(waiting);
const takeButton = document.getElementById("news-take");
takeButton.textContent = t("desk.news_take");
takeButton.addEventListener("click", takeNews);
document.getElementById("more").addEventListener("click", () => { limit = Math.min(limit + STEP, MOST); load(); });
const help = document.getElementById("help");
document.getElementById("help-open").addEventListener("click", () => help.showModal());

startKeys({
  down: () => step(1), up: () => step(-1), take: takeNews, help: () => help.showModal(),
  pick: () => { if (shown.has(at)) pick(at, !picked.has(at)); },
  open: (row) => row.querySelector("a").click(),
  filter: () => { document.getElementById("filter-box").open = true; document.querySelector("#filters select").focus(); },
});
drawFilters(() => { limit = STEP; load(); });
await load();
onChange("live", (layers) => layers.has("events") && load({ quiet: true }));
onChange("online", () => load({ quiet: true }));
startNotices();
follow();
// Clocks run on between two answers.
setInterval(() => {
  for (const held of shown.values()) if (!held.row.classList.contains("gone") && urgencyOf(held.event) !== "none") fill(held.row, held.event);
}, 30000);
// Working hours are counted by the server alone, and pass without any change of the store.
setInterval(() => load({ quiet: true }), 300000);
document.documentElement.dataset.ready = "yes";
