// Texts of the page in the reader's language, from the one catalog that the server sends.
const texts = JSON.parse(document.getElementById("texts").textContent);

export function t(key, values = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

export const known = (key) => key in texts;
