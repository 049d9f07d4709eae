// Plain words about the thing that was clicked.
import { dayOf, el, momentOf, n0, n1, n2, pct } from "wangge/format";
import { known, t } from "wangge/i18n";
import { map } from "wangge/map";
import { areaByCode, areaName, categoryByCode, lang, may, offline } from "wangge/state";

const CASE = "event:";

export function card(title, rows, remark = "") {
  const list = el("dl");
  for (const [name, value] of rows) {
    if (value === null || value === undefined || value === "") continue;
    list.append(el("dt", {}, name), el("dd", {}, String(value)));
  }
  return el("div", {}, el("h3", {}, title), list, remark ? el("p", {}, remark) : null);
}

export const word = (group, key) => (known(`${group}.${key}`) ? t(`${group}.${key}`) : key);
export const sourceName = (code) => word("source", code);
// On a phone a card keeps clear of the notice and the zoom buttons at the top.
const CLEAR_PX = window.matchMedia("(max-width: 760px)").matches ? 76 : 5;
export const open = (place, content) => L.popup({ maxWidth: 320, autoPanPaddingTopLeft: [5, CLEAR_PX] }).setLatLng(place).setContent(content).openOn(map);

export function area(properties, row, totals) {
  const { code } = properties;
  const rows = [[t("popup.code"), code], [t("popup.households"), properties.households === null ? null : n0(properties.households)]];
  if (!row) return card(areaName(code), [...rows, ["", properties.synthetic ? t("popup.synthetic") : null]]);
  const remark = row.hot ? t("popup.hot") : row.cold ? t("popup.cold") : t("popup.not_hot");
  return card(areaName(code), [
    ...rows,
    [t("popup.count"), `${n0(row.count)} (${t("popup.of", { share: pct(row.share), total: n0(totals.in_grids) })})`],
    [t("popup.per_km2"), t("popup.per_km2_unit", { v: n1(row.per_km2) })],
    [t("popup.per_1000"), row.per_1000_households === null ? t("values.none") : t("popup.per_1000_unit", { v: n1(row.per_1000_households) })],
    [t("popup.rank"), t("popup.rank_of", { rank: row.rank, grids: totals.grids })],
    [t("popup.z"), n2(row.z)],
  ], remark);
}

export function keyArea(properties) {
  const period = properties.valid_from ? `${properties.valid_from} – ${properties.valid_to}` : null;
  const rows = [[t("popup.stage"), properties[`stage_${lang}`]], [t("popup.period"), period], [t("popup.measures"), n0(properties.measures)]];
  const content = card(`${t("popup.key_area")} · ${properties.name}`, rows);
  if (!offline) content.append(el("p", {}, el("a", { href: `/side?lang=${lang}#areas-title` }, t("layer.key_areas"))));
  return content;
}

export function incident([, , id, category, time, source, found, department, status, grid, precision]) {
  const moment = precision === "day" ? dayOf(time) + t("popup.day_only") : momentOf(time);
  const content = card(categoryByCode.get(category)?.name ?? category, [
    [t("popup.time"), moment],
    [t("popup.source"), sourceName(source)],
    [t("popup.found"), found ? word("filter.found", found).replace(/^filter\.found\./, "") : null],
    [t("popup.department"), department],
    [t("popup.status"), word("status", status)],
    [t("popup.grid"), areaByCode.has(grid) ? areaName(grid) : t("popup.outside")],
    [t("popup.code"), id],
  ]);
  // An incident that a case became leads to the case, where there is a server and a role that has cases.
  if (!offline && id.startsWith(CASE) && may("see_own_events")) {
    content.append(el("p", {}, el("a", { href: `/desk/${encodeURIComponent(id.slice(CASE.length))}` }, t("desk.to_case"))));
  }
  return content;
}

export function camera(properties) {
  return card(`${t("popup.camera")} ${(lang === "zh" && properties.name) || properties.id}`, [
    [t("popup.type"), word("camera", properties.camera_type)],
    [t("popup.azimuth"), properties.azimuth === null ? t("popup.unknown") : t("popup.degrees", { v: n0(properties.azimuth) })],
    [t("popup.angle"), properties.angle === null ? t("popup.unknown") : t("popup.degrees", { v: n0(properties.angle) })],
    [t("popup.range"), properties.range_m === null ? t("popup.unknown") : t("popup.metres", { v: n0(properties.range_m) })],
    [t("popup.status"), word("status", properties.status)],
    [t("popup.purpose"), lang === "zh" ? properties.purpose : ""],
    [t("popup.grid"), areaByCode.has(properties.grid) ? areaName(properties.grid) : ""],
  ]);
}

export const named = (properties) => (lang === "en" && properties.name_en ? properties.name_en : properties.name_zh);

export const because = (properties) => properties[`why_${lang}`];

export const place = (properties) =>
  card(named(properties), [
    [t("popup.kind"), word("place", properties.kind)],
    [t("popup.grid"), areaByCode.has(properties.grid) ? areaName(properties.grid) : ""],
  ]);

export const building = (properties) =>
  card(t("popup.building"), [
    [t("popup.kind"), word("building", properties.kind)],
    [t("popup.height"), properties.height_m === null ? "" : t("popup.metres", { v: n1(properties.height_m) })],
  ]);

export const stop = (team, visit, order) =>
  card(`${order}. ${lang === "en" && visit.name_en ? visit.name_en : visit.name_zh}`, [
    [team.title, `${visit.arrive_text} - ${visit.leave_text}`],
  ], visit[`why_${lang}`]);
