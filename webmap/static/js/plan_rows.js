// Rows of the plan that is being edited, dragged by their grip: beside another row to take that place, onto a team's head to go
// to that team at its best place. Pointer events, so that a finger drags as a mouse does; keys have the buttons beside it.
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { isEditing, key, moveTo } from "wangge/plan_edit";

const EDGE_PX = 40;
const MARKS = ["drop-before", "drop-after", "over"];

function unmark() {
  document.querySelectorAll(MARKS.map((name) => `.${name}`).join(",")).forEach((node) => node.classList.remove(...MARKS));
}

// The row or team under the pointer, marked; what letting go there would mean.
function target(event, visit, team, order) {
  unmark();
  const node = document.elementFromPoint(event.clientX, event.clientY);
  const row = node?.closest("li[data-visit]");
  const card = node?.closest("[data-team]");
  if (!card || (visit.kind === "break" && card.dataset.team !== team.name)) return null;
  const own = card.dataset.team === team.name;
  if (!row) {
    if (own) return null;
    card.classList.add("over");
    return { team: card.dataset.team, number: null };
  }
  const box = row.getBoundingClientRect();
  const after = event.clientY > box.top + box.height / 2;
  row.classList.add(after ? "drop-after" : "drop-before");
  const at = Number(row.dataset.order) + (after ? 1 : 0);
  return { team: card.dataset.team, number: at + 1 - (own && order < at ? 1 : 0) };
}

function scroll(pane, y) {
  const box = pane.getBoundingClientRect();
  if (y < box.top + EDGE_PX) pane.scrollBy(0, -12);
  if (y > box.bottom - EDGE_PX) pane.scrollBy(0, 12);
}

export function grip(team, visit, order) {
  if (!isEditing() || visit.locked) return null;
  const handle = el("span", { class: "grip", "aria-hidden": "true", title: t("plan.drag.row") }, "⠿");
  let meant = null;
  const end = () => {
    handle.removeEventListener("pointermove", move);
    handle.closest("li")?.classList.remove("dragged");
    unmark();
  };
  function move(event) {
    const pane = handle.closest(".pane");
    if (pane) scroll(pane, event.clientY);
    meant = target(event, visit, team, order);
  }
  handle.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    meant = null;
    handle.setPointerCapture(event.pointerId);
    handle.closest("li").classList.add("dragged");
    handle.addEventListener("pointermove", move);
  });
  handle.addEventListener("pointercancel", end);
  handle.addEventListener("pointerup", () => {
    end();
    if (meant) moveTo(visit.id, meant.team, meant.number, `up-${key(visit)}`);
    meant = null;
  });
  return handle;
}
