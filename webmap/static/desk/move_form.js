// The form of one move: it asks for what the move needs and nothing else. It sends nothing itself.
import { dayOf, el } from "wangge/format";
import { known, t } from "wangge/i18n";
import { boot, lang } from "wangge/state";
import { moment } from "desk/zone";
import { tierName, unitName } from "desk/words";

const TIERS = ["community", "street", "district", "city"];
const label = (words, control, hint = "") => el("label", { class: "field" }, el("span", {}, words), control, hint ? el("small", {}, hint) : null);

function unitField(tier) {
  const options = [el("option", { value: "" }, unitName("", tier))];
  for (const level of TIERS) {
    const units = boot.units.filter((unit) => unit.tier === level);
    if (units.length) options.push(el("optgroup", { label: tierName(level) }, ...units.map((unit) => el("option", { value: unit.code }, unit[lang]))));
  }
  return label(t("case.field.unit"), el("select", { name: "unit" }, ...options));
}

function untilField(days) {
  const day = dayOf(new Date(Date.now() + days * 864e5));
  return el("fieldset", { class: "field pair" }, el("legend", {}, t("case.field.until")),
    el("label", {}, el("span", {}, t("case.field.day")), el("input", { name: "until_day", class: "day", inputmode: "numeric", required: true, value: day, placeholder: "2026-01-31" })),
    el("label", {}, el("span", {}, t("case.field.time")), el("input", { name: "until_time", class: "day", inputmode: "numeric", required: true, value: "18:00", placeholder: "18:00" })));
}

function scoreField() {
  const one = (score) => el("label", { class: "tick" }, el("input", { type: "radio", name: "score", value: score, required: true }), el("span", {}, t(`case.score.${score}`)));
  return el("fieldset", { class: "field" }, el("legend", {}, t("case.field.score")), ...[5, 4, 3, 2, 1].map(one));
}

function intoField(choices) {
  const list = el("datalist", { id: "into-list" }, ...choices.map(([id, words]) => el("option", { value: id }, words)));
  return el("div", {}, label(t("case.field.into"), el("input", { name: "into", required: true, list: "into-list", autocomplete: "off", spellcheck: "false" }), t("case.field.into_hint")), list);
}

function tierField(move, tier) {
  const at = TIERS.indexOf(tier);
  const levels = tier === "" ? TIERS : move === "escalate" ? TIERS.slice(at + 1) : TIERS.slice(0, Math.max(at, 0));
  return levels.length > 1 ? label(t("case.field.tier"), el("select", { name: "tier" }, el("option", { value: "" }, t(`case.field.tier_${move}`)), ...levels.map((level) => el("option", { value: level }, tierName(level))))) : null;
}

const hintOf = (move) => (known(`case.reason.${move}`) ? t(`case.reason.${move}`) : "");

// `tier` of the case, empty for several; `into` as pairs of id and words.
export function fieldsOf(move, { tier = "", into = [] } = {}) {
  const fields = move.needs.map((need) => {
    if (need === "unit") return unitField(tier);
    if (need === "until") return untilField(3);
    if (need === "score") return scoreField();
    if (need === "into") return intoField(into);
    if (need === "tier") return null;
    return label(t("case.field.reason"), el("textarea", { name: "reason", rows: "3", required: true, maxlength: "500" }), hintOf(move.key));
  });
  if (["escalate", "deescalate"].includes(move.key)) fields.push(tierField(move.key, tier));
  return fields.filter(Boolean);
}

// What was typed, as the body of a move; null with the wrong field in focus.
export function toldBy(form) {
  const data = new FormData(form);
  const told = {};
  for (const name of ["reason", "unit", "into", "tier"]) {
    const value = data.get(name);
    if (value !== null && (value !== "" || name === "unit")) told[name] = String(value).trim();
  }
  if (data.has("score")) told.score = Number(data.get("score"));
  if (data.has("until_day")) {
    told.until = moment(String(data.get("until_day")), String(data.get("until_time")));
    if (told.until === null) {
      form.elements.until_day.setCustomValidity(t("case.field.no_moment"));
      form.reportValidity();
      form.elements.until_day.addEventListener("input", () => form.elements.until_day.setCustomValidity(""), { once: true });
      return null;
    }
  }
  return told;
}

// What somebody typed, to be put back after the page was drawn anew.
export const typed = (form) => (form ? [...new FormData(form)] : []);
export function retype(form, pairs) {
  for (const [name, value] of pairs) {
    const field = form?.elements[name];
    if (field) field.value = value;
  }
}
