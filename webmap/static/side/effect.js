// Before and after of a key area: asked for when it is opened, shown as a table with its denominators and plain sentences.
const texts = JSON.parse(document.getElementById("effect-texts")?.textContent ?? "{}");
const t = (key, values = {}) => (texts[`side.effect.${key}`] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function el(tag, attributes = {}, ...parts) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...parts.filter((part) => part !== null));
  return made;
}

function table(told, lang) {
  const head = ["group", "units", "km2", "before", "after"].map((key) => el("th", { scope: "col" }, t(key)));
  const rows = told.groups.map((each) => el("tr", {}, el("th", { scope: "row" }, each[lang]),
    ...[each.units, each.km2.toFixed(2), each.before, each.after].map((value) => el("td", {}, String(value)))));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}

function shown(told, lang) {
  const verdict = el("p", { class: told.is_shown ? "verdict clear" : "verdict" }, told[lang]);
  if (!told.days) return [verdict];
  const [b0, b1] = told.before;
  const [a0, a1] = told.after;
  return [
    verdict,
    told.displacement && el("p", {}, told.displacement[lang]),
    el("div", { class: "scroll", tabindex: "0" }, table(told, lang)),
    el("p", { class: "soft" }, t("spans", { b0, b1, a0, a1, days: told.days })),
    el("p", { class: "soft" }, `${t("how")}: ${told.rule[lang]} ${told.exposure[lang]}`),
    el("p", { class: "soft" }, `${t("limits")}: ${told.caveats.map((each) => each[lang]).join(lang === "zh" ? "" : " ")}`),
  ].filter(Boolean);
}

async function load(details, lang) {
  const box = details.querySelector("div");
  try {
    const answer = await fetch(details.dataset.effect);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told[lang] ?? String(answer.status));
    box.replaceChildren(...shown(told, lang));
  } catch (error) {
    box.replaceChildren(el("p", { class: "form-said" }, t("failed", { text: String(error.message ?? error) })));
  }
}

export function startEffects(lang) {
  document.querySelectorAll("details[data-effect]").forEach((details) => {
    details.addEventListener("toggle", () => load(details, lang), { once: true });
  });
}
