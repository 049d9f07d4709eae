// What a report is of: by words in either language or by code, or group by group.
import { el, lang, t } from "./words.js";

const FOUND = 12;
let groups = [];
let items = [];

const nameOf = (item) => item[lang] || item.zh;

export function categoryName(code) {
  const item = items.find((each) => each.code === code);
  return item ? nameOf(item) : "";
}

// Every character of the question in order counts too: «井盖坏» finds «雨水井盖异常» by its longest common part.
function score(item, wanted) {
  const zh = item.zh.toLowerCase();
  const en = item.en.toLowerCase();
  if (item.code.toLowerCase() === wanted || zh === wanted || en === wanted) return 0;
  if (zh.startsWith(wanted) || en.startsWith(wanted) || item.code.toLowerCase().startsWith(wanted)) return 1;
  if (zh.includes(wanted) || en.includes(wanted)) return 2;
  const words = wanted.split(/\s+/).filter(Boolean);
  if (words.length > 1 && words.every((word) => en.includes(word) || zh.includes(word))) return 3;
  const pairs = [...wanted].slice(0, -1).map((letter, i) => letter + wanted[i + 1]).filter((pair) => /[\u4e00-\u9fa5]{2}/.test(pair));
  const hits = pairs.filter((pair) => zh.includes(pair)).length;
  return hits ? 8 - hits / pairs.length : 9;
}

export function findCategories(text) {
  const wanted = text.normalize("NFKC").trim().toLowerCase();
  if (!wanted) return [];
  return items.map((item, order) => [score(item, wanted), order, item]).filter(([mark]) => mark < 9).sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, FOUND).map((row) => row[2]);
}

export function startCategories(given, chosen) {
  groups = given;
  items = groups.flatMap((group) => group.items);
  const search = document.getElementById("category-search");
  const list = document.getElementById("category-found");
  const button = (item) => el("button", { type: "button", "data-code": item.code, onclick: () => { search.value = ""; list.replaceChildren(); list.hidden = true; document.querySelector(".groups").open = false; chosen(item.code); } }, nameOf(item));
  search.addEventListener("input", () => {
    const found = findCategories(search.value);
    list.hidden = search.value.trim() === "";
    list.replaceChildren(...(found.length ? found.map((item) => el("li", {}, button(item))) : [el("li", { class: "hint" }, t("report.no_category"))]));
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  document.getElementById("category-groups").replaceChildren(...groups.map((group) => {
    const box = el("details", {}, el("summary", {}, group.name, el("small", {}, String(group.items.length))));
    // The buttons of a group are made when it is opened: three hundred of them would be read out to everybody.
    box.addEventListener("toggle", () => { if (box.open && box.children.length === 1) box.append(el("div", { class: "choices" }, ...group.items.map(button))); });
    return box;
  }));
}
