// One case as a row: made once, then only its words change, so that a row never moves while somebody reaches for it.
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { lang } from "wangge/state";
import { categoryName, clockWords, placeName, sourceName, stageName, stateName, tierName, unitName, urgencyOf } from "desk/words";

const SHOWN = 60;
const cut = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

export function makeRow(event, { onpick, onfocus }) {
  const pick = el("input", { type: "checkbox", "aria-label": t("desk.pick", { place: placeName(event) }), onchange: () => onpick(event.id, pick.checked) });
  const row = el("tr", { tabindex: "-1", onfocus: () => onfocus(event.id) },
    el("td", { class: "pick" }, el("label", { class: "pick-area" }, pick)),
    el("td", { class: "clock" }, el("b", { class: "urgency" }), el("span", { class: "due" })),
    el("td", { class: "place" }, el("a", { href: `/desk/${encodeURIComponent(event.id)}` }), el("small", {})),
    el("td", { class: "what" }, el("span", {}), el("small", {})),
    el("td", { class: "stage" }, el("span", { class: "pill" }), el("small", {})),
    el("td", { class: "tier" }, el("span", {}), el("small", {})),
    el("td", { class: "source" }, el("span", {}), el("small", { class: "outcome" })));
  row.dataset.id = event.id;
  fill(row, event);
  return row;
}

export function fill(row, event, now = new Date()) {
  const part = (selector) => row.querySelector(selector);
  const urgency = urgencyOf(event, now);
  row.dataset.urgency = urgency;
  part(".urgency").textContent = t(`desk.urgency.${urgency}`);
  part(".due").textContent = clockWords(event, now);
  part(".place a").textContent = placeName(event);
  part(".place small").textContent = event.address;
  part(".what span").textContent = categoryName(event);
  part(".what small").textContent = cut(event.text ?? "");
  part(".stage .pill").textContent = event[`state_${lang}`] || stateName(event.state);
  part(".stage .pill").dataset.state = event.state;
  part(".stage small").textContent = event.stage ? stageName(event.stage) : "";
  part(".tier span").textContent = tierName(event.tier);
  part(".tier small").textContent = event.unit ? event[`unit_${lang}`] || unitName(event.unit) : unitName("", event.tier);
  part(".source span").textContent = sourceName(event.source);
  row.classList.remove("gone");
}

// The case has left the list; its row stays where it is until the reader takes the news.
export function leave(row) {
  row.classList.add("gone");
  row.querySelector(".urgency").textContent = t("desk.left_list");
}

export function outcome(row, words, bad) {
  const cell = row.querySelector(".outcome");
  cell.textContent = words;
  cell.classList.toggle("bad", bad);
}
