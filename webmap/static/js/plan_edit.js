// Changes of the shown plan by hand. Each is tried at the server at once and shown with its effect; nothing is kept before
// the reader says so, and then it is a new version on top of the one that was seen.
import { say } from "wangge/api";
import { el, n1 } from "wangge/format";
import { t } from "wangge/i18n";
import { change } from "wangge/plan_api";
import { inWords, mayEdit } from "wangge/plan_life";
import { lang } from "wangge/state";

let base = null;
let edits = [];
let effect = null;
let panel = { preview: () => null, show: () => null };

// Called once: how a plan that is not kept yet is shown, and how a kept one is.
export const startEdit = (hooks) => { panel = hooks; };
export const isEditing = () => base !== null;

export function editButton(plan) {
  if (!mayEdit() || isEditing()) return null;
  return el("button", { type: "button", id: "plan-edit", onclick: () => begin(plan) }, t("plan.edit"));
}

function begin(plan) {
  base = plan;
  [edits, effect] = [[], null];
  panel.preview(plan);
}

export function stopEditing() {
  base = null;
  [edits, effect] = [[], null];
}

async function attempt(next) {
  if (!next.length) {
    [edits, effect] = [[], null];
    panel.preview(base);
    return;
  }
  const told = await change(`/api/plans/${encodeURIComponent(base.id)}/edits`, { edits: next });
  if (!told || !base) return;
  [edits, effect] = [next, told.effect];
  panel.preview({ ...told.plan, id: base.id });
}

const edit = (one, focus) => attempt([...edits, one]).then(() => document.getElementById(focus)?.focus());

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
      worth: sign(effect.worth, n1(effect.worth)), km: sign(effect.travel_m, n1(effect.travel_m / 1000)), must: sign(effect.must_served, String(effect.must_served)),
    }), ` · ${effect.changes[lang]}`);
    if (effect.broken.length) line.append(el("ul", { class: "broken", tabindex: "0", "aria-label": t("plan.broken") }, ...effect.broken.map((rule) => el("li", {}, inWords(base, rule[lang])))));
    else line.append(` · ${t("plan.no_rule_broken")}`);
  } else line.append(t("plan.edit_hint"));
  const buttons = [
    el("button", { type: "button", id: "edit-undo", disabled: !edits.length, onclick: () => attempt(edits.slice(0, -1)) }, t("plan.undo")),
    el("button", { type: "button", id: "edit-leave", onclick: () => { const plan = base; stopEditing(); panel.show(plan.id); } }, t("plan.leave")),
    el("button", { type: "button", id: "edit-keep", class: "primary", disabled: !edits.length, onclick: keep }, t("plan.keep")),
  ];
  return el("section", { class: "plan-edit", "aria-label": t("plan.edit") }, line, el("div", { class: "plan-steps" }, ...buttons));
}

const key = (visit) => visit.id.replace(/[^\w]/g, "_");

function teamSelect(teams, own, label, run) {
  const select = el("select", { "aria-label": label }, el("option", { value: "" }, t("plan.to_team")),
    ...teams.filter((team) => team.name !== own).map((team) => el("option", { value: team.name }, team.title ?? team.name)));
  select.addEventListener("change", () => select.value && run(select.value));
  return select;
}

export function stopTools(plan, team, visit, order) {
  if (!isEditing()) return null;
  const name = lang === "en" && visit.name_en ? visit.name_en : visit.name_zh;
  const button = (id, sign, words, run, more = {}) => el("button", { type: "button", id: `${id}-${key(visit)}`, title: words, "aria-label": `${words}: ${name}`, onclick: run, ...more }, sign);
  const move = (id, position) => () => edit({ do: "move", stop: visit.id, team: team.name, position }, `${id}-${key(visit)}`);
  const fixed = visit.kind === "break";
  return el("span", { class: "stop-tools" },
    button("up", "↑", t("plan.up"), move("up", order), { disabled: order === 0 }),
    button("down", "↓", t("plan.down"), move("down", order + 2), { disabled: order === team.stops.length - 1 }),
    fixed ? null : button("lock", t(visit.locked ? "plan.locked_short" : "plan.lock_short"), t(visit.locked ? "plan.unlock" : "plan.lock"), () => edit({ do: visit.locked ? "unlock" : "lock", stop: visit.id }, `lock-${key(visit)}`), { "aria-pressed": String(Boolean(visit.locked)) }),
    fixed ? null : button("out", "✕", t("plan.remove"), () => edit({ do: "remove", stop: visit.id })),
    fixed ? null : teamSelect(plan.teams, team.name, `${t("plan.to_team")} ${name}`, (to) => edit({ do: "move", stop: visit.id, team: to }, `up-${key(visit)}`)));
}

export function unservedTools(plan, item) {
  if (!isEditing()) return null;
  const name = lang === "en" && item.name_en ? item.name_en : item.name_zh;
  return el("span", { class: "stop-tools" }, teamSelect(plan.teams, "", `${t("plan.add")} ${name}`, (to) => edit({ do: "add", stop: item.id, team: to }, `up-${key(item)}`)));
}
