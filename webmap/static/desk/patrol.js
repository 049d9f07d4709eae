// A patrol sent to the case: a plan of now is mended for its place, the difference shown before anything is kept, and told to the
// teams only when it is published. It moves no case.
import { clockOf, el } from "wangge/format";
import { t } from "wangge/i18n";
import { areaName, boot, lang, onChange } from "wangge/state";
import { Refused, ask } from "desk/talk";
import { isLive } from "desk/words";

const card = document.getElementById("patrol-card");
const box = document.getElementById("patrol");
let path = "";
let busy = false;

const planWords = (plan) => t("case.patrol.plan", {
  shift: plan[`shift_${lang}`], area: plan.area ? areaName(plan.area) : t("case.patrol.whole"), version: plan.version,
  state: t(`case.patrol.state.${plan.status}`), teams: plan.teams, until: clockOf(plan.until),
});
const minutes = (name, key, value, most) => el("label", { class: "field" }, el("span", {}, t(key)), el("input", { name, type: "number", min: "1", max: String(most), value: String(value), required: true, class: "day" }));

async function post(body, said) {
  try {
    return await ask(path, { method: "POST", body });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    said.replaceChildren(el("p", { class: "problem", role: "alert" }, error.message));
    return null;
  }
}

function difference(told) {
  const list = (items) => el("ul", {}, ...items.map((item) => el("li", {}, item[lang])));
  if (told.unplaced.length) return [el("p", { class: "problem", role: "alert" }, t("case.patrol.unplaced")), list(told.unplaced)];
  const parts = [el("p", {}, el("b", {}, told.changes[lang]))];
  if (told.changes.changes.length) parts.push(list(told.changes.changes));
  if (told.broken.length) parts.push(el("p", { class: "problem" }, t("case.patrol.broken")), list(told.broken));
  return parts;
}

// A draft is on no phone: whoever may publish does it here, others are told where it waits.
function kept(made, said) {
  const publish = el("button", { type: "button", class: "primary", id: "patrol-publish" }, t("case.patrol.publish"));
  publish.addEventListener("click", async () => {
    publish.disabled = true;
    try {
      await ask(`/api/plans/${encodeURIComponent(made.plan.id)}/publish`, { method: "POST", body: {} });
      said.replaceChildren(el("p", { class: "done" }, t("case.patrol.published", { version: made.plan.version })));
      busy = false;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      publish.disabled = false;
      said.prepend(el("p", { class: "problem", role: "alert" }, error.message));
    }
  });
  said.replaceChildren(el("p", {}, t("case.patrol.kept", { version: made.plan.version })),
    el("div", { class: "row" }, ...(boot.may.includes("publish_plans") ? [publish] : []), el("a", { href: "/" }, t("case.patrol.map"))));
}

function shown(asked, told, said) {
  const keep = el("button", { type: "button", class: "primary", id: "patrol-keep", onclick: async () => {
    keep.disabled = true;
    const made = await post({ ...asked, keep: true, now: told.now, shown: told.shown }, said);
    if (made) kept(made, said);
  } }, t("case.patrol.keep"));
  const drop = el("button", { type: "button", onclick: () => { busy = false; said.replaceChildren(); } }, t("case.cancel"));
  // A plan in which nobody goes is not worth keeping for the case.
  said.replaceChildren(...difference(told), el("div", { class: "row" }, ...(told.unplaced.length ? [] : [keep]), drop));
}

function draw(plans) {
  const free = plans.filter((plan) => !plan.newer);
  const taken = plans.filter((plan) => plan.newer).map((plan) => el("p", { class: "hint" }, `${planWords(plan)} ${t("case.patrol.newer", { version: plan.newer })}`));
  if (!free.length) return box.replaceChildren(...(taken.length ? taken : [el("p", { class: "hint" }, t("case.patrol.none"))]));
  const which = free.length > 1
    ? el("label", { class: "field" }, el("span", {}, t("case.patrol.which")), el("select", { name: "plan" }, ...free.map((plan) => el("option", { value: plan.id }, planWords(plan)))))
    : el("p", {}, planWords(free[0]));
  const said = el("div", { id: "patrol-said", role: "status" });
  const form = el("form", { id: "patrol-form", "aria-label": t("case.patrol.send") }, which,
    el("div", { class: "field pair" }, minutes("within", "case.patrol.within", 30, 480), minutes("stay", "case.patrol.stay", 15, 240)),
    el("button", { id: "patrol-send" }, t("case.patrol.send")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    busy = true;
    said.replaceChildren(el("p", { class: "hint" }, t("desk.loading")));
    const asked = { plan: form.elements.plan?.value ?? free[0].id, within_min: Number(form.elements.within.value), stay_min: Number(form.elements.stay.value) };
    const told = await post(asked, said);
    busy = Boolean(told);
    if (told) shown(asked, told, said);
  });
  // What was shown is of what was asked then.
  form.addEventListener("input", () => { busy = false; said.replaceChildren(); });
  return box.replaceChildren(...taken, form, said);
}

async function load() {
  if (busy) return;
  const { plans } = await ask(path).catch(() => ({ plans: [] }));
  if (!busy) draw(plans);
}

export async function startPatrol(event) {
  if (!boot.may.includes("make_plans") || event.lon === null || !isLive(event.state)) return;
  path = `/api/events/${encodeURIComponent(event.id)}/patrols`;
  await load();
  card.hidden = false;
  onChange("live", (layers) => layers.has("plans") && load());
}
