// How the page looks to its reader: light or dark, the wall screen, and the word that the line is gone. It draws no data.
import { t } from "wangge/i18n";
import { fitDistrict, map } from "wangge/map";
import { boot, offline, onChange, tell } from "wangge/state";

const root = document.documentElement;
const THEMES = ["auto", "light", "dark"];
const dark = window.matchMedia("(prefers-color-scheme: dark)");

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
  const button = document.getElementById("theme");
  if (button) button.textContent = t(`theme.${wanted}`);
  tell("theme", root.dataset.theme);
}

function nextTheme() {
  const wanted = THEMES[(THEMES.indexOf(root.dataset.chosen) + 1) % THEMES.length];
  try {
    window.localStorage.setItem("wangge-theme", wanted);
  } catch {
    // The choice then holds for this page alone.
  }
  show(wanted);
}

const clock = document.getElementById("wall-clock");

function wall(on) {
  root.classList.toggle("wall", on);
  const address = new URL(window.location.href);
  if (on) address.searchParams.set("wall", "1");
  else address.searchParams.delete("wall");
  window.history.replaceState(null, "", address);
  map.invalidateSize();
  fitDistrict();
  if (on && root.requestFullscreen && navigator.userActivation?.isActive) root.requestFullscreen().catch(() => {});
  if (!on && document.fullscreenElement) document.exitFullscreen();
}

function tick() {
  if (!clock || !root.classList.contains("wall")) return;
  clock.textContent = new Intl.DateTimeFormat(root.lang, { dateStyle: "medium", timeStyle: "medium", timeZone: boot.zone }).format(new Date());
}

export function startDisplay() {
  show(kept());
  dark.addEventListener("change", () => show(root.dataset.chosen));
  document.getElementById("theme")?.addEventListener("click", nextTheme);
  if (offline) return;
  document.getElementById("wall")?.addEventListener("click", () => wall(true));
  document.getElementById("wall-leave")?.addEventListener("click", () => wall(false));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && root.classList.contains("wall")) wall(false); });
  setInterval(tick, 1000);
  if (new URLSearchParams(window.location.search).get("wall") === "1") wall(true);
  const lost = document.getElementById("lost");
  onChange("connection", (there) => { lost.hidden = there; });
  window.addEventListener("offline", () => { lost.hidden = false; });
  window.addEventListener("online", () => { lost.hidden = true; tell("online"); });
}
