// Sends a file of work orders to be checked or taken, and shows what became of its rows.
import { el, lang, t } from "./words.js";

const csrf = document.querySelector("meta[name=csrf]").content;
const file = document.getElementById("file");
const problem = document.getElementById("problem");
const box = document.getElementById("outcome");
const buttons = [...document.querySelectorAll("form button")];

const line = (name, value) => [el("dt", {}, t(name)), el("dd", {}, value)];
const counts = (masked) => Object.entries(masked).map(([kind, n]) => `${t(`orders.kind.${kind}`)} ${n}`).join(lang === "zh" ? "、" : ", ");

// Rows that start a formula in a spreadsheet are made harmless, as in every file that leaves the server.
const cell = (value) => `"${String(value).replace(/^([=+\-@\t\r\n])/, "'$1").replaceAll('"', '""')}"`;

function rejectsFile(rows) {
  const head = [t("orders.row"), t("orders.field"), t("orders.value"), t("orders.reason")];
  const text = [head, ...rows.map((row) => [row.row, row.field, row.value, row[`reason_${lang}`]])].map((row) => row.map(cell).join(",")).join("\r\n");
  return URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
}

function draw(got, checked) {
  const rows = got.rejects.slice(0, 200);
  box.replaceChildren(
    el("section", { id: "summary" }, el("h2", { tabindex: "-1" }, t(checked ? "orders.would_be" : "orders.done")),
      el("dl", {}, ...line("orders.rows", String(got.rows_in)), ...line(checked ? "orders.would_make" : "orders.made", String(got.made)), ...line("orders.known", String(got.known)),
        ...line("orders.rejected", String(got.rows_rejected)), ...line("orders.dropped", got.dropped_personal.join(lang === "zh" ? "、" : ", ") || "-"), ...line("orders.masked", counts(got.masked) || "-"))),
    got.rejects.length ? el("section", { id: "rejects" }, el("h2", {}, t("orders.rejects", { n: got.rejects.length })),
      el("p", {}, el("a", { href: rejectsFile(got.rejects), download: "rejects.csv" }, t("orders.download"))),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("orders.rejects", { n: got.rejects.length }) }, el("table", {}, el("thead", {}, el("tr", {}, ...["row", "field", "value", "reason"].map((name) => el("th", { scope: "col" }, t(`orders.${name}`))))),
        el("tbody", {}, ...rows.map((row) => el("tr", {}, el("td", {}, String(row.row)), el("td", {}, row.field), el("td", {}, row.value), el("td", {}, row[`reason_${lang}`]))))))) : "",
  );
  box.querySelector("h2").focus();
}

async function send(checked) {
  problem.textContent = "";
  if (!file.files.length) { problem.textContent = t("orders.none"); file.focus(); return; }
  for (const button of buttons) button.disabled = true;
  try {
    const chosen = file.files[0];
    const query = new URLSearchParams({ name: chosen.name, ...(checked ? { check: "1" } : {}) });
    const answer = await fetch(`/api/workorders?${query}`, { method: "POST", body: chosen, headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": csrf } });
    const got = await answer.json().catch(() => ({}));
    if (answer.ok) draw(got, checked);
    else problem.textContent = got[lang] ?? String(answer.status);
  } catch {
    problem.textContent = t("orders.offline");
  }
  for (const button of buttons) button.disabled = false;
}

file.addEventListener("change", () => { document.getElementById("file-name").textContent = file.files[0]?.name ?? t("orders.none"); box.replaceChildren(); });
document.getElementById("check-only").addEventListener("click", () => send(true));
document.getElementById("orders").addEventListener("submit", (event) => { event.preventDefault(); send(false); });
document.documentElement.dataset.ready = "yes";
