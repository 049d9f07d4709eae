// The parts of a case in words: what it is now, its facts, clocks and history. They draw what they are given and ask for nothing.
import { el, momentOf, n0, n1, pct } from "wangge/format";
import { known, t } from "wangge/i18n";
import { lang } from "wangge/state";
import { categoryName, clockWords, counted, moveName, placeName, roleName, sourceName, stageName, stateName, tierName, unitName, urgencyOf, when } from "desk/words";

const place = (id) => document.getElementById(id);
const countWords = (counts) => Object.entries(counts ?? {}).filter(([, n]) => n > 0).map(([name, n]) => t(`case.count.${name}`, { n }));

export function drawNow(event) {
  const urgency = urgencyOf(event);
  place("case-title").textContent = `${categoryName(event)} · ${placeName(event)}`;
  document.title = `${categoryName(event)} · ${t("case.title")}`;
  place("now").dataset.urgency = urgency;
  place("now").replaceChildren(
    el("p", { class: "now-line" }, el("span", { class: "pill", "data-state": event.state }, stateName(event.state)), el("b", { class: "urgency" }, t(`desk.urgency.${urgency}`)), el("span", {}, [event.stage ? stageName(event.stage) : "", clockWords(event)].filter(Boolean).join(" · "))),
    el("p", { class: "now-line" }, t("case.with", { unit: event.unit ? event[`unit_${lang}`] || unitName(event.unit) : unitName("", event.tier), tier: tierName(event.tier) }), " ", el("small", {}, t("case.version", { n: event.version }))),
    event.ask ? el("p", { class: "asked" }, askWords(event.ask)) : "",
    event.merged_into ? el("p", {}, t("case.merged_into"), " ", el("a", { href: `/desk/${encodeURIComponent(event.merged_into)}` }, event.merged_into)) : "",
    countWords(event.counts).length ? el("p", { class: "hint" }, countWords(event.counts).join(t("list.comma"))) : "");
}

function askWords(ask) {
  return [t("case.asked", { what: t(`case.ask.${ask.kind}`) }), ask.unit ? unitName(ask.unit) : "", ask.until ? t("case.until", { until: when(ask.until) }) : "", ask.reason ? t("case.because", { reason: ask.reason }) : ""].filter(Boolean).join(" · ");
}

export function drawFacts(told) {
  const { event } = told;
  const rows = [
    ["category", categoryName(event)],
    ["text", event.text],
    ["place", placeName(event)],
    ["address", event.address],
    ["occurred", momentOf(event.occurred_at)],
    ["received", event.created_at ? momentOf(event.created_at) : ""],
    ["source", sourceName(event.source)],
    ["found", known(`filter.found_${event.found_by}`) ? t(`filter.found_${event.found_by}`) : event.found_by],
    ["work_order", told.work_order],
    ["coordinates", event.lon === null || event.lon === undefined ? "" : `${event.lon.toFixed(5)}, ${event.lat.toFixed(5)}`],
    ["id", event.id],
  ];
  const list = place("facts");
  list.replaceChildren();
  for (const [name, value] of rows) if (value) list.append(el("dt", {}, t(`case.fact.${name}`)), el("dd", {}, String(value)));
  if (told.merged?.length) {
    list.append(el("dt", {}, t("case.fact.merged")), el("dd", {}, ...told.merged.map((id) => el("a", { class: "block", href: `/desk/${encodeURIComponent(id)}` }, id))));
  }
}

// "11-23 12:00  desk: dispatch → dispatched · unit A → B · because ..."
export function lineOf(entry) {
  const moved = entry.from !== entry.to ? t("case.to_state", { state: stateName(entry.to) }) : "";
  const unit = entry.unit_from !== entry.unit_to ? t("case.unit_change", { from: unitName(entry.unit_from, entry.tier_from), to: unitName(entry.unit_to, entry.tier_to) }) : "";
  const tier = entry.tier_from !== entry.tier_to && entry.tier_from ? t("case.tier_change", { from: tierName(entry.tier_from), to: tierName(entry.tier_to) }) : "";
  return [
    `${entry[lang] || moveName(entry.move)}${moved}`, tier, unit,
    entry.until ? t("case.until", { until: when(entry.until) }) : "",
    entry.into ? t("case.into", { id: entry.into }) : "",
    entry.score ? t("case.scored", { score: entry.score }) : "",
    entry.reason ? t("case.because", { reason: entry[`reason_${lang}`] || entry.reason }) : "",
  ].filter(Boolean).join(" · ");
}

export function drawHistory(history) {
  const line = (entry) => el("li", {}, el("time", { datetime: entry.at }, momentOf(entry.at)), el("b", {}, roleName(entry.role)), el("span", {}, lineOf(entry)));
  place("history").replaceChildren(...(history.length ? history.map(line) : [el("li", { class: "none" }, t("case.no_history"))]));
}

function clockState(clock) {
  if (clock.stopped_at) return t(clock.in_time ? "case.clock.done" : "case.clock.late");
  if (clock.paused) return t("case.clock.paused");
  const left = counted(clock.left_s, clock.unit);
  return t(clock.left_s < 0 ? "case.clock.over" : "case.clock.left", { left });
}

export function drawClocks(clocks) {
  if (!clocks.length) return place("clocks").replaceChildren(el("p", { class: "hint" }, t("case.no_clocks")));
  const row = (clock) => el("tr", { class: clock.stopped_at ? "" : "running" },
    el("th", { scope: "row" }, stageName(clock.stage), clock.round > 1 ? el("small", {}, ` ${t("case.round", { n: clock.round })}`) : ""),
    el("td", {}, when(clock.started_at)), el("td", {}, clock.due_at ? when(clock.due_at) : "–"), el("td", {}, clockState(clock)));
  const heads = ["stage", "start", "due", "state"].map((name) => el("th", { scope: "col" }, t(`case.clock.head_${name}`)));
  return place("clocks").replaceChildren(el("table", { class: "list" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...clocks.map(row))));
}

export function drawDuplicates(found, merge) {
  place("duplicates-card").hidden = !found.length;
  const words = (each) => [
    each.distance_m === null || each.distance_m === undefined ? "" : t("case.dup.metres", { m: n0(each.distance_m) }), t("case.dup.hours", { h: n1(Math.abs(each.hours)) }),
    t(each.parts?.category >= 1 ? "case.dup.same" : "case.dup.other"), stateName(each.state), t("case.dup.score", { score: pct(each.score) }),
  ].filter(Boolean).join(" · ");
  place("duplicates").replaceChildren(el("ul", { class: "dups" }, ...found.map((each) => el("li", {}, el("a", { href: `/desk/${encodeURIComponent(each.id)}` }, t("case.dup.open")), " ", el("span", {}, words(each)),
    merge ? el("button", { type: "button", onclick: () => merge(each.id) }, t("case.dup.merge")) : ""))));
}

export function drawWhy(route) {
  const steps = route?.steps ?? [];
  place("why-card").hidden = !steps.length;
  if (!steps.length) return;
  const line = (step) => el("li", { class: step.matched ? "hit" : "" }, step[lang]);
  const hit = steps.find((step) => step.matched);
  const rest = steps.filter((step) => step !== hit);
  place("why").replaceChildren(
    el("p", {}, t(hit ? "case.why_rule" : "case.why_none", { rule: route.rule ?? "", unit: unitName(route.unit, route.tier), tier: tierName(route.tier) })),
    hit ? el("ul", { class: "steps" }, line(hit)) : "",
    rest.length ? el("details", {}, el("summary", {}, t("case.why_rest", { n: rest.length })), el("ul", { class: "steps" }, ...rest.map(line))) : "");
}
