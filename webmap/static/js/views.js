// Saved views: what the link says, kept by the server under a name for the person who is signed in.
import { say } from "wangge/api";
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang, offline } from "wangge/state";

const dialog = document.getElementById("views");

async function send(method, name, query) {
  const options = { method, headers: { "X-CSRF-Token": boot.csrf } };
  if (query !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify({ query });
  }
  try {
    const answer = await fetch(`/api/views/${encodeURIComponent(name)}`, options);
    if (answer.ok) return true;
    const problem = await answer.json().catch(() => ({}));
    say(t("state.error", { text: problem.title ?? answer.status }), true);
  } catch {
    say(t("state.offline"), true);
  }
  return false;
}

function row(view) {
  const asked = new URLSearchParams(view.query);
  asked.set("lang", lang);
  const remove = el("button", { type: "button", "aria-label": t("views.delete", { name: view.name }), onclick: async () => { if (await send("DELETE", view.name)) draw(); } }, "✕");
  return el("li", {}, el("a", { href: `/?${asked}` }, view.name), remove);
}

async function draw() {
  const list = document.getElementById("views-list");
  let views = [];
  try {
    const answer = await fetch("/api/views.json");
    if (answer.ok) views = await answer.json();
  } catch {
    say(t("state.offline"), true);
  }
  list.replaceChildren(...views.map(row));
  document.getElementById("views-empty").hidden = views.length > 0;
}

export function startViews() {
  const button = document.getElementById("open-views");
  if (offline || !button) return;
  button.addEventListener("click", () => { draw(); dialog.showModal(); });
  document.getElementById("views-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = document.getElementById("views-name");
    const name = field.value.trim();
    if (!name) return;
    const query = new URLSearchParams(window.location.search);
    query.delete("lang");
    query.delete("wall");
    if (!(await send("PUT", name, query.toString()))) return;
    field.value = "";
    draw();
  });
  document.getElementById("views-close").addEventListener("click", () => dialog.close());
}
