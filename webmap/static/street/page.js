// The assignment of a team on a phone: the next stop large, what was said at it, the list of the rest, the state of the
// connection. It works from what the page holds and from the queue; the server is asked only to take what waits.
import "./leave.js";
import { listen } from "./news.js";
import { all, forget, newId, put, replay, waiting } from "./queue.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const task = read("task");
const texts = read("texts");
const lang = document.documentElement.lang === "en" ? "en" : "zh";
const t = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const stops = task.stops.filter((stop) => stop.kind !== "break");
const AGAIN_MS = 20000;
const REASONS = ["closed", "blocked", "called_away", "unsafe", "no_time", "other"];

// All that this phone holds, and of that what concerns this assignment.
let held = [];
let records = [];
let chosen = null;
let sending = null;
let last = navigator.onLine ? "sent" : "offline";
let ready = false;

function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// A visit keeps its id through the versions of a plan, so what was said of an earlier version still holds; but the same places
// are visited under the same ids on other days, of which nothing holds. A record of before slots were noted has its plan alone.
const ours = (record) => record.team === task.team && (record.plan === task.plan || (record.slot !== undefined && record.slot === task.slot));

// What this phone said, and what another phone of the team had said when the page was loaded.
function stateOf(stop) {
  const kinds = new Set(records.filter((record) => record.stop === stop.id && record.state !== "refused").map((record) => record.kind));
  // A page that is kept may be older than this script.
  const other = task.said?.[stop.id];
  if (kinds.has("left") || other === "done") return "done";
  if (kinds.has("arrived") || other === "there") return "there";
  return kinds.has("skipped") || other === "skipped" ? "skipped" : "waiting";
}

const isOver = (stop) => ["done", "skipped"].includes(stateOf(stop));
const here = () => stops.find((stop) => stateOf(stop) === "there");
const next = () => chosen ?? here() ?? stops.find((stop) => !isOver(stop)) ?? null;

async function say(stop, kind, reason = "") {
  const now = new Date();
  const record = { id: newId(), plan: task.plan, slot: task.slot, team: task.team, stop: stop.id, kind, reason, at: now.toISOString(), state: "waiting" };
  try {
    await put(record);
  } catch {
    show("broken");
    return;
  }
  chosen = kind === "arrived" ? stop : null;
  await draw();
  document.querySelector("#next h2")?.focus();
  await sync();
}

async function draw() {
  held = await all();
  records = held.filter(ours);
  drawNext();
  drawList();
  drawState();
}

function drawNext() {
  const box = document.getElementById("next");
  const stop = next();
  box.replaceChildren();
  if (!stop) {
    box.append(el("h2", { tabindex: "-1" }, t("street.all_done")));
    return;
  }
  const state = stateOf(stop);
  box.append(
    el("p", { class: "when" }, el("span", { class: "number" }, String(stop.order)), ` ${stop.arrive}-${stop.leave}`, stop.must ? el("span", { class: "must" }, t("street.must")) : null),
    el("h2", { tabindex: "-1" }, stop.name),
    el("p", { class: "why" }, stop.why),
  );
  if (!task.may_check_in) return;
  if (isOver(stop)) {
    box.append(el("p", { class: "said" }, t(`street.state.${state}`)));
    return;
  }
  const word = state === "there" ? "left" : "arrived";
  box.append(el("button", { type: "button", class: `big ${word}`, id: word, onclick: () => say(stop, word) }, t(`street.${word}`)));
  if (state === "there") return;
  const reasons = REASONS.map((reason) => el("button", { type: "button", onclick: () => say(stop, "skipped", reason) }, t(`street.reason.${reason}`)));
  box.append(el("details", { class: "skip" }, el("summary", {}, t("street.skip")), el("div", {}, ...reasons)));
}

function drawList() {
  const shown = next();
  document.querySelectorAll("#stops [data-stop]").forEach((row) => {
    const stop = stops.find((each) => each.id === row.dataset.stop);
    const state = stateOf(stop);
    row.dataset.state = state;
    row.querySelector(".state").textContent = t(`street.state.${state}`);
    row.querySelector("button").setAttribute("aria-current", String(stop === shown));
  });
}

const mine = (record) => record.plan === task.plan;

function drawState() {
  const box = document.getElementById("state");
  const count = waiting(held).length;
  const refused = records.filter((record) => record.state === "refused" && mine(record));
  box.dataset.state = last === "sent" ? "online" : last;
  box.dataset.waiting = String(count);
  const line = last === "sent" || last === "sign-in" || last === "refused" ? t("street.online") : t("street.offline");
  const queue = count ? t("street.waiting", { n: count }) : t("street.nothing_waiting");
  box.replaceChildren(el("strong", {}, line), ` · ${queue}`, ready ? ` · ${t("street.ready")}` : "");
  const help = document.getElementById("help");
  help.replaceChildren();
  if (last === "sign-in") {
    help.append(el("p", {}, t("street.sign_in_again")), el("a", { class: "big", id: "sign-in", href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, t("street.sign_in")));
  }
  if (last === "refused") help.append(el("p", {}, t("street.not_granted")));
  if (last === "later" && count) help.append(el("p", {}, t("street.later")));
  for (const record of refused) {
    const stop = stops.find((each) => each.id === record.stop);
    help.append(el("p", { class: "refused" }, t("street.was_refused", { stop: stop?.name ?? record.stop, why: record[lang] })));
  }
}

function show(state) {
  if (state === "broken") document.getElementById("help").replaceChildren(el("p", { class: "refused" }, t("street.no_room")));
}

// A new version is offered, never taken by itself: whoever stands at a stop goes on with what is on the screen.
function offer({ plan, differs }) {
  const box = document.getElementById("newer");
  const link = box.querySelector("a");
  link.href = `/patrol/${encodeURIComponent(plan)}/${task.team}`;
  link.textContent = differs ? t("street.newer.differs", { n: differs }) : t("street.newer.same");
  box.hidden = false;
}

const news = listen(task, offer);

export async function sync() {
  sending ??= replay().finally(() => { sending = null; });
  const answer = await sending;
  last = answer.state;
  if (answer.plans[task.plan]) await news.check();
  await draw();
}

async function goOffline() {
  if (!("serviceWorker" in navigator)) return;
  const registered = await navigator.serviceWorker.register("/patrol/sw.js", { scope: "/patrol/" });
  const worker = (await navigator.serviceWorker.ready).active;
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data !== "kept") return;
    ready = true;
    document.documentElement.dataset.offline = "ready";
    drawState();
  });
  // This very page was loaded before the worker was there: it keeps it now.
  worker.postMessage({ keep: location.pathname });
  registered.update().catch(() => null);
}

document.querySelectorAll("#stops [data-stop] button").forEach((button) => button.addEventListener("click", () => {
  chosen = stops.find((stop) => stop.id === button.parentElement.dataset.stop);
  draw();
  document.getElementById("next").scrollIntoView();
}));
window.addEventListener("online", sync);
window.addEventListener("offline", () => { last = "offline"; drawState(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && waiting(held).length) sync(); });
// Asked again only while something waits: an idle page keeps no session open.
setInterval(() => { if (waiting(held).length && last !== "sign-in") sync(); }, AGAIN_MS);

try {
  await forget(Date.now());
  await draw();
} catch {
  show("broken");
}
await Promise.all([goOffline().catch(() => null), sync()]);
news.open();
document.documentElement.dataset.ready = "yes";
