// What single teams of a new plan have of their own: a folded row a team, and the skills that must-visits ask for. What is left
// empty is as for the whole plan. Nothing is checked here: the server says which field of which team makes no sense.
import { ask } from "wangge/api";
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";

const MOST = 60;
const WIDE = new Set(["break_min", "skills"]);
const words = (text) => text.split(/[,，、;；]/).map((word) => word.trim()).filter(Boolean);
// 8:30 as people type it: with a full-width colon, or with none.
const clock = (text) => text.trim().replace("：", ":").replace(/^(\d{1,2})(\d{2})$/, "$1:$2");
const named = (number) => t("plan.team_named", { n: number });

// ``teams``, ``mode`` and ``shift`` are the controls of the whole plan.
export function teamSettings({ teams, mode, shift }) {
  const rows = el("div", { class: "teams-own" });
  const summed = el("small", {});
  const musts = boot.must_kinds.map((kind) => ({ kind, input: el("input", { class: "day", maxlength: "120", placeholder: t("plan.own.none"), id: `make-must-${kind}` }) }));
  const asked = el("fieldset", { class: "musts-own" }, el("legend", {}, t("plan.own.musts")), el("p", { class: "hint" }, t("plan.own.musts_hint")),
    el("div", { class: "days" }, ...musts.map((each) => el("label", {}, t(`place.${each.kind}`), each.input))));
  const box = el("details", { class: "group", id: "make-own" }, el("summary", {}, t("plan.own"), summed), el("div", {}, el("p", { class: "hint" }, t("plan.own.hint")), rows, asked));
  let known = [];
  let posts = null;

  function count() {
    const wanted = Math.min(MOST, Math.max(0, Math.floor(Number(teams.value)) || 0));
    while (known.length > wanted) known.pop().box.remove();
    while (known.length < wanted) {
      known.push(row(known.length + 1));
      rows.append(known.at(-1).box);
    }
    known.forEach((each) => each.usual(mode, boot.shifts[shift.value], posts ?? []));
    tell();
  }

  function tell() {
    const own = known.filter((each) => each.tell()).length;
    const skilled = musts.some((each) => words(each.input.value).length);
    summed.textContent = own ? t("plan.own.some", { n: own }) : (skilled ? "" : t("plan.own.none_set"));
  }

  // The posts are asked for when somebody looks at the rows, not with every page.
  box.addEventListener("toggle", async () => {
    if (!box.open) return;
    count();
    if (posts) return;
    const places = await ask("plan-posts", "/api/layers/places.geojson");
    // What did not come is asked for again when the rows are opened again.
    posts = places && places.features.map((each) => each.properties).filter((each) => each.kind === "depot");
    count();
  });
  [teams, mode, shift].forEach((control) => control.addEventListener("change", () => { if (box.open || known.length) count(); }));
  box.addEventListener("input", tell);
  // A control that the browser refuses must be in sight, or nobody learns why nothing happens.
  box.addEventListener("invalid", (event) => {
    for (let up = event.target.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
  }, true);

  function read() {
    if (known.length) count();
    const own = known.map((each) => each.read()).filter((each) => Object.keys(each).length > 1);
    const skills = Object.fromEntries(musts.map((each) => [each.kind, words(each.input.value)]).filter(([, list]) => list.length));
    return { ...(own.length ? { team_settings: own } : {}), ...(Object.keys(skills).length ? { must_skills: skills } : {}) };
  }
  tell();
  return { box, read };
}

function row(number) {
  const id = (name) => `own-${number}-${name}`;
  const text = (name, more = {}) => el("input", { class: "day", id: id(name), autocomplete: "off", maxlength: "5", ...more });
  const amount = (name, max) => el("input", { class: "day", type: "number", id: id(name), min: "0", max, step: "any" });
  const inputs = {
    mode: el("select", { id: id("mode") }), most_km: amount("most_km", "300"), from: text("from"), to: text("to"),
    break_min: amount("break_min", "240"), break_from: text("break_from"), break_to: text("break_to"),
    start: el("select", { id: id("start") }), end: el("select", { id: id("end") }), skills: text("skills", { maxlength: "120", placeholder: t("plan.own.none") }),
  };
  inputs.break_min.placeholder = t("plan.own.none");
  inputs.most_km.placeholder = t("plan.own.unbounded");
  const told = el("span", {});
  const fields = Object.entries(inputs).map(([name, control]) => el("label", { class: WIDE.has(name) ? "wide" : "" }, t(`plan.own.${name}`), control));
  const box = el("details", { class: "team-own", "data-own": String(number) }, el("summary", {}, el("b", {}, named(number)), told), el("div", { class: "days" }, ...fields));

  function refill(select, first, pairs) {
    const kept = select.value;
    select.replaceChildren(el("option", { value: "" }, first), ...pairs.map(([value, label]) => el("option", { value, selected: value === kept }, label)));
  }
  // What an empty field stands for, as it is for the whole plan now.
  function usual(mode, shift, posts) {
    inputs.from.placeholder = shift.from;
    inputs.to.placeholder = shift.to;
    inputs.break_from.placeholder = t("plan.own.any");
    inputs.break_to.placeholder = t("plan.own.any");
    refill(inputs.mode, t("plan.own.as_all", { mode: mode.selectedOptions[0].textContent }), [...mode.options].map((each) => [each.value, each.textContent]));
    const names = posts.map((post) => [post.id, (lang === "en" && post.name_en) || post.name_zh]);
    refill(inputs.start, t("plan.own.nearest"), names);
    refill(inputs.end, t("plan.own.as_start"), names);
  }
  function read() {
    const said = { team: number };
    for (const [name, control] of Object.entries(inputs)) {
      const value = control.value.trim();
      if (!value) continue;
      if (name === "skills") said.skills = words(value);
      else if (control.type === "number") { if (Number(value)) said[name] = Number(value); } else said[name] = control.tagName === "SELECT" ? value : clock(value);
    }
    return said;
  }
  // The row in a line, so that one sees it folded; whether there is anything to see.
  function tell() {
    const said = read();
    const chosen = (name) => inputs[name].selectedOptions[0].textContent;
    const parts = [
      said.mode && chosen("mode"),
      (said.from || said.to) && `${said.from ?? inputs.from.placeholder}-${said.to ?? inputs.to.placeholder}`,
      said.break_min && t("plan.own.rests", { n: said.break_min }),
      said.most_km && t("plan.own.most", { n: said.most_km }),
      said.skills?.join(t("list.comma")),
      said.start && chosen("start"), said.end && `→ ${chosen("end")}`,
    ].filter(Boolean);
    told.textContent = parts.join(" · ") || t(Object.keys(said).length > 1 ? "plan.own.unfinished" : "plan.own.as_usual");
    box.classList.toggle("set", Object.keys(said).length > 1);
    return Object.keys(said).length > 1;
  }
  return { box, usual, read, tell };
}
