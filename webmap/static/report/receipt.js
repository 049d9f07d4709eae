// Follows one case by its receipt. The code stands behind the # of the address, which no browser sends to a server or a log.
import { el, lang, moment, named, t } from "./words.js";

const told = JSON.parse(document.getElementById("told").textContent);
const input = document.getElementById("code");
const box = document.getElementById("case");
const problem = document.getElementById("problem");
let shown = null;

async function ask(path, body) {
  try {
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": told.csrf };
    const answer = await fetch(path, { method: "POST", cache: "no-store", headers, body: JSON.stringify(body) });
    const got = await answer.json().catch(() => ({}));
    if (answer.ok) return got;
    problem.textContent = answer.status === 404 ? t("receipt.none") : got[lang] ?? String(answer.status);
  } catch {
    problem.textContent = t("receipt.offline");
  }
  return null;
}

const line = (name, value) => (value ? [el("dt", {}, t(name)), el("dd", {}, value)] : []);

async function move(name, values) {
  problem.textContent = "";
  const got = await ask("/api/receipts/move", { code: shown.code, move: name, version: shown.version, ...values });
  if (got) draw(got);
  else problem.scrollIntoView({ block: "center" });
}

function rating() {
  const stars = [1, 2, 3, 4, 5].map((score) => el("button", { type: "button", "aria-label": t("receipt.score", { n: score }), "aria-pressed": String(shown.score === score), onclick: () => move("rate", { score }) }, String(score)));
  return el("section", { id: "rate" }, el("h2", {}, t("receipt.rate")), el("div", { class: "stars", role: "group", "aria-label": t("receipt.rate") }, ...stars),
    el("p", { class: "hint" }, shown.score ? t("receipt.rated", { n: shown.score }) : t("receipt.score_ends")));
}

function withReason(name, word, why) {
  const text = el("textarea", { rows: "2", maxlength: "500", id: `why-${name}` });
  const go = el("button", { type: "button", onclick: () => { if (text.value.trim()) move(name, { reason: text.value.trim() }); else text.focus(); } }, t(word));
  return el("section", { id: name }, el("label", {}, t(why), text), el("div", { class: "acts" }, go));
}

const ASKED = { reopen: ["receipt.reopen", "receipt.reopen_why"], withdraw: ["receipt.withdraw", "receipt.withdraw_why"], info_given: ["receipt.info", "receipt.info_why"], appeal: ["receipt.appeal", "receipt.appeal_why"] };

function draw(got) {
  shown = got;
  const expected = got.expected_at ? `${moment(got.expected_at, told.zone)}${got.late ? ` (${t("receipt.late")})` : ""}` : got.open ? t("receipt.no_expected") : "";
  const open = Object.entries(ASKED).filter(([name]) => got.moves.includes(name)).map(([name, [word, why]]) => [name, withReason(name, word, why)]);
  // What is wanted of the reporter comes before the steps; to take it back comes last.
  const acts = [got.moves.includes("rate") ? rating() : "", ...open.filter(([name]) => name !== "withdraw").map(([, part]) => part)];
  box.replaceChildren(
    el("section", { id: "state-part" }, el("h2", { tabindex: "-1" }, named({ zh: got.words_zh, en: got.words_en })),
      got.merged_zh ? el("p", { class: "note" }, t("receipt.merged", { state: named({ zh: got.merged_zh, en: got.merged_en }) })) : "",
      el("dl", {}, ...line("receipt.code", got.code), ...line("report.category", named({ zh: got.category_zh, en: got.category_en })), ...line("receipt.place", named({ zh: got.place_zh, en: got.place_en })),
        ...line("report.address", got.address), ...line("report.text", got.text), ...line("receipt.reported", moment(got.created_at, told.zone)), ...line("receipt.expected", expected))),
    ...acts,
    el("section", {}, el("h2", {}, t("receipt.steps")), el("ol", { class: "steps" }, ...got.steps.map((step) => el("li", {}, el("time", { datetime: step.at }, moment(step.at, told.zone)), named(step), step.reason ? el("p", { class: "said" }, step.reason) : "")))),
    ...open.filter(([name]) => name === "withdraw").map(([, part]) => part),
  );
  box.querySelector("h2").focus();
}

async function look() {
  problem.textContent = "";
  box.replaceChildren();
  const code = input.value.normalize("NFKC").trim();
  if (!code) { input.focus(); return; }
  // Twelve digits may be a receipt or a work order: a receipt is looked for first.
  const isReceipt = /^[0-9A-Za-z]{4}[- ]?[0-9A-Za-z]{4}[- ]?[0-9A-Za-z]{4}$/.test(code);
  const paths = [...(isReceipt || !told.orders ? ["/api/receipts"] : []), ...(told.orders ? ["/api/receipts/order"] : [])];
  let got = null;
  for (const path of paths) {
    problem.textContent = "";
    got ??= await ask(path, { code });
  }
  if (!got) { input.focus(); return; }
  history.replaceState(null, "", `#${encodeURIComponent(code)}`);
  document.getElementById("other-language").hash = encodeURIComponent(code);
  draw(got);
}

document.getElementById("look").addEventListener("submit", (event) => { event.preventDefault(); look(); });
if (location.hash.length > 1) {
  input.value = decodeURIComponent(location.hash.slice(1));
  await look();
}
document.documentElement.dataset.ready = "yes";
