// What patrols did at the places of the shown plan: reports before and after against comparison places, with the interval and
// what it cannot rule out. Asked for when it is opened; it judges nothing itself.
import { el, n0 } from "wangge/format";
import { t } from "wangge/i18n";
import { answerOf } from "wangge/plan_api";
import { lang, may, offline } from "wangge/state";

const link = () => el("p", { class: "hint" }, el("a", { href: `/patrol/roster?lang=${lang}#effect` }, t("plan.effect.more")));

function table(told) {
  const row = (name, group) => el("tr", {}, el("th", { scope: "row" }, `${t(`roster.effect.${group}`)} (${n0(told[`${group}_spots`])})`),
    el("td", { class: "num" }, n0(told[`${group}_before`])), el("td", { class: "num" }, n0(told[`${group}_after`])));
  const span = (days) => el("th", { class: "num", scope: "col" }, days.join(" – "));
  return el("table", { class: "list effect" }, el("thead", {}, el("tr", {}, el("td", {}), span(told.before), span(told.after))), el("tbody", {}, row("", "treated"), row("", "comparison")));
}

// Null for readers who are told no counts of reports.
export function effectBox(plan) {
  if (offline || !may("see_analyses")) return null;
  const body = el("div", {}, t("state.loading"));
  const box = el("details", { class: "group", id: "plan-done-effect" }, el("summary", {}, t("roster.effect")), body);
  box.addEventListener("toggle", async () => {
    if (!box.open || box.dataset.read) return;
    box.dataset.read = "yes";
    const { told, problem } = await answerOf(`/api/patrol/effect.json?plan=${encodeURIComponent(plan.id)}`);
    if (problem) { delete box.dataset.read; body.replaceChildren(el("p", { class: "hint" }, problem), link()); return; }
    body.replaceChildren(el("p", {}, el("b", {}, told[lang])), table(told), el("p", { class: "hint" }, `${t("roster.effect.by")}${told.rule[lang]}`),
      el("ul", { class: "hint" }, ...told.caveats.map((each) => el("li", {}, each[lang]))), link());
  });
  return box;
}
