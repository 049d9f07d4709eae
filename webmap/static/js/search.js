// Search of areas by code or name, with the keyboard as well as with the mouse.
import { el } from "wangge/format";
import { t } from "wangge/i18n";
import { openCell } from "wangge/layers";
import { fit } from "wangge/map";
import { boot, lang } from "wangge/state";

const LEVELS = ["city", "district", "street", "community", "grid"];
const input = document.getElementById("search");
const list = document.getElementById("search-results");
let found = [];
let at = -1;

function matches(text) {
  const wanted = text.normalize("NFKC").trim().toLowerCase();
  if (!wanted) return [];
  const score = (area) => {
    const names = [area.zh.toLowerCase(), area.en.toLowerCase()];
    if (area.code === wanted || names.includes(wanted)) return 0;
    if (area.code.startsWith(wanted) || names.some((name) => name.startsWith(wanted))) return 1;
    return names.some((name) => name.includes(wanted)) || area.code.includes(wanted) ? 2 : 9;
  };
  return boot.areas.map((area) => [score(area), LEVELS.indexOf(area.level), area]).filter(([mark]) => mark < 9)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2].code < b[2].code ? -1 : 1)).slice(0, 12).map((row) => row[2]);
}

function draw() {
  list.replaceChildren();
  const text = input.value.trim();
  const open = text !== "";
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (open && !found.length) list.append(el("li", { "aria-disabled": "true" }, t("search.none")));
  found.forEach((area, index) => {
    const item = el("li", { role: "option", id: `found-${index}`, "aria-selected": String(index === at) }, area[lang],
      el("small", {}, `${t(`level.${area.level}`)} ${area.code}`));
    item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(area); });
    list.append(item);
  });
  if (at >= 0) input.setAttribute("aria-activedescendant", `found-${at}`);
  else input.removeAttribute("aria-activedescendant");
}

function choose(area) {
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  fit(area.box, 0.5);
  if (area.level === boot.leaf) openCell(area.code);
}

export function startSearch() {
  input.addEventListener("input", () => { found = matches(input.value); at = found.length ? 0 : -1; draw(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") at = Math.min(at + 1, found.length - 1);
    else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
    else if (event.key === "Escape") { list.hidden = true; return; }
    else return;
    event.preventDefault();
    draw();
  });
  input.addEventListener("blur", () => { list.hidden = true; });
  document.getElementById("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (found[at]) choose(found[at]);
  });
}
