// Changes of the shown plan by hand. Each is tried at the server at once and shown with its effect; nothing is kept before
// the reader says so, and then it is a new version on top of the one that was seen.
import { say } from "wangge/api";
import { el, n0, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { change } from "wangge/plan_api";
import { inWords, mayEdit } from "wangge/plan_life";
import { lang } from "wangge/state";

let base = null;
let shown = null;
let edits = [];
let effect = null;
let turn = Promise.resolve();
let panel = { preview: () => null, show: () => null };

// Called once: how a plan that is not kept yet is shown, and how a kept one is.
export const startEdit = (hooks) => { panel = hooks; };
// The stop that was changed last: its team's card stays in sight.
export const touched = () => edits.at(-1)?.stop;
export const isEditing = () => base !== null;

export function editButton(plan) {
  if (!mayEdit() || isEditing()) return null;
  return el("button", { type: "button", id: "plan-edit", onclick: () => begin(plan) }, t("plan.edit"));
}

function begin(plan) {
  base = plan;
  [edits, effect] = [[], null];
  mark();
  preview(plan);
}

export function stopEditing() {
  [base, shown] = [null, null];
  [edits, effect] = [[], null];
  mark();
}

// On a phone the bar of time gives its room to the map while stops are dragged.
function mark() {
  document.body.classList.toggle("editing-plan", isEditing());
  window.dispatchEvent(new Event("resize"));
}

function preview(plan) {
  shown = plan;
  panel.preview(plan);
}

async function attempt(next) {
  if (!next.length) {
    [edits, effect] = [[], null];
    preview(base);
    return;
  }
  const told = await change(`/api/plans/${encodeURIComponent(base.id)}/edits`, { edits: next });
  if (!told || !base) return;
  [edits, effect] = [next, told.effect];
  preview({ ...told.plan, id: base.id });
}

// One after another: whoever presses a key twice means the second step from where the first one led.
function edit(make, focus) {
  turn = turn.then(async () => {
    const one = shown && make();
    if (one) await attempt([...edits, one]);
    document.getElementById(focus)?.focus();
  });
  return turn;
}

function undo() {
  turn = turn.then(() => (edits.length ? attempt(edits.slice(0, -1)) : null));
}

document.addEventListener("keydown", (event) => {
  if (!isEditing() || event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  undo();
});

// Where a stop is now, after the edits so far.
function whereabouts(id) {
  for (const [index, team] of shown.teams.entries()) {
    const order = team.stops.findIndex((visit) => visit.id === id);
    if (order >= 0) return { team, index, order, visit: team.stops[order] };
  }
  return null;
}

// Edits as the map, the rows and the keys ask for them. `number` counts from 1 in the tour afterwards; without it the best place.
export function moveTo(id, team, number = null, focus = "") {
  return edit(() => {
    const now = whereabouts(id);
    if (!now || (now.team.name === team && (number === null || number === now.order + 1))) return null;
    return { do: "move", stop: id, team, ...(number === null ? {} : { position: number }) };
  }, focus);
}

export function moveBy(id, steps, focus) {
  return edit(() => {
    const now = whereabouts(id);
    const number = now ? now.order + 1 + steps : 0;
    return number > 0 && number <= now.team.stops.length ? { do: "move", stop: id, team: now.team.name, position: number } : null;
  }, focus);
}

export function nextTeam(id, steps, focus) {
  return edit(() => {
    const now = whereabouts(id);
    const teams = shown.teams;
    const to = now && teams[(now.index + steps + teams.length) % teams.length];
    return to && to !== now.team && now.visit.kind !== "break" ? { do: "move", stop: id, team: to.name } : null;
  }, focus);
}

export function toggleLock(id, focus) {
  return edit(() => {
    const now = whereabouts(id);
    return now && now.visit.kind !== "break" ? { do: now.visit.locked ? "unlock" : "lock", stop: id } : null;
  }, focus);
}

export const takeOut = (id) => edit(() => (whereabouts(id)?.visit.kind !== "break" ? { do: "remove", stop: id } : null), "edit-undo");

async function keep() {
  const told = await change(`/api/plans/${encodeURIComponent(base.id)}/edits`, { edits, keep: true });
  if (!told) return;
  stopEditing();
  panel.show(told.plan.id);
  say(t("plan.kept"));
}

// What all edits together do, beside the version that was seen.
export function editBar() {
  if (!isEditing()) return null;
  const line = el("p", { id: "plan-effect", role: "status" });
  if (effect) {
    const sign = (value, text) => `${value > 0 ? "+" : ""}${text}`;
    line.append(t("plan.effect", {
      worth: sign(effect.worth, n1(effect.worth)), min: sign(Math.round(effect.travel_s / 60), n0(effect.travel_s / 60)), km: sign(effect.travel_m, n1(effect.travel_m / 1000)), must: sign(effect.must_served, String(effect.must_served)),
    }), ` · ${effect.changes[lang]}`);
    if (effect.broken.length) line.append(el("ul", { class: "broken", tabindex: "0", "aria-label": t("plan.broken") }, ...effect.broken.map((rule) => el("li", {}, inWords(base, rule[lang])))));
    else line.append(` · ${t("plan.no_rule_broken")}`);
  } else line.append(t("plan.edit_hint"));
  const buttons = [
    el("button", { type: "button", id: "edit-undo", disabled: !edits.length, "aria-keyshortcuts": "Control+Z", onclick: undo }, t("plan.undo")),
    el("button", { type: "button", id: "edit-leave", onclick: () => { const plan = base; stopEditing(); panel.show(plan.id); } }, t("plan.leave")),
    el("button", { type: "button", id: "edit-keep", class: "primary", disabled: !edits.length, onclick: keep }, t("plan.keep")),
  ];
  return el("section", { class: "plan-edit", "aria-label": t("plan.edit") }, line, el("div", { class: "plan-steps" }, ...buttons));
}

export const key = (visit) => visit.id.replace(/[^\w]/g, "_");

function teamSelect(teams, own, label, run) {
  const select = el("select", { "aria-label": label }, el("option", { value: "" }, t("plan.to_team")),
    ...teams.filter((team) => team.name !== own).map((team) => el("option", { value: team.name }, team.title ?? team.name)));
  select.addEventListener("change", () => select.value && run(select.value));
  return select;
}

// The tools beside a stop: in the list, or with a `spot` of their own in the card that the map opens.
export function stopTools(plan, team, visit, order, spot = "") {
  if (!isEditing()) return null;
  const name = lang === "en" && visit.name_en ? visit.name_en : visit.name_zh;
  const named = (id) => `${spot}${id}-${key(visit)}`;
  const back = (id) => (spot ? `at-${key(visit)}` : named(id));
  const button = (id, sign, words, run, more = {}) => el("button", { type: "button", id: named(id), title: words, "aria-label": `${words}: ${name}`, onclick: run, ...more }, sign);
  const fixed = visit.kind === "break";
  return el("span", { class: "stop-tools" },
    button("up", "↑", t("plan.up"), () => moveBy(visit.id, -1, back("up")), { disabled: order === 0 }),
    button("down", "↓", t("plan.down"), () => moveBy(visit.id, 1, back("down")), { disabled: order === team.stops.length - 1 }),
    fixed ? null : button("lock", t(visit.locked ? "plan.locked_short" : "plan.lock_short"), t(visit.locked ? "plan.unlock" : "plan.lock"), () => toggleLock(visit.id, back("lock")), { "aria-pressed": String(Boolean(visit.locked)) }),
    fixed ? null : button("out", "✕", t("plan.remove"), () => takeOut(visit.id)),
    fixed ? null : teamSelect(plan.teams, team.name, `${t("plan.to_team")} ${name}`, (to) => moveTo(visit.id, to, null, back("up"))));
}

export function unservedTools(plan, item) {
  if (!isEditing()) return null;
  const name = lang === "en" && item.name_en ? item.name_en : item.name_zh;
  return el("span", { class: "stop-tools" }, teamSelect(plan.teams, "", `${t("plan.add")} ${name}`, (to) => edit(() => ({ do: "add", stop: item.id, team: to }), `up-${key(item)}`)));
}
