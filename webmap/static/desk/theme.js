// Light or dark as chosen on the map page, and the line that says that the connection is gone.
import { t } from "wangge/i18n";
import { onChange, tell } from "wangge/state";

const root = document.documentElement;
const THEMES = ["auto", "light", "dark"];
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const button = document.getElementById("theme");

// A blocked storage must not cost the page.
function kept() {
  try {
    return window.localStorage.getItem("wangge-theme") ?? "auto";
  } catch {
    return "auto";
  }
}

function show(theme) {
  const wanted = THEMES.includes(theme) ? theme : "auto";
  root.dataset.theme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
  root.dataset.chosen = wanted;
  button.textContent = t(`theme.${wanted}`);
  tell("theme", root.dataset.theme);
}

button.addEventListener("click", () => {
  const wanted = THEMES[(THEMES.indexOf(root.dataset.chosen) + 1) % THEMES.length];
  try {
    window.localStorage.setItem("wangge-theme", wanted);
  } catch {
    // The choice then holds for this page alone.
  }
  show(wanted);
});
dark.addEventListener("change", () => show(root.dataset.chosen));
show(kept());

const lost = document.getElementById("lost");
// A stream that was open before the line went says nothing of its end.
onChange("connection", (there) => { lost.hidden = there && navigator.onLine; });
window.addEventListener("offline", () => { lost.hidden = false; });
window.addEventListener("online", () => { lost.hidden = true; tell("online"); });
