// The public view: a closed month, counts by area, what is withheld said so. It knows nothing but what it shows.
const texts = JSON.parse(document.getElementById("texts").textContent);
const zh = document.documentElement.lang.startsWith("zh");
const t = (key, values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), texts[key] ?? key);
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
const RAMP = ["#f1eef6", "#c6cfe4", "#93b5d6", "#5391c2", "#2468a8", "#08306b"];
const map = window.wanggeMap;
const month = document.getElementById("month");
const level = document.getElementById("level");
const table = document.getElementById("table");
const legend = document.getElementById("legend");
let drawn = null;

function cell(tag, text, kind = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = kind;
  return made;
}

const shown = (value) => (value === null ? t("public.withheld") : number.format(value));

function drawTable(release, rows, names) {
  const head = document.createElement("tr");
  head.append(cell("th", t("public.area")), cell("th", t("public.total"), "num"), ...release.groups.map((name) => cell("th", t(`module.${name}`), "num")));
  const body = rows.map((row) => {
    const line = document.createElement("tr");
    const counts = [row.counts.at(-1), ...row.counts.slice(0, -1)];
    line.append(cell("td", names.get(row.code) ?? t("public.elsewhere")), ...counts.map((value) => cell("td", shown(value), "num")));
    return line;
  });
  table.replaceChildren(document.createElement("thead"), document.createElement("tbody"));
  table.tHead.append(head);
  table.tBodies[0].append(...body);
}

function drawMap(shapes, rows, release) {
  const total = new Map(rows.map((row) => [row.code, row.counts.at(-1)]));
  const density = (feature) => {
    const count = total.get(feature.properties.code) ?? 0;
    return count === null ? null : count / feature.properties.area_km2;
  };
  const told = shapes.features.map(density).filter((value) => value > 0).sort((a, b) => a - b);
  const ends = [...new Set(RAMP.map((_, i) => told[Math.floor((i * told.length) / RAMP.length)] ?? 0))];
  const colour = (value) => {
    if (value === null) return "#b9b9b9";
    const step = ends.filter((end) => value >= end && value > 0).length - 1;
    return step < 0 ? "#ffffff" : RAMP[step + RAMP.length - ends.length];
  };
  drawn?.remove();
  drawn = L.geoJSON(shapes, {
    style: (feature) => ({ color: "#3c4d5f", weight: 1.2, fillColor: colour(density(feature)), fillOpacity: 0.8 }),
    onEachFeature: (feature, layer) => {
      const box = document.createElement("div");
      const { name_zh: chinese, name_en: english, area_km2: area } = feature.properties;
      box.append(cell("strong", zh ? chinese : english || chinese), document.createElement("br"),
        cell("span", t("public.popup", { n: shown(total.get(feature.properties.code) ?? 0), month: release.month, area: number.format(area) })));
      layer.bindPopup(box);
    },
  }).addTo(map);
  const line = (fill, text) => {
    const made = cell("div", "", "step");
    const mark = document.createElement("i");
    mark.style.background = fill;
    made.append(mark, cell("span", text));
    return made;
  };
  legend.replaceChildren(cell("h3", t("public.unit", { month: release.month })),
    ...ends.map((end, i) => line(RAMP[i + RAMP.length - ends.length], t("legend.from", { from: number.format(end) }))).reverse(),
    line("#b9b9b9", t("public.withheld")));
}

async function draw() {
  if (!month.value) return;
  const [release, shapes] = await Promise.all([fetch(`/public/${month.value}.json`), fetch(`/public/${level.value}.geojson`)].map(async (answer) => (await answer).json()));
  const names = new Map(shapes.features.map(({ properties: p }) => [p.code, zh ? p.name_zh : p.name_en || p.name_zh]));
  const rows = release.levels[level.value];
  drawTable(release, rows, names);
  drawMap(shapes, rows, release);
  document.documentElement.dataset.ready = "yes";
}

map.attributionControl.setPrefix(false);
month.addEventListener("change", draw);
level.addEventListener("change", draw);
await draw();
