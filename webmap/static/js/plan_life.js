// The life of the plan that is shown: state and version, the steps that are open to the reader, a new plan, planned against
// done, and why it is as it is. What it shows it asks from the server; it draws nothing on the map.
import { ask, say } from "wangge/api";
import { el, n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { change, make, oneMore } from "wangge/plan_api";
import { effectBox } from "wangge/plan_effect";
import { teamSettings } from "wangge/plan_teams";
import { boot, lang, may, offline, onChange } from "wangge/state";

const STEPS = { published: "publish", running: "start", closed: "close" };
const DUE_MS = 60000;
let life = null;
let done = null;
let plans = [];
let show = () => null;

// Called once by the panel: how another plan is shown there.
export function startLife(run) {
  show = run;
  if (offline) return;
  onChange("live", (layers) => { if (layers.has("checkins")) refreshDone(); });
  setInterval(() => { if (life?.status === "running" && !document.hidden) refreshDone(); }, DUE_MS);
}

export async function loadLife(plan) {
  [life, done] = [null, null];
  if (offline) return;
  const id = plan && encodeURIComponent(plan.id);
  [plans, life, done] = await Promise.all([
    ask("plans", "/api/plans.json"),
    plan ? ask("plan-life", `/api/plans/${id}/life.json`) : null,
    plan ? ask("plan-done", `/api/plans/${id}/done.json`) : null,
  ]);
  plans ??= [];
}

async function refreshDone() {
  if (!life) return;
  const fresh = await ask("plan-done", `/api/plans/${encodeURIComponent(life.id)}/done.json`);
  if (!fresh || fresh.id !== life.id) return;
  done = fresh;
  document.querySelectorAll("[data-done-team]").forEach((box) => box.replaceChildren(...doneLine(Number(box.dataset.doneTeam))));
  document.querySelectorAll("[data-done-stop]").forEach((box) => markStop(box, box.dataset.doneStop));
  document.getElementById("plan-done")?.replaceWith(doneSum());
}

// The judge and the search name visits by id and teams by their Chinese name; people know both by name.
export function inWords(plan, text) {
  const visits = [...plan.teams.flatMap((team) => team.stops), ...plan.unserved].map((visit) => [visit.id, (lang === "en" && visit.name_en) || visit.name_zh]);
  const teams = lang === "en" ? plan.teams.filter((team) => team.name_en).map((team) => [team.name, team.name_en]) : [];
  return [...visits, ...teams].sort((a, b) => b[0].length - a[0].length).reduce((told, [id, name]) => told.replaceAll(id, name), text);
}

export const mayEdit = () => Boolean(life?.may_edit);
export const mayMend = () => Boolean(life?.may_mend);
const begun = () => life && ["running", "closed"].includes(life.status);
const named = (plan) => t("plan.named", { date: plan.date, shift: boot.shifts[plan.shift]?.[lang] ?? plan.shift, version: plan.version, state: t(`plan.state.${plan.status}`) });

// State and version, other plans, and the steps.
export function lifeBar(plan, tools) {
  if (offline) return [];
  const parts = [];
  const makers = may("make_plans") ? [el("button", { type: "button", id: "plan-make", onclick: () => openMaker() }, t("plan.make"))] : [];
  if (!life) return [el("div", { class: "plan-steps" }, ...makers)];
  const pick = el("select", { id: "plan-pick", "aria-label": t("plan.pick") },
    ...plans.slice(0, 40).map((each) => el("option", { value: each.id, selected: each.id === plan.id }, named(each))));
  pick.addEventListener("change", () => show(pick.value));
  parts.push(pick);
  const state = el("p", { class: "plan-state", "data-state": life.status },
    el("b", {}, t(`plan.state.${life.status}`)), ` · ${t("plan.version", { n: life.version })}`);
  if (life.superseded) state.append(` · ${t("plan.superseded")}`);
  parts.push(state);
  const steps = life.steps.map((to) => el("button", { type: "button", class: to === "withdrawn" ? "" : "primary", "data-step": to, onclick: () => step(plan, to) }, t(to === "withdrawn" && life.status === "draft" ? "plan.step.discard" : `plan.step.${to}`)));
  parts.push(el("div", { class: "plan-steps" }, ...steps, ...tools, ...makers));
  if (begun()) parts.push(doneSum());
  parts.push(explainer(plan), dosage(), effectBox(plan));
  return parts.filter(Boolean);
}

async function step(plan, to) {
  const name = to === "withdrawn" ? (life.status === "draft" ? "discard" : "withdraw") : STEPS[to];
  if (to === "withdrawn" && !window.confirm(t("plan.sure"))) return;
  const told = await change(`/api/plans/${encodeURIComponent(plan.id)}/${name}`);
  if (!told) return;
  say(t("plan.now", { state: t(`plan.state.${told.status}`) }));
  show(plan.id);
}

// Planned against done: sums, a line a team, a word a stop. No clock time of what was done is known here.
function doneSum() {
  const line = el("p", { id: "plan-done", class: "plan-done", role: "status" });
  if (!done) return line;
  line.append(el("progress", { max: String(done.planned || 1), value: String(done.done), "aria-label": t("plan.done_label") }),
    ` ${t("plan.done", { done: n0(done.done), planned: n0(done.planned), late: n0(done.late), skipped: n0(done.skipped) })}`);
  if (done.over) line.append(` ${t("plan.over", { days: done.kept_days })}`);
  return line;
}

function doneLine(index) {
  const team = done?.teams[index];
  return team && begun() ? [t("plan.team_done", { done: n0(team.done), planned: n0(team.planned), late: n0(team.late) })] : [];
}

const states = () => new Map((done?.teams ?? []).flatMap((team) => team.stops.map((stop) => [stop.id, stop.state])));
function markStop(box, id) {
  const state = (begun() && states().get(id)) || "waiting";
  box.dataset.state = state;
  box.textContent = state === "waiting" ? "" : t(`plan.stop.${state}`);
  return box;
}

export const teamMark = (index) => (offline ? null : el("span", { class: "team-done", "data-done-team": String(index) }, ...doneLine(index)));
export const stopMark = (visit) => (offline ? null : markStop(el("span", { class: "stop-done", "data-done-stop": visit.id }), visit.id));
export const phoneLink = (plan, index) => (offline || !life || ["draft", "withdrawn"].includes(life.status) ? null
  : el("a", { href: `/patrol/${encodeURIComponent(plan.id)}/${index}?lang=${lang}`, target: "_blank", rel: "noopener" }, t("plan.phone")));

// Why the plan is as it is; asked for when it is opened, since it is planned again to know.
function explainer(plan) {
  const body = el("div", {}, t("state.loading"));
  const box = el("details", { class: "group", id: "plan-why" }, el("summary", {}, t("plan.why")), body);
  box.addEventListener("toggle", async () => {
    if (!box.open || box.dataset.read) return;
    box.dataset.read = "yes";
    const told = await ask("plan-why", `/api/plans/${encodeURIComponent(plan.id)}/explain.json`);
    if (!told) { delete box.dataset.read; body.replaceChildren(t("plan.no_why")); return; }
    const lines = (items) => el("ul", {}, ...items.map((item) => el("li", {}, inWords(plan, item[lang]))));
    body.replaceChildren(el("h3", {}, t("plan.covered")), lines(told.covered),
      ...(told.musts.length ? [el("h3", {}, t("plan.musts")), lines(told.musts)] : []),
      ...(told.not_covered.length ? [el("h3", {}, t("plan.not_covered")), lines(told.not_covered)] : []),
      ...(may("make_plans") ? [moreTeam(plan)] : []));
  });
  return box;
}

// One more team, tried at every base; the answer takes the place of the button.
function moreTeam(plan) {
  const button = el("button", { type: "button", class: "quiet", id: "plan-more" }, t("plan.more"));
  const said = el("p", { role: "status" }, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = t("plan.more.trying");
    try {
      said.replaceChildren(inWords(plan, (await oneMore(plan.id))[lang]));
    } catch (error) {
      button.disabled = false;
      button.textContent = t("plan.more");
      say(error instanceof TypeError ? t("state.offline") : error.message, true);
    }
  });
  return said;
}

// Presence by place over twelve weeks: sums, never single visits.
function dosage() {
  const body = el("div", {}, t("state.loading"));
  const box = el("details", { class: "group", id: "plan-dosage" }, el("summary", {}, t("plan.dosage")), body);
  box.addEventListener("toggle", async () => {
    if (!box.open) return;
    const rows = await ask("plan-dosage", "/api/patrol/dosage.json");
    if (!rows?.length) { body.replaceChildren(el("p", { class: "hint" }, t("plan.no_dosage"))); return; }
    const places = new Map();
    for (const row of rows) {
      const known = places.get(row.stop) ?? { name: boot.areas.find((area) => area.code === row.grid)?.[lang] ?? row.stop, visits: 0, timed: 0, minutes: 0, weeks: new Set() };
      known.visits += row.visits;
      if (row.visits) known.weeks.add(row.week);
      if (row.timed) { known.minutes += row.minutes * row.timed; known.timed += row.timed; }
      places.set(row.stop, known);
    }
    const cells = [...places.values()].sort((a, b) => b.visits - a.visits).slice(0, 60).map((place) => el("tr", {},
      el("td", {}, place.name), el("td", { class: "num" }, n0(place.visits)), el("td", { class: "num" }, n1(place.visits / Math.max(place.weeks.size, 1))),
      el("td", { class: "num" }, place.timed ? n1(place.minutes / place.timed) : "-")));
    const head = ["place", "visits", "per_week", "minutes"].map((name) => el("th", { class: name === "place" ? "" : "num" }, t(`plan.dosage.${name}`)));
    body.replaceChildren(el("table", { class: "list" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...cells)), el("p", { class: "hint" }, t("plan.dosage.hint")));
  });
  return box;
}

// What may ask for stops, and what does unless something else is chosen.
const SOURCES = { hot_spot: true, forecast: false, must: true, event: true, railway: false, blind_spot: false };
const DRAWN_FROM = ["", "4", "8"];

// The dialog for a new plan.
let maker = null;
let grids = [];

function openMaker(wanted = [], of = "") {
  maker ??= buildMaker();
  grids = wanted;
  const told = maker.querySelector("#make-grids");
  told.hidden = !grids.length;
  told.textContent = t("plan.make.grids", { n: n0(grids.length), of });
  maker.querySelector("#make-said").replaceChildren();
  maker.showModal();
}

// The planner with the grids of a hot spot as stops that must be made.
export function planGrids(wanted, of) {
  document.getElementById("tab-patrol").click();
  openMaker(wanted, of);
}

function field(name, control) {
  control.id = `make-${name}`;
  return el("label", {}, t(`plan.make.${name}`), control);
}

function buildMaker() {
  const day = el("input", { type: "text", class: "day", value: boot.today, inputmode: "numeric", required: true, pattern: "\\d{4}-\\d{2}-\\d{2}", placeholder: "2026-11-23" });
  const options = (pairs, chosen) => pairs.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
  const shift = el("select", {}, ...options(Object.entries(boot.shifts).map(([key, words]) => [key, words[lang]]), "night"));
  const teams = el("input", { type: "number", class: "day", value: "6", min: "1", max: "60", required: true });
  const mode = el("select", {}, ...options(["foot", "ebike", "car"].map((key) => [key, t(`plan.mode.${key}`)]), "ebike"));
  const levels = new Set(["district", "street"]);
  const area = el("select", {}, el("option", { value: "" }, t("plan.make.everywhere")), ...options(boot.areas.filter((each) => levels.has(each.level)).map((each) => [each.code, each[lang]]), ""));
  const seed = el("input", { type: "number", class: "day", value: "1", min: "1", max: "2147483647", required: true });
  const sources = Object.entries(SOURCES).map(([key, usual]) => el("label", { class: "check" }, el("input", { type: "checkbox", value: key, checked: usual }), el("span", {}, t(`roster.source.${key}`))));
  const asking = el("fieldset", { id: "make-sources" }, el("legend", {}, t("roster.sources")), ...sources);
  const varied = el("select", {}, ...options(DRAWN_FROM.map((k) => [k, k ? t("plan.make.varied.of", { k }) : t("plan.make.varied.")]), ""));
  const own = teamSettings({ teams, mode, shift });
  const said = el("p", { id: "make-said", role: "status" });
  const go = el("button", { class: "primary", id: "make-go" }, t("plan.make.go"));
  const form = el("form", { class: "plan-form" }, el("h2", { id: "make-title" }, t("plan.make")), el("p", { id: "make-grids", hidden: true }),
    field("day", day), field("shift", shift), field("teams", teams), field("mode", mode), field("area", area), own.box, asking, field("varied", varied), field("seed", seed), said,
    el("div", { class: "row" }, el("button", { type: "button", onclick: () => maker.close() }, t("export.close")), go));
  const dialog = el("dialog", { id: "plan-maker", "aria-labelledby": "make-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const tell = (line) => { said.textContent = t("plan.making", { stage: t(`plan.stage.${line.stage}`), done: line.done, of: line.of }); };
    try {
      const made = await make({ day: day.value.trim(), shift: shift.value, teams: Number(teams.value), mode: mode.value, area: area.value, seed: Number(seed.value),
        sources: sources.map((each) => each.firstChild).filter((each) => each.checked).map((each) => each.value), ...(grids.length ? { grids } : {}), ...(varied.value ? { varied: Number(varied.value) } : {}), ...own.read() }, tell);
      dialog.close();
      show(made);
      say(t("plan.made"));
    } catch (error) {
      said.replaceChildren(el("span", { class: "bad" }, error instanceof TypeError ? t("state.offline") : error.message));
    } finally {
      go.disabled = false;
    }
  });
  document.body.append(dialog);
  return dialog;
}

