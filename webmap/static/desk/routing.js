// The rules that say where a report goes, as a table to edit: faults beside their row, a preview by the rows as they stand.
import { el, momentOf } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";
import "desk/theme";
import { Refused, ask, say } from "desk/talk";
import { sourceName, tierName, unitName } from "desk/words";
import { moment } from "desk/zone";

const FIELDS = ["category", "area", "hours", "weekdays", "source", "found_by", "unit", "tier"];
const TIERS = ["community", "street", "district", "city"];
const table = document.getElementById("rules");
const box = document.getElementById("routing-state");
const mayEdit = boot.edits_rules;
let version = 0;
let rows = [];
let changed = false;

const blank = () => ({ category: "*", area: "*", hours: "*", weekdays: "*", source: "*", found_by: "*", unit: "", tier: "" });

// Codes are short and say little; what they stand for is told where the pointer rests.
const categories = new Map(boot.categories.map((each) => [each.code, each.name]));
const namesOf = (text, names) => text.split(/\s+/).map((code) => (names.has(code) ? `${code} ${names.get(code)}` : code)).join("\n");
const titleOf = (row, name) => (name === "category" ? namesOf(row[name], categories) : name === "area" ? namesOf(row[name], areaNames) : null);
const areaNames = new Map(boot.areas.map((area) => [area.code, area[lang]]));

function control(row, name) {
  const shared = { "aria-label": t(`routing.${name}`), disabled: !mayEdit, onchange: (event) => { row[name] = event.target.value.trim() || (name === "unit" || name === "tier" ? "" : "*"); touch(); } };
  const pick = (options) => el("select", shared, ...options.map(([value, words]) => el("option", { value, selected: value === (row[name] ?? "") }, words)));
  if (name === "unit") return pick([["", t("routing.desk")], ...boot.units.map((unit) => [unit.code, unit[lang]])]);
  if (name === "tier") return pick([["", t("routing.by_area")], ...TIERS.map((tier) => [tier, tierName(tier)])]);
  if (name === "found_by") return pick([["*", t("filter.found_all")], ["report", t("filter.found_report")], ["patrol", t("filter.found_patrol")]]);
  return el("input", { ...shared, value: row[name] ?? "*", title: titleOf(row, name), list: { category: "category-list", area: "area-list", source: "source-list" }[name], spellcheck: "false", autocomplete: "off", class: name });
}

function touch() {
  changed = true;
  document.getElementById("routing-save")?.removeAttribute("disabled");
}

// Rules are named by their order wherever a decision is explained: it is rewritten only when a row comes, goes or moves.
function renumber() {
  rows.forEach((row, at) => { row.order = (at + 1) * 10; });
  touch();
}

function move(at, by) {
  const to = at + by;
  if (to < 0 || to >= rows.length) return;
  rows.splice(to, 0, ...rows.splice(at, 1));
  renumber();
  draw();
  table.querySelectorAll("tbody tr.rule")[to].querySelector(by < 0 ? ".up" : ".down").focus();
}

const small = (name, act, off = false) => el("button", { type: "button", class: name, "aria-label": t(`routing.${name}`), title: t(`routing.${name}`), onclick: act, disabled: off }, { up: "↑", down: "↓", drop: "×" }[name]);

function draw(faults = []) {
  table.hidden = false;
  const heads = [el("th", { scope: "col" }, t("routing.order")), ...FIELDS.map((name) => el("th", { scope: "col" }, t(`routing.${name}`))), ...(mayEdit ? [el("th", { scope: "col" }, el("span", { class: "hidden-words" }, t("routing.tools")))] : [])];
  const lines = rows.flatMap((row, at) => {
    const wrong = faults.filter((fault) => fault.row === at + 1);
    const cells = FIELDS.map((name) => {
      const cell = el("td", { "data-field": name, "data-name": t(`routing.${name}`) }, control(row, name));
      if (wrong.some((fault) => fault.field === name)) cell.firstChild.setAttribute("aria-invalid", "true");
      return cell;
    });
    const tools = mayEdit ? el("td", { class: "row-tools" }, small("up", () => move(at, -1), at === 0), small("down", () => move(at, 1), at === rows.length - 1), small("drop", () => { rows.splice(at, 1); renumber(); draw(); })) : null;
    const line = el("tr", { class: wrong.length ? "rule wrong" : "rule", "data-row": at + 1 }, el("th", { scope: "row" }, String(row.order)), ...cells, tools);
    return wrong.length ? [line, el("tr", { class: "fault" }, el("td", { colspan: FIELDS.length + 2, role: "alert" }, wrong.map((fault) => fault[lang]).join(" ")))] : [line];
  });
  table.replaceChildren(el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...lines));
}


async function load() {
  try {
    const answer = await ask("/api/routing");
    version = answer.version;
    rows = answer.rows.map((row) => ({ ...blank(), ...row }));
    changed = false;
    box.hidden = rows.length > 0;
    box.textContent = rows.length ? "" : t("routing.none");
    document.getElementById("routing-version").textContent = answer.at ? t("routing.version", { n: version, at: momentOf(answer.at) }) : t("routing.version_none", { n: version });
    if (answer.note) document.getElementById("routing-version").append(` · ${answer.note}`);
    draw();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    box.hidden = false;
    box.className = "state-box bad";
    box.replaceChildren(el("p", {}, error.message), el("button", { type: "button", onclick: load }, t("desk.again")));
  }
}

async function save(event) {
  event.preventDefault();
  const note = event.target.elements.note.value.trim();
  try {
    await ask("/api/routing", { method: "PUT", body: { version, rows, note } });
    await load();
    document.getElementById("routing-save").disabled = true;
    event.target.elements.note.value = "";
    say(t("routing.saved", { n: version }));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    draw(error.faults);
    say(error.faults.length ? t("routing.faults", { n: error.faults.length }) : error.message, true);
    table.querySelector(".fault")?.scrollIntoView({ block: "nearest" });
  }
}

function tools() {
  const lists = [
    el("datalist", { id: "category-list" }, el("option", { value: "*" }, t("routing.any")), ...boot.categories.map((each) => el("option", { value: each.code }, each.name))),
    el("datalist", { id: "area-list" }, el("option", { value: "*" }, t("routing.any")), ...boot.areas.filter((area) => area.level !== "grid").map((area) => el("option", { value: area.code }, area[lang]))),
    el("datalist", { id: "source-list" }, el("option", { value: "*" }, t("routing.any")), ...boot.sources.map((each) => el("option", { value: each }, sourceName(each)))),
  ];
  const form = mayEdit ? el("form", { class: "save-line", onsubmit: save },
    el("button", { type: "button", id: "routing-add", onclick: () => { rows.push(blank()); renumber(); box.hidden = true; draw(); table.querySelector("tbody tr.rule:last-of-type input").focus(); } }, t("routing.add")),
    el("label", {}, el("span", {}, t("routing.note")), el("input", { name: "note", maxlength: "200", required: true })),
    el("button", { class: "primary", id: "routing-save", disabled: true }, t("routing.save"))) : el("p", { class: "hint" }, t("routing.read_only"));
  document.getElementById("routing-tools").append(...lists, form);
}

function previewForm() {
  const form = document.getElementById("preview-form");
  const grids = boot.areas.filter((area) => area.level === "grid" && area.kind !== "special");
  const field = (name, input, hint = "") => el("label", {}, el("span", {}, t(`routing.ask.${name}`)), input, hint ? el("small", {}, hint) : null);
  const now = new Date();
  const clock = momentOf(now).split(" ");
  form.append(
    field("category", el("select", { name: "category" }, ...boot.categories.map((each) => el("option", { value: each.code }, `${each.code} ${each.name}`)))),
    field("grid", el("select", { name: "grid" }, ...grids.map((area) => el("option", { value: area.code }, area[lang])))),
    field("day", el("input", { name: "day", class: "day", inputmode: "numeric", value: clock[0], required: true })),
    field("time", el("input", { name: "time", class: "day", inputmode: "numeric", value: clock[1], required: true })),
    field("source", el("select", { name: "source" }, ...boot.sources.map((each) => el("option", { value: each }, sourceName(each))))),
    field("found_by", el("select", { name: "found_by" }, el("option", { value: "report" }, t("filter.found_report")), el("option", { value: "patrol" }, t("filter.found_patrol")))),
    el("button", { class: "primary" }, t("routing.try")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const at = moment(String(data.get("day")), String(data.get("time")));
    if (!at) return say(t("case.field.no_moment"), true);
    const [west, south, east, north] = grids.find((area) => area.code === data.get("grid"))?.box ?? [0, 0, 0, 0];
    const report = { scheme: "wangge", category: data.get("category"), occurred_at: at, source: data.get("source"), found_by: data.get("found_by"), lon: (west + east) / 2, lat: (south + north) / 2 };
    try {
      const answer = await ask("/api/routing/preview", { method: "POST", body: changed ? { report, rows } : { report } });
      drawRoute(answer.route);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.faults.length) draw(error.faults);
      document.getElementById("preview").replaceChildren(el("p", { class: "problem" }, error.message));
    }
    return undefined;
  });
}

function drawRoute(route) {
  const hit = route.steps.find((step) => step.matched);
  document.getElementById("preview").replaceChildren(
    el("p", { class: "preview-line" }, el("b", {}, unitName(route.unit, route.tier)), " · ", tierName(route.tier), " · ", hit ? t("routing.by_rule", { n: route.rule }) : t("routing.by_none"), changed ? ` · ${t("routing.unsaved")}` : ""),
    el("ol", { class: "steps" }, ...route.steps.map((step) => el("li", { class: step.matched ? "hit" : "" }, step[lang]))));
}

tools();
previewForm();
await load();
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
document.documentElement.dataset.ready = "yes";
