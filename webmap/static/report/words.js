// Texts, nodes and numbers of the report pages, in the reader's language.
const texts = JSON.parse(document.getElementById("texts").textContent);
export const lang = document.documentElement.lang === "en" ? "en" : "zh";
const tag = lang === "zh" ? "zh-CN" : "en-GB";

export const t = (key, values = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
export const known = (key) => key in texts;
export const named = (row) => (row ? row[lang] || row.zh : "");

// Texts are set as text, never as HTML: nothing that came from a reader or a file can become markup.
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Times are read in the district's zone, wherever the reader's clock stands.
export function moment(iso, zone) {
  if (!iso) return "";
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat(tag, parts).format(new Date(iso));
}

export function metres(value) {
  return value < 1000 ? t("report.metres", { n: Math.round(value) }) : t("report.kilometres", { n: new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }).format(value / 1000) });
}

export function ago(hours) {
  if (hours < 1) return t("report.within_hour");
  return hours < 48 ? t("report.hours_ago", { n: Math.round(hours) }) : t("report.days_ago", { n: Math.round(hours / 24) });
}
