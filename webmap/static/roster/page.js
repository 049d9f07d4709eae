// The calendar of patrols: make due drafts, copy earlier plans, keep and drop templates. What is shown comes from the server.
import { readTeams } from "./teams.js";

const text = JSON.parse(document.getElementById("roster-texts").textContent);
const { csrf, lang } = JSON.parse(document.getElementById("roster-token").textContent);
const said = document.getElementById("roster-said");
const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
const filled = (key, values) => Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, value), text[key]);

function say(box, words, bad = false) {
  box.textContent = words;
  box.classList.toggle("bad", bad);
}

async function refusal(answer) {
  if (answer.status === 401) window.location.reload();
  const problem = await answer.json().catch(() => ({}));
  return problem[lang] ?? problem.title ?? String(answer.status);
}

// A line of JSON for each plan, at last the report.
async function follow(answer, tell) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let last = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return last;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      last = JSON.parse(line);
      if (last.stage) tell(last);
    }
  }
}

const inWords = (report) => [
  filled("roster.report", { made: report.made.length, there: report.there, failed: report.failed.length }),
  ...report.failed.map((each) => `${each.day} ${each.shift} ${each.area}: ${each[lang]}`),
].join("\n");

async function run(path) {
  const buttons = [...document.querySelectorAll(".tools button")];
  const { from, to } = document.querySelector(".tools").dataset;
  buttons.forEach((button) => { button.disabled = true; });
  say(said, text["roster.at_work"]);
  try {
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify({ from, to }) });
    if (!answer.ok) throw new Error(await refusal(answer));
    const told = await follow(answer, (line) => say(said, filled("roster.step", { day: line.day, n: line.done + 1, of: line.of })));
    if (told.problem) throw new Error(told.problem[lang]);
    await refresh();
    say(said, inWords(told.report), told.report.failed.length > 0);
  } catch (error) {
    say(said, error instanceof TypeError ? text["roster.offline"] : error.message, true);
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

// The tables are taken anew from the page itself, so that what was just said stays to be read.
async function refresh() {
  const answer = await fetch(window.location.href.split("#")[0]);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("roster-days")?.replaceWith(fresh.getElementById("roster-days"));
}

document.getElementById("roster-due")?.addEventListener("click", () => run("/api/patrol/due"));
document.getElementById("roster-copy")?.addEventListener("click", () => run("/api/patrol/copy"));

document.querySelectorAll("[data-drop]").forEach((button) => button.addEventListener("click", async () => {
  if (!window.confirm(text["roster.sure"])) return;
  const answer = await fetch(`/api/patrol/templates/${encodeURIComponent(button.dataset.drop)}`, { method: "DELETE", headers });
  if (answer.ok) window.location.reload();
  else say(said, await refusal(answer), true);
}));

document.getElementById("roster-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const one = (name) => String(form.get(name)).trim();
  const body = {
    ...Object.fromEntries(["name", "shift", "mode", "area", "first", "last", "kind"].map((name) => [name, one(name)])),
    teams: Number(one("teams")), varied: Number(one("varied")),
    weekdays: form.getAll("weekdays").map(Number), sources: form.getAll("sources"), ...readTeams(),
  };
  const box = document.getElementById("form-said");
  try {
    const answer = await fetch(`/api/patrol/templates/${encodeURIComponent(one("id"))}`, { method: "PUT", headers, body: JSON.stringify(body) });
    if (answer.ok) window.location.reload();
    else say(box, await refusal(answer), true);
  } catch {
    say(box, text["roster.offline"], true);
  }
});

document.documentElement.dataset.ready = "yes";
