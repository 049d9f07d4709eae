// Who has which shift: groups of teams, cycles of the district's own, the table of holidays. A cycle and a table can be checked
// before they are kept; what they mean comes from the server.
const text = JSON.parse(document.getElementById("roster-texts").textContent);
const { csrf, lang, shifts } = JSON.parse(document.getElementById("roster-token").textContent);
const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
const filled = (key, values) => Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, value), text[key]);
const form = (id) => document.getElementById(id);

function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== false) node.setAttribute(key, value === true ? "" : value);
  node.append(...children);
  return node;
}

function say(where, words, bad = false) {
  const box = where.querySelector(".form-said");
  box.textContent = words;
  box.classList.toggle("bad", bad);
}

// The answer, or null after the reason was said in the form.
async function send(where, method, path, body) {
  try {
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    if (answer.status === 401) window.location.reload();
    const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    say(where, told[lang] ?? told.title ?? String(answer.status), true);
  } catch {
    say(where, text["roster.offline"], true);
  }
  return null;
}

const value = (where, name) => String(new FormData(where).get(name) ?? "").trim();
// Fields that stay keep what was chosen in them; there are as many as asked for.
function fields(box, count, make) {
  while (box.children.length > count) box.lastElementChild.remove();
  while (box.children.length < count) box.append(make(box.children.length));
}

const groups = form("groups-form");
function teams() {
  const count = Number(groups.elements.pattern.selectedOptions[0].dataset.groups);
  fields(form("groups-teams"), count, (at) => el("label", {}, filled("roster.groups.teams", { n: at + 1 }), el("input", { name: "group", maxlength: "400", placeholder: text["roster.groups.example"] })));
}
groups?.elements.pattern.addEventListener("change", teams);
groups?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const split = (line) => line.split(/[,\uff0c\u3001;\uff1b]/).map((name) => name.trim()).filter(Boolean);
  const body = { pattern: value(groups, "pattern"), start: value(groups, "start"), groups: new FormData(groups).getAll("group").map(split) };
  if (await send(groups, "PUT", `/api/patrol/groups/${encodeURIComponent(value(groups, "area"))}`, body)) window.location.reload();
});

const pattern = form("pattern-form");
function cycle() {
  const within = (name, most) => Math.min(most, Math.max(1, Number(pattern.elements[name].value) || 1));
  const days = within("days", 56);
  fields(form("pattern-days"), days, (at) => el("label", {}, filled("roster.pattern.day", { n: at + 1 }), el("select", { name: "cycle" }, el("option", { value: "" }, text["roster.rest"]), ...Object.entries(shifts).map(([key, name]) => el("option", { value: key }, name)))));
  fields(form("pattern-groups"), within("groups", 12), (at) => el("label", {}, filled("roster.pattern.offset", { n: at + 1 }), el("input", { name: "offsets", type: "number", min: "1", max: "366", value: String((at % days) + 1) })));
}
function asked(keep) {
  const told = new FormData(pattern);
  return { name_zh: value(pattern, "name_zh"), name_en: value(pattern, "name_en"), cycle: told.getAll("cycle"), offsets: told.getAll("offsets").map((day) => Number(day) - 1), keep };
}
function meaning(told) {
  const open = told.uncovered.map((each) => filled("roster.pattern.open", { n: each.day, shift: shifts[each.shift] ?? each.shift }));
  const rest = told.least_rest_h === null ? [] : [filled("roster.pattern.rest", { h: Math.round(told.least_rest_h) })];
  return [open.length ? filled("roster.pattern.uncovered", { days: open.join(text["roster.comma"]) }) : text["roster.pattern.covered"], ...rest].join("\n");
}
async function sendPattern(keep) {
  if (!pattern.reportValidity()) return;
  const told = await send(pattern, "PUT", `/api/patrol/patterns/${encodeURIComponent(value(pattern, "id"))}`, asked(keep));
  if (told && keep) window.location.reload();
  else if (told) say(pattern, meaning(told));
}
pattern?.addEventListener("input", (event) => { if (["days", "groups"].includes(event.target.name)) cycle(); });
pattern?.addEventListener("submit", (event) => { event.preventDefault(); sendPattern(true); });
form("pattern-check")?.addEventListener("click", () => sendPattern(false));

const holidays = form("holidays-form");
async function sendHolidays(keep) {
  const file = holidays.elements.file.files[0];
  if (!file) return holidays.reportValidity();
  const told = await send(holidays, "PUT", "/api/patrol/holidays", { csv: await file.text(), name: file.name, keep });
  if (told && keep) window.location.reload();
  else if (told) say(holidays, filled("roster.holidays.found", { days: told.days, years: told.years.join(text["roster.comma"]) }));
  return null;
}
holidays?.addEventListener("submit", (event) => { event.preventDefault(); sendHolidays(true); });
form("holidays-check")?.addEventListener("click", () => sendHolidays(false));

document.querySelectorAll("[data-drop-at]").forEach((button) => button.addEventListener("click", async () => {
  const where = button.closest("form") ?? groups;
  if (!window.confirm(text["roster.drop_sure"])) return;
  if (await send(where, "DELETE", button.dataset.dropAt)) window.location.reload();
  else where.closest("details").open = true;
}));

if (groups) teams();
if (pattern) cycle();
