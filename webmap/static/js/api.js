// Questions to the server, each answered once at a time; a newer question of the same name drops the older one.
import { t } from "wangge/i18n";
import { offline } from "wangge/state";

const running = new Map();
let waiting = 0;
const state = document.getElementById("state");

function show(text, bad = false) {
  state.replaceChildren();
  if (!text) return;
  const line = document.createElement("span");
  line.textContent = text;
  if (bad) line.className = "bad";
  state.append(line);
}

export function say(text, bad = false) {
  show(text, bad);
  setTimeout(() => show(waiting ? t("state.loading") : ""), bad ? 8000 : 2500);
}

export async function ask(name, path, search = "") {
  if (offline) return offline.answers[path] ?? null;
  running.get(name)?.abort();
  const stop = new AbortController();
  running.set(name, stop);
  waiting += 1;
  const late = setTimeout(() => waiting && show(t("state.loading")), 400);
  try {
    const answer = await fetch(search ? `${path}?${search}` : path, { signal: stop.signal });
    if (answer.status === 401) {
      // The session is over: the page asks for a sign-in and comes back to this very view.
      window.location.reload();
      return null;
    }
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      say(t("state.error", { text: problem.title ?? answer.status }), true);
      return null;
    }
    return await answer.json();
  } catch (error) {
    if (error.name !== "AbortError") say(t("state.offline"), true);
    return null;
  } finally {
    clearTimeout(late);
    waiting -= 1;
    if (!waiting && !state.querySelector(".bad")) show("");
    if (running.get(name) === stop) running.delete(name);
  }
}
