// One case: what it is, what may be done with it now, and what was done. What somebody types stays when the case changes.
import { el, momentOf } from "wangge/format";
import { t } from "wangge/i18n";
import { follow } from "wangge/live";
import { lang, onChange } from "wangge/state";
import "desk/theme";
import { drawLinks, drawPhotos } from "desk/case_files";
import { drawMap, drawNear } from "desk/case_map";
import { drawClocks, drawDuplicates, drawFacts, drawHistory, drawNow, drawWhy, lineOf } from "desk/case_parts";
import { fieldsOf, retype, toldBy, typed } from "desk/move_form";
import { startNotices } from "desk/notices";
import { startPatrol } from "desk/patrol";
import { Refused, ask, newId, say } from "desk/talk";
import { categoryName, placeName, roleName, stateName } from "desk/words";

let told = JSON.parse(document.getElementById("case").textContent);
const path = `/api/events/${encodeURIComponent(told.event.id)}`;
const formBox = document.getElementById("move-form");
const stale = document.getElementById("stale");
let moves = [];
let chosen = null;
let duplicates = [];
let near = null;
let sending = null;

function draw() {
  drawNow(told.event);
  drawFacts(told);
  drawHistory(told.history ?? []);
  drawClocks(told.clocks ?? []);
  drawWhy(told.route);
}

function drawMoves() {
  const box = document.getElementById("moves");
  if (!moves.length) return box.replaceChildren(el("p", { class: "hint" }, t("case.no_moves")));
  const button = (move) => el("button", { type: "button", "data-move": move.move, "aria-expanded": String(chosen?.move === move.move), class: chosen?.move === move.move ? "primary" : "", onclick: () => open(move) }, move[lang]);
  return box.replaceChildren(el("div", { class: "move-buttons" }, ...moves.map(button)));
}

const choices = () => [
  ...duplicates.map((each) => [each.id, t("case.dup.metres", { m: Math.round(each.distance_m) })]),
  ...(near?.events ?? []).filter((each) => !duplicates.some((other) => other.id === each.id)).map((each) => [each.id, `${each[`category_${lang}`]} ${t("case.metres", { m: Math.round(each.distance_m) })}`]),
];

function open(move, into = "") {
  chosen = move;
  sending = newId();
  drawMoves();
  const fields = fieldsOf({ ...move, key: move.move }, { tier: told.event.tier, into: choices() });
  const form = el("form", { id: "the-move", "aria-label": move[lang], onsubmit: send },
    el("h3", {}, move.to && move.to !== told.event.state ? t("case.do", { move: move[lang], state: stateName(move.to) }) : move[lang]), ...fields,
    el("p", { class: "problem", role: "alert", hidden: true }),
    el("div", { class: "row" }, el("button", { class: "primary" }, t("case.confirm", { move: move[lang] })), el("button", { type: "button", onclick: close }, t("case.cancel"))));
  formBox.replaceChildren(form);
  if (into && form.elements.into) form.elements.into.value = into;
  (form.querySelector("textarea, select, input") ?? form.querySelector("button")).focus();
}

function close() {
  const was = chosen;
  chosen = null;
  formBox.replaceChildren();
  drawMoves();
  document.querySelector(`[data-move="${was?.move}"]`)?.focus();
}

const problem = (words) => {
  const line = formBox.querySelector(".problem");
  line.hidden = !words;
  line.textContent = words;
};

async function send(event) {
  event.preventDefault();
  const body = toldBy(event.target);
  if (!body) return;
  const button = event.target.querySelector("button.primary");
  button.disabled = true;
  problem("");
  try {
    await ask(`${path}/transitions`, { method: "POST", body: { ...body, move: chosen.move, version: told.event.version, id: sending }, headers: { "If-Match": `"${told.event.version}"` } });
    const name = chosen[lang];
    close();
    stale.hidden = true;
    await refresh({ mine: true });
    say(t("case.done", { move: name, state: stateName(told.event.state) }));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem(error.message);
    // A refused id has done nothing; another try is another move. On a dead line the same id is sent again.
    if (error.status) sending = newId();
    if (error.status === 412 || error.status === 409) await refresh();
  } finally {
    button.disabled = false;
  }
}

// Who (by role) did what since the version that was on the page.
function tellStale(seen) {
  const fresh = (told.history ?? []).filter((entry) => entry.version > seen);
  stale.hidden = false;
  const gone = chosen && !moves.some((move) => move.move === chosen.move);
  stale.replaceChildren(
    el("b", {}, t("case.changed")), " ",
    ...fresh.map((entry) => el("span", { class: "block" }, t("case.changed_by", { role: roleName(entry.role), at: momentOf(entry.at), what: lineOf(entry) }))),
    chosen ? el("span", { class: "block" }, t(gone ? "case.typed_gone" : "case.typed_kept")) : "",
    el("button", { type: "button", onclick: () => { stale.hidden = true; } }, t("case.seen")));
}

async function refresh({ mine = false } = {}) {
  const seen = told.event.version;
  try {
    const [fresh, allowed] = await Promise.all([ask(path), ask(`${path}/moves`)]);
    told = fresh;
    moves = allowed.moves;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return say(error.message, true);
  }
  const kept = typed(formBox.querySelector("form"));
  draw();
  drawMoves();
  if (told.event.version !== seen && !mine) tellStale(seen);
  retype(formBox.querySelector("form"), kept);
  proposeDuplicates();
  return undefined;
}

function proposeDuplicates() {
  const merge = moves.find((move) => move.move === "merge");
  drawDuplicates(duplicates.filter((each) => each.id !== told.event.merged_into), merge ? (id) => open(merge, id) : null);
}

async function around() {
  const [found, context] = await Promise.all([ask(`${path}/duplicates`).catch(() => ({ duplicates: [] })), ask(`${path}/nearby`).catch(() => null)]);
  duplicates = found.duplicates ?? [];
  near = context;
  proposeDuplicates();
  const seen = await drawMap(told.event, near);
  if (near) drawNear(near, seen);
  else document.getElementById("near").replaceChildren(el("p", { class: "hint" }, t("case.near_failed")));
}

draw();
drawLinks(told.event.id);
document.title = `${categoryName(told.event)} · ${placeName(told.event)}`;
await Promise.all([refresh({ mine: true }), around(), drawPhotos(told.event.id), startPatrol(told.event)]);
onChange("live", (layers) => layers.has("events") && refresh());
onChange("online", () => refresh());
startNotices();
follow();
setInterval(() => drawNow(told.event), 30000);
document.documentElement.dataset.ready = "yes";
