// A hot spot proposed as a key area: its outline goes in, with its id; before and after are told where key areas are kept.
import { el, n0 } from "wangge/format";
import { t } from "wangge/i18n";
import { forgetKeyAreas } from "wangge/layers";
import { drawLayerList } from "wangge/menu";
import { change as send } from "wangge/plan_api";
import { change, lang, may, state } from "wangge/state";

const MOST_NAME = 60;
// By hot spot, so that a list that is drawn anew keeps what was typed, and a second click sends the same proposal.
const drafts = new Map();

// randomUUID is offered to secure pages only; these bytes are to all.
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// The button, and behind it the form; null for whoever may not propose.
export function keyAreaForm(feature, told) {
  if (!may("propose_key_areas") || feature.properties.rank === null) return null;
  const it = feature.properties;
  if (!drafts.has(it.key)) drafts.set(it.key, { id: newId(), ...usual(it, told), open: false, kept: false });
  const draft = drafts.get(it.key);
  const box = el("details", { class: "how", id: "spot-key-area", open: draft.open }, el("summary", {}, t("spots.key_area")));
  box.addEventListener("toggle", () => { draft.open = box.open; });
  box.append(draft.kept ? done() : form(feature, draft, box));
  return box;
}

function usual(it, told) {
  const period = `${told.period.first_day} - ${told.period.last_day}`;
  return {
    name: (it[`place_${lang}`] || it.id).slice(0, MOST_NAME),
    why: t("spots.key_area_usual", { period, rank: n0(it.rank), n: n0(it.count), of: n0(told.counted), top: it.top.map((each) => each[lang]).join(t("list.comma")) }),
  };
}

function form(feature, draft, box) {
  const name = el("input", { name: "name", maxlength: String(MOST_NAME), required: true, value: draft.name });
  const why = el("textarea", { name: "why", rows: "3", maxlength: "2000", required: true }, draft.why);
  const go = el("button", { type: "submit", class: "primary" }, t("spots.key_area_send"));
  name.addEventListener("input", () => { draft.name = name.value; });
  why.addEventListener("input", () => { draft.why = why.value; });
  const fields = el("form", {}, el("label", {}, t("spots.key_area_name"), name), el("label", {}, t("spots.key_area_why"), why), el("p", { class: "hint" }, t("spots.key_area_hint")), go);
  fields.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const { geometry: outline, properties: it } = feature;
    const answer = await send("/api/keyareas", { id: draft.id, name: name.value, why: why.value, outline, hot_spot: it.id });
    go.disabled = false;
    if (!answer) return;
    draft.kept = true;
    fields.replaceWith(done());
    box.querySelector("a").focus();
    if (may("see_key_areas")) show();
  });
  return fields;
}

// The proposal is seen on the map at once, dashed.
function show() {
  state.layers.add("key_areas");
  forgetKeyAreas();
  change({}, "layers");
  drawLayerList();
}

const done = () => el("p", { role: "status" }, `${t("spots.key_area_done")} `, el("a", { href: `/side?lang=${lang}#areas-title` }, t("spots.key_area_open")));
