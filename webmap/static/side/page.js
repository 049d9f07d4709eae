import { startEffects } from "./effect.js";

// The side desks: send what a form says and show the page anew. What is shown, and which moves there are, comes from the server.
const { csrf, lang, zone } = JSON.parse(document.getElementById("side-token").textContent);
const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
const dark = window.matchMedia("(prefers-color-scheme: dark)");

// A blocked storage must not cost the page.
function kept() {
  try {
    return window.localStorage.getItem("wangge-theme") ?? "auto";
  } catch {
    return "auto";
  }
}

function show() {
  const wanted = kept();
  document.documentElement.dataset.theme = ["light", "dark"].includes(wanted) ? wanted : dark.matches ? "dark" : "light";
}

const clock = new Intl.DateTimeFormat("en-CA", {
  timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const parts = (moment) => Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, value]));

// Minutes that the district's clocks are ahead of UTC at a moment.
function ahead(moment) {
  const { year, month, day, hour, minute, second } = parts(moment);
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - moment.getTime()) / 6e4);
}

// What is typed is of the district's clock, wherever the browser stands.
function momentOf(value) {
  const wall = Date.parse(`${value}Z`);
  const first = wall - ahead(new Date(wall)) * 6e4;
  return new Date(wall - ahead(new Date(first)) * 6e4).toISOString();
}

const READ = {
  number: Number,
  bool: (value) => value === "1",
  moment: momentOf,
};

// `limit.amount` goes into `limit`; what is left empty is not sent.
function said(form) {
  const told = {};
  for (const field of form.elements) {
    if (!field.name || field.value === "" || (field.type === "radio" && !field.checked)) continue;
    const value = field.multiple ? [...field.selectedOptions].map((option) => option.value) : (READ[field.dataset.kind] ?? String)(field.value);
    const [outer, inner] = field.name.split(".");
    if (inner) (told[outer] ??= {})[inner] = value;
    else told[outer] = value;
  }
  return told;
}

async function send(form) {
  const box = form.querySelector(".form-said");
  const button = form.querySelector("button");
  button.disabled = true;
  box.textContent = "";
  try {
    const answer = await fetch(form.dataset.post, { method: "POST", headers, body: JSON.stringify(said(form)) });
    if (answer.ok || answer.status === 401) {
      window.location.reload();
      return;
    }
    const problem = await answer.json().catch(() => ({}));
    box.textContent = problem[lang] ?? problem.title ?? String(answer.status);
  } catch (error) {
    box.textContent = String(error.message ?? error);
  }
  button.disabled = false;
}

show();
dark.addEventListener("change", show);
document.querySelectorAll("time[datetime]").forEach((time) => {
  const { year, month, day, hour, minute } = parts(new Date(time.dateTime));
  time.textContent = `${year}-${month}-${day} ${hour}:${minute}`;
});
document.querySelectorAll("form[data-post]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
});
// A checklist is laid into its form when it is opened: forty sites would be hundreds of fields.
document.querySelectorAll("details").forEach((details) => {
  const form = details.querySelector("form[data-checklist]");
  if (!form) return;
  details.addEventListener("toggle", () => {
    form.append(document.getElementById(`checklist-${form.dataset.checklist}`).content.cloneNode(true));
  }, { once: true });
});
startEffects(lang);
