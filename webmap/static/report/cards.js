// What is on this phone: drafts, what waits, what was refused, receipts. One card each, with what can be done about it.
import { categoryName } from "./category.js";
import { isWaiting } from "./drafts.js";
import { el, lang, moment, named, t } from "./words.js";

function stateOf(record) {
  if (record.state === "sent") return isWaiting(record) ? "photos" : "sent";
  return record.state;
}

function problem(record) {
  if (record.state === "conflict") return el("p", { class: "refused" }, record.code === "work_order" ? record[lang] : t("report.conflict"));
  if (record.state === "refused") return el("p", { class: "refused" }, t("report.was_refused", { why: record[lang] }));
  const refused = record.photos.filter((photo) => photo.state === "refused");
  return refused.length ? el("p", { class: "refused" }, t("report.photo_refused", { why: refused[0][lang] })) : null;
}

function receipt(record) {
  if (!record.receipt) return null;
  return el("p", { class: "receipt" }, el("span", {}, t("report.receipt")), el("code", {}, record.receipt),
    el("a", { href: `/receipt#${record.receipt}` }, t("report.follow")));
}

function buttons(record, todo) {
  // What was once on its way may have arrived: it is sent as it is and not changed under the server's hands.
  const open = ["draft", "refused", "conflict"].includes(record.state) || (record.state === "waiting" && !record.attempted);
  const photos = record.state === "sent" && record.photos.some((photo) => photo.state === "refused");
  return [
    open ? el("button", { type: "button", onclick: () => todo.edit(record) }, t(record.state === "conflict" && record.code !== "work_order" ? "report.as_new" : "report.edit")) : null,
    open ? el("button", { type: "button", onclick: () => todo.remove(record) }, t("report.drop")) : null,
    photos ? el("button", { type: "button", onclick: () => todo.again(record) }, t("report.again")) : null,
  ].filter(Boolean);
}

export function drawList(list, records, zone, todo) {
  list.replaceChildren(...records.map((record) => {
    const state = stateOf(record);
    const acts = buttons(record, todo);
    return el("li", { "data-state": state, "data-id": record.id },
      el("p", { class: "head" }, el("strong", {}, categoryName(record.category) || t("report.no_category_yet")), el("span", { class: "tag" }, t(`report.state.${state}`))),
      el("p", { class: "hint" }, [moment(record.occurred_at || record.made, zone), record.place ? named(record.place) : ""].filter(Boolean).join(" · ")),
      record.text ? el("p", { class: "said" }, record.text) : null, receipt(record), problem(record), acts.length ? el("div", { class: "acts" }, ...acts) : null);
  }));
}

// Right after sending: the receipt large, with the text as the server keeps it.
export function showReceipt(record) {
  const box = document.getElementById("done");
  box.hidden = !record;
  if (!record) return;
  const parts = record.state === "sent"
    ? [el("h2", { tabindex: "-1" }, t("report.thanks")), receipt(record), record.text ? el("p", { class: "said" }, t("report.kept_text", { text: record.text })) : null, el("p", { class: "hint" }, t("report.keep_receipt"))]
    : [el("h2", { tabindex: "-1" }, t(record.state === "waiting" ? "report.will_be_sent" : "report.not_sent")), problem(record)];
  box.replaceChildren(...parts.filter(Boolean));
  box.querySelector("h2").focus();
}
