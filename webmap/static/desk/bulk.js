// One move for several cases, each with its own outcome: what was refused stays picked and says why.
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";
import { fieldsOf, toldBy } from "desk/move_form";
import { Refused, ask, newId, say } from "desk/talk";
import { placeName } from "desk/words";

const form = document.getElementById("bulk");
const results = document.getElementById("results");
// A merge and a rating are about one case alone.
const ALONE = new Set(["merge", "rate", "submit"]);

const possible = (cases) => boot.moves.filter((move) => !ALONE.has(move.key) && boot.my_moves.includes(move.key) && cases.some((event) => move.sources.includes(event.state)));

export function drawBulk(picked, { clear, done }) {
  const cases = [...picked.values()];
  form.hidden = !cases.length;
  if (!cases.length) return form.replaceChildren();
  const before = form.elements.move?.value ?? "";
  const moves = possible(cases);
  const select = el("select", { name: "move" }, el("option", { value: "" }, t("desk.bulk_choose")), ...moves.map((move) => el("option", { value: move.key, selected: move.key === before }, t("desk.bulk_move", { move: move[lang], n: cases.filter((event) => move.sources.includes(event.state)).length, of: cases.length }))));
  const fields = el("div", { class: "bulk-fields" });
  const go = el("button", { class: "primary", disabled: !select.value }, t("desk.bulk_go"));
  const shape = () => {
    const move = moves.find((each) => each.key === select.value);
    fields.replaceChildren(...(move ? fieldsOf(move) : []));
    go.disabled = !move;
  };
  select.addEventListener("change", shape);
  if (before !== select.value || !form.childElementCount || before) shape();
  form.replaceChildren(...[
    el("b", {}, t("desk.picked", { n: cases.length })),
    el("label", { class: "bulk-move" }, el("span", {}, t("desk.bulk")), select), fields, go,
    el("button", { type: "button", onclick: clear }, t("desk.unpick")),
    cases.length > 100 ? el("p", { class: "hint" }, t("desk.bulk_most")) : null].filter(Boolean));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const told = toldBy(form);
    if (!told || !select.value) return;
    go.disabled = true;
    go.textContent = t("desk.bulk_going");
    const sent = cases.slice(0, 100).map((each) => ({ ...told, event: each.id, move: select.value, version: each.version, id: newId() }));
    try {
      const answer = await ask("/api/events/transitions", { method: "POST", body: { moves: sent } });
      tellResults(answer.results, picked);
      form.replaceChildren();
      done(answer.results);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(error.message, true);
      go.disabled = false;
      go.textContent = t("desk.bulk_go");
    }
  };
}

function tellResults(rows, picked) {
  const good = rows.filter((row) => row.ok).length;
  const line = (row) => el("li", { class: row.ok ? "good" : "bad" }, el("a", { href: `/desk/${encodeURIComponent(row.event)}` }, placeName(picked.get(row.event) ?? {})), " ", row.ok ? t("desk.result_ok") : t("desk.result_bad", { why: row[lang] }));
  results.hidden = false;
  results.replaceChildren(
    el("p", { role: "status" }, el("b", {}, t("desk.results", { n: good, of: rows.length }))),
    el("ul", {}, ...rows.filter((row) => !row.ok).map(line), ...rows.filter((row) => row.ok).map(line)),
    el("button", { type: "button", onclick: () => { results.hidden = true; results.replaceChildren(); } }, t("export.close")));
}
