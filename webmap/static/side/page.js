import { startEffects } from "./effect.js";

// The side desks: send what a form says and show the page anew. What is shown, and which moves there are, comes from the server.
const { csrf, lang } = JSON.parse(document.getElementById("side-token").textContent);
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

const READ = {
  number: Number,
  bool: (value) => value === "1",
  // A moment of this clock, sent with its zone.
  moment: (value) => new Date(value).toISOString(),
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
  time.textContent = new Date(time.dateTime).toLocaleString(lang === "zh" ? "zh-CN" : "en-GB", { dateStyle: "short", timeStyle: "short" });
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
