"""A team's assignment on A4: map, stops in order with times and reasons, boxes to tick. No names of people, no scripts."""

from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import metric_crs, project
from gis.errors import Lang
from gis.exports.route import shift_name, stop_name, team_name, team_of, team_own

_WORDS = {
    "zh": {
        "sheet": "巡逻任务单", "no": "序", "arrive": "到达", "leave": "离开", "place": "地点", "why": "原因", "done": "完成",
        "stops": "到点", "km": "路程", "worth": "覆盖", "north": "北", "unit": "公里", "must": "必到", "qr": "扫码打开本队页面",
        "note": "只记录到点与时间,不记录人员。",
    },
    "en": {
        "sheet": "Patrol sheet", "no": "No.", "arrive": "Arrive", "leave": "Leave", "place": "Place", "why": "Why", "done": "Done",
        "stops": "Stops", "km": "Way", "worth": "Worth", "north": "N", "unit": "km", "must": "must", "qr": "Scan for this team's page",
        "note": "Only stops and times are noted, never people.",
    },
}  # fmt: skip

_STYLE = """
@page { size: A4; margin: 12mm }
body { font: 12px/1.4 system-ui, "Noto Sans CJK SC", "Noto Sans", sans-serif; color: #111; margin: 12mm auto; max-width: 186mm }
h1 { font-size: 20px; margin: 0 0 2mm } p { margin: 0 0 3mm }
table { border-collapse: collapse; width: 100% } th, td { border: 0.5pt solid #888; padding: 1.2mm 1.6mm; vertical-align: top; text-align: left }
th { background: #eee } td.n { text-align: center; white-space: nowrap } td.box::before { content: ""; display: block; width: 4mm; height: 4mm; border: 1pt solid #111; margin: auto }
figure.qr { float: right; margin: 0 0 2mm 4mm; text-align: center; font-size: 9px } figure.qr svg { width: 26mm; border: 0; margin: 0 }
thead { display: table-header-group } tr { break-inside: avoid } svg { width: 100%; height: auto; border: 0.5pt solid #888; margin-bottom: 3mm }
@media print { body { margin: 0 } }
"""


def team_sheet(
    plan: dict[str, Any], team: int, *, lang: Lang = "zh", zone: str, map_svg: str = "", title: str = "", qr: str = ""
) -> str:
    """A whole HTML page for one team.

    Parameters
    ----------
    plan
        A plan document.
    zone
        The district's zone, in which times are printed.
    map_svg
        A map made by :func:`sheet_map_svg`.
    qr
        A code made by :func:`gis.exports.qr.qr_svg`, leading to the team's page.

    Raises
    ------
    NotFoundError
        The plan has no such team.
    """
    tour, word = team_of(plan, team), _WORDS[lang]
    head = escape(title or f"{word['sheet']} · {team_name(tour, lang)} · {plan['date']} {shift_name(plan, lang)}")
    rows = "".join(_row(order, stop, lang, ZoneInfo(zone)) for order, stop in enumerate(tour["stops"], start=1))
    titles = "".join(f"<th>{escape(word[key])}</th>" for key in ("no", "arrive", "leave", "place", "why", "done"))
    facts = f"{word['stops']} {len(tour['stops'])} · {word['km']} {tour['travel_m'] / 1000:.1f} {word['unit']} · {word['note']}"
    facts = " · ".join(filter(None, (team_own(tour, lang), facts)))
    code = f'<figure class="qr">{qr}<figcaption>{escape(word["qr"])}</figcaption></figure>' if qr else ""
    tag = "zh-CN" if lang == "zh" else "en"
    return (
        f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>{head}</title><style>{_STYLE}</style></head>'
        f"<body>{code}<h1>{head}</h1><p>{escape(facts)}</p>{map_svg}"
        f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></body></html>"
    )


def _row(order: int, stop: dict[str, Any], lang: Lang, zone: ZoneInfo) -> str:
    arrive, leave = (datetime.fromisoformat(stop[key]).astimezone(zone) for key in ("arrive", "leave"))
    must = f" ({_WORDS[lang]['must']})" if stop.get("must") else ""
    return (
        f'<tr><td class="n">{order}</td><td class="n">{arrive:%H:%M}</td><td class="n">{leave:%H:%M}</td>'
        f"<td>{escape(stop_name(stop, lang) + must)}</td><td>{escape(stop[f'why_{lang}'])}</td>"
        '<td class="box"></td></tr>'
    )


def sheet_map_svg(
    plan: dict[str, Any],
    team: int,
    *,
    areas: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None = None,
    lang: Lang = "zh",
    width: int = 1000,
    height: int = 620,
) -> str:
    """The tour over boundaries and streets as inline SVG, with scale bar and north arrow; empty for a team without stops.

    Parameters
    ----------
    areas, streets
        What to draw behind, EPSG:4326; only what lies in view is worth handing over.

    Raises
    ------
    NotFoundError
        The plan has no such team.
    """
    tour = team_of(plan, team)
    if not tour["stops"]:
        return ""
    lon = np.array([stop["lon"] for stop in tour["stops"]], dtype=float)
    lat = np.array([stop["lat"] for stop in tour["stops"]], dtype=float)
    crs = metric_crs(float(lon.mean()), float(lat.mean()))
    stops = project(lon, lat, crs)
    line = np.array(tour.get("line") or np.column_stack([lon, lat]).tolist(), dtype=float)
    view = _View(np.vstack([stops, project(line[:, 0], line[:, 1], crs)]), width, height)
    parts = [_shapes(areas, crs, view, 'fill="none" stroke="#9a9a9a" stroke-width="1" stroke-dasharray="5 4"')]
    if streets is not None and len(streets):
        parts.append(_shapes(streets, crs, view, 'fill="none" stroke="#d0d0d0" stroke-width="2"'))
    way = view.path(project(line[:, 0], line[:, 1], crs))
    parts.append(f'<path d="{way}" fill="none" stroke="#0b5cad" stroke-width="3.5"/>')
    for order, (x, y) in enumerate(view.points(stops), start=1):
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="11" fill="#0b5cad" stroke="#fff" stroke-width="2"/>'
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="12" fill="#fff">{order}</text>'
        )
    parts.append(view.furniture(_WORDS[lang]["north"]))
    return f'<svg viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'


class _View:
    """Metres to the sheet's units, north up, with a margin."""

    def __init__(self, xy_m: np.ndarray, width: int, height: int) -> None:
        low, high = xy_m.min(axis=0), xy_m.max(axis=0)
        room = np.maximum(high - low, 200.0) * 1.12
        self.scale = float(min(width / room[0], height / room[1]))
        self.middle = (low + high) / 2
        self.width, self.height = width, height

    def points(self, xy_m: np.ndarray) -> np.ndarray:
        """Shape (n, 2), sheet units."""
        moved = (xy_m - self.middle) * self.scale
        return np.column_stack([self.width / 2 + moved[:, 0], self.height / 2 - moved[:, 1]])

    def path(self, xy_m: np.ndarray) -> str:
        """An SVG path through points."""
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in self.points(xy_m))

    def furniture(self, north: str) -> str:
        """Scale bar and north arrow."""
        target = self.width / self.scale / 5
        unit = 10 ** np.floor(np.log10(target))
        length = float(max(step * unit for step in (1, 2, 5) if step * unit <= target))
        bar, text = length * self.scale, f"{length:g} m" if length < 1000 else f"{length / 1000:g} km"
        y = self.height - 16
        return (
            f'<path d="M16 {y - 6}V{y}H{16 + bar:.1f}V{y - 6}" fill="none" stroke="#111" stroke-width="2"/>'
            f'<text x="20" y="{y - 8}" font-size="13">{text}</text>'
            f'<path d="M{self.width - 28} 14l-9 26 9-7 9 7z" fill="#111"/>'
            f'<text x="{self.width - 28}" y="56" text-anchor="middle" font-size="14">{north}</text>'
        )


def _shapes(frame: gpd.GeoDataFrame, crs: object, view: _View, style: str) -> str:
    moved = frame.to_crs(crs).geometry.to_numpy()
    shapes = shapely.get_parts(np.where(np.isin(shapely.get_type_id(moved), (3, 6)), shapely.boundary(moved), moved))
    lines = [view.path(shapely.get_coordinates(shape)) for shape in shapes if not shapely.is_empty(shape)]
    return f'<path d="{"".join(lines)}" {style}/>'
