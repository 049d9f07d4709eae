"""A plan for maps and for the office: a team's tour as KML 2.2, the whole plan as an Excel workbook. Places, never people."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import xlsxwriter

from gis.errors import Lang
from gis.exports.route import printable, shift_name, stop_name, team_name, team_of, team_own, tour_title, way_of, xml_of
from gis.exports.tables import plain

_KML = "http://www.opengis.net/kml/2.2"
_LINE_COLOUR = "ffad5c0b"
"""Alpha, blue, green, red: the blue of the printed sheet."""
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_SHEET_NAME = 31
_WORDS: dict[str, dict[Lang, str]] = {
    "way": {"zh": "路线", "en": "way"},
    "stops": {"zh": "停留点", "en": "stops"},
    "overview": {"zh": "总览", "en": "Overview"},
    "unserved": {"zh": "未安排", "en": "Not served"},
    "yes": {"zh": "是", "en": "yes"},
}
_TEAM_TITLES: dict[Lang, tuple[str, ...]] = {
    "zh": ("队伍", "停留点数", "必到", "路程(公里)", "首点到达", "末点离开"),
    "en": ("Team", "Stops", "Must", "Way (km)", "First arrival", "Last departure"),
}
_OWN_TITLE: dict[Lang, str] = {"zh": "本队设置", "en": "Settings"}
_STOP_TITLES: dict[Lang, tuple[str, ...]] = {
    "zh": ("序", "到达", "开始", "离开", "停留(分钟)", "地点", "必到", "原因", "经度", "纬度", "编号"),
    "en": ("No.", "Arrive", "Start", "Leave", "Stay (min)", "Place", "Must", "Why", "Longitude", "Latitude", "Id"),
}
_LEFT_TITLES: dict[Lang, tuple[str, ...]] = {"zh": ("地点", "必到", "原因"), "en": ("Place", "Must", "Reason")}


def write_kml(plan: dict[str, Any], team: int, *, lang: Lang = "zh") -> bytes:
    """A team's stops as points in order with their times, and its way as a line. WGS-84.

    Parameters
    ----------
    plan
        A plan document, with the teams' ``line`` in degrees.
    team
        Position of the team.

    Raises
    ------
    NotFoundError
        The plan has no such team.
    """
    tour = team_of(plan, team)
    ElementTree.register_namespace("", _KML)
    root = ElementTree.Element(f"{{{_KML}}}kml")
    document = _under(root, "Document")
    _under(document, "name", tour_title(plan, tour, lang))
    style = _under(document, "Style")
    style.set("id", "way")
    line_style = _under(style, "LineStyle")
    _under(line_style, "color", _LINE_COLOUR)
    _under(line_style, "width", "4")
    stops = _under(document, "Folder")
    _under(stops, "name", _WORDS["stops"][lang])
    for order, stop in enumerate(tour["stops"], start=1):
        mark = _under(stops, "Placemark")
        _under(mark, "name", f"{order:02d} {stop_name(stop, lang)}")
        _under(mark, "description", stop[f"why_{lang}"])
        if stop.get("arrive"):
            span = _under(mark, "TimeSpan")
            _under(span, "begin", stop["arrive"])
            _under(span, "end", stop["leave"])
        _under(_under(mark, "Point"), "coordinates", _degrees(stop["lon"], stop["lat"]))
    line = way_of(tour)
    if len(line) > 1:
        way = _under(document, "Placemark")
        _under(way, "name", f"{team_name(tour, lang)} {_WORDS['way'][lang]}")
        _under(way, "styleUrl", "#way")
        drawn = _under(way, "LineString")
        _under(drawn, "tessellate", "1")
        _under(drawn, "coordinates", " ".join(_degrees(lon, lat) for lon, lat in line))
    return xml_of(root)


def _under(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{_KML}}}{name}")
    if text:
        element.text = printable(text)
    return element


def _degrees(lon: float, lat: float) -> str:
    return f"{lon:.7f},{lat:.7f}"


def write_plan_xlsx(plan: dict[str, Any], *, zone: str, lang: Lang = "zh") -> bytes:
    """The whole plan: an overview with what is not served and why, then one sheet a team.

    Parameters
    ----------
    plan
        A plan document.
    zone
        The district's zone, in which times stand in the cells (Excel knows no zones).
    """
    out = io.BytesIO()
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, settings)
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    taken: set[str] = set()
    local = ZoneInfo(zone)
    overview = book.add_worksheet(_sheet_name(_WORDS["overview"][lang], taken))
    told = any(team_own(tour, lang) for tour in plan["teams"])
    titles = _TEAM_TITLES[lang] + ((_OWN_TITLE[lang],) if told else ())
    crew = [_team_row(tour, lang, local) + ((team_own(tour, lang),) if told else ()) for tour in plan["teams"]]
    line = _table(overview, 0, titles, crew, formats)
    overview.write_string(line + 1, 0, f"{plan['date']} {shift_name(plan, lang)} · {zone}")
    left = [
        (stop_name(item, lang), _yes(item.get("must"), lang), item[f"reason_{lang}"])
        for item in plan.get("unserved", ())
    ]
    if left:
        overview.write_string(line + 3, 0, _WORDS["unserved"][lang], formats["head"])
        _table(overview, line + 4, _LEFT_TITLES[lang], left, formats)
    overview.set_column(0, 0, 28)
    overview.set_column(1, len(_TEAM_TITLES[lang]) - 1, 17)
    overview.set_column(len(_TEAM_TITLES[lang]), len(_TEAM_TITLES[lang]), 48)
    for tour in plan["teams"]:
        sheet = book.add_worksheet(_sheet_name(team_name(tour, lang), taken))
        rows = [_stop_row(order, stop, lang, local) for order, stop in enumerate(tour["stops"], start=1)]
        _table(sheet, 0, _STOP_TITLES[lang], rows, formats)
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 3, 17)
        sheet.set_column(5, 5, 30)
        sheet.set_column(7, 7, 48, formats["wrap"])
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    book.close()
    return out.getvalue()


def _table(
    sheet: "xlsxwriter.worksheet.Worksheet",
    top: int,
    titles: Sequence[str],
    rows: Sequence[Sequence[object]],
    formats: dict[str, Any],
) -> int:
    """Write titles and rows from a line on; the line after the last."""
    sheet.write_row(top, 0, list(titles), formats["head"])
    for line, row in enumerate(rows, start=top + 1):
        for place, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(line, place, value, formats["time"])
            elif isinstance(value, str):
                sheet.write_string(line, place, str(plain(value)))
            else:
                sheet.write(line, place, plain(value))
    return top + 1 + len(rows)


def _team_row(tour: dict[str, Any], lang: Lang, zone: ZoneInfo) -> tuple[object, ...]:
    stops = tour["stops"]
    first, last = (_local(stops[0], "arrive", zone), _local(stops[-1], "leave", zone)) if stops else ("", "")
    must = sum(bool(stop.get("must")) for stop in stops)
    return team_name(tour, lang), len(stops), must, round(tour["travel_m"] / 1000, 2), first, last


def _stop_row(order: int, stop: dict[str, Any], lang: Lang, zone: ZoneInfo) -> tuple[object, ...]:
    times = [_local(stop, key, zone) for key in ("arrive", "start", "leave")]
    stay = round(
        (datetime.fromisoformat(stop["leave"]) - datetime.fromisoformat(stop["start"])).total_seconds() / 60, 1
    )
    why, must = stop[f"why_{lang}"], _yes(stop.get("must"), lang)
    return order, *times, stay, stop_name(stop, lang), must, why, stop["lon"], stop["lat"], str(stop["id"])


def _local(stop: dict[str, Any], key: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(stop[key]).astimezone(zone).replace(tzinfo=None)


def _yes(value: object, lang: Lang) -> str:
    return _WORDS["yes"][lang] if value else ""


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes: at most 31 characters, none that Excel forbids, each once whatever its case."""
    plain_name = _NO_SHEET_NAME.sub(" ", wanted).strip(" '") or "-"
    name, turn = plain_name[:_LONGEST_SHEET_NAME], 1
    while name.casefold() in taken or name.casefold() == "history":
        turn += 1
        mark = f" ({turn})"
        name = plain_name[: _LONGEST_SHEET_NAME - len(mark)] + mark
    taken.add(name.casefold())
    return name
