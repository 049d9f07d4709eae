// What happened in a shift - an urgent place, a team out, a team late - and the plan mended for it, with the difference
// shown before anything is kept.
import { say } from "wangge/api";
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { map } from "wangge/map";
import { change } from "wangge/plan_api";
import { inWords, mayMend } from "wangge/plan_life";
import { lang } from "wangge/state";

let show = () => null;
let dialog = null;

export const startMend = (run) => { show = run; };

export function mendButton(plan) {
  if (!mayMend()) return null;
  return el("button", { type: "button", id: "plan-mend", onclick: () => open(plan) }, t("plan.mend"));
}

function open(plan) {
  dialog?.remove();
  dialog = build(plan);
  document.body.append(dialog);
  dialog.showModal();
}

function build(plan) {
  const rows = plan.teams.map((team, index) => {
    const out = el("input", { type: "checkbox", id: `mend-out-${index}` });
    const late = el("input", { type: "number", class: "day", min: "0", max: "480", step: "5", value: "0", "aria-label": `${team.title}: ${t("plan.mend.late")}` });
    return { team, out, late, row: el("tr", {}, el("th", { scope: "row" }, team.title), el("td", {}, el("label", { class: "check" }, out, el("span", {}, t("plan.mend.out")))), el("td", {}, late)) };
  });
  const text = (id, more) => el("input", { class: "day", id: `mend-${id}`, ...more });
  const lon = text("lon", { inputmode: "decimal" });
  const lat = text("lat", { inputmode: "decimal" });
  const name = text("name", { maxlength: "60" });
  const stay = text("stay", { type: "number", min: "1", max: "240", value: "15" });
  const within = text("within", { type: "number", min: "1", max: "480", value: "60" });
  const said = el("div", { id: "mend-said", role: "status", tabindex: "0" });
  const keep = el("button", { type: "button", id: "mend-keep", disabled: true }, t("plan.keep"));
  const pick = el("button", { type: "button", id: "mend-pick", onclick: () => {
    dialog.close();
    say(t("plan.mend.click"));
    map.once("click", (event) => { lon.value = event.latlng.lng.toFixed(6); lat.value = event.latlng.lat.toFixed(6); dialog.showModal(); });
  } }, t("plan.mend.pick"));
  const events = () => {
    const told = { out: rows.filter((each) => each.out.checked).map((each) => each.team.name), late: {} };
    for (const each of rows) if (Number(each.late.value) > 0) told.late[each.team.name] = Number(each.late.value);
    if (lon.value.trim() && lat.value.trim()) told.urgent = [{ lon: Number(lon.value), lat: Number(lat.value), name: name.value.trim(), stay_min: Number(stay.value), within_min: Number(within.value) }];
    return told;
  };
  // What is kept is what was shown: the same events at the same moment, with the server's mark of what came of them.
  let tried = null;
  const send = (body) => change(`/api/plans/${encodeURIComponent(plan.id)}/replan`, body);
  const field = (key, control) => el("label", {}, t(`plan.mend.${key}`), control);
  const form = el("form", { class: "plan-form" }, el("h2", { id: "mend-title" }, t("plan.mend")), el("p", { class: "hint" }, t("plan.mend.hint")),
    el("table", { class: "mend-teams" }, el("thead", {}, el("tr", {}, el("th", {}, t("plan.mend.team")), el("th", {}, t("plan.mend.out")), el("th", {}, t("plan.mend.late")))), el("tbody", {}, ...rows.map((each) => each.row))),
    el("fieldset", {}, el("legend", {}, t("plan.mend.urgent")), el("div", { class: "days" }, field("lon", lon), field("lat", lat), field("name", name), field("stay", stay), field("within", within)), pick),
    said,
    el("div", { class: "row" }, el("button", { type: "button", onclick: () => dialog.close() }, t("export.close")), el("button", { class: "primary", id: "mend-try" }, t("plan.mend.try")), keep));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.replaceChildren(t("state.loading"));
    const asked = events();
    const told = await send(asked);
    tried = told && { ...asked, now: told.now, shown: told.shown };
    keep.disabled = !told;
    said.replaceChildren(...(told ? difference(plan, told) : [t("plan.mend.failed")]));
    said.scrollIntoView({ block: "nearest" });
  });
  form.addEventListener("input", () => { keep.disabled = true; });
  keep.addEventListener("click", async () => {
    keep.disabled = true;
    const told = await send({ ...tried, keep: true });
    if (!told) return;
    dialog.close();
    show(told.plan.id);
    say(t("plan.kept"));
  });
  return el("dialog", { id: "plan-mender", "aria-labelledby": "mend-title" }, form);
}

function difference(plan, told) {
  const lines = told.changes.changes.map((item) => el("li", { class: item.kind }, inWords(plan, item[lang])));
  const parts = [el("p", {}, el("b", {}, told.changes[lang]))];
  if (told.unplaced.length) parts.unshift(el("p", { class: "bad" }, t("plan.mend.unplaced")), el("ul", { class: "broken" }, ...told.unplaced.map((item) => el("li", {}, inWords(plan, item[lang])))));
  if (lines.length) parts.push(el("ul", {}, ...lines));
  if (told.broken.length) parts.push(el("p", { class: "bad" }, t("plan.mend.broken")), el("ul", { class: "broken" }, ...told.broken.map((item) => el("li", {}, inWords(plan, item[lang])))));
  return parts;
}
