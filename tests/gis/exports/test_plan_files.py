"""A plan as KML, as a workbook and as a QR code, read by readers that share no code with the writers."""

import io
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import NotFoundError
from gis.exports import qr_svg, team_sheet, write_kml, write_plan_xlsx
from tests.gis.exports.qr_reader import read

KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture
def plan() -> dict[str, Any]:
    """One team with two stops across midnight, one without; names that formats trip over."""
    stops = [
        {"id": "150304001001001#1", "name_zh": "先锋社区,第1网格;<学校>", "name_en": "=Grid 1 & school", "lon": 106.70,
         "lat": 39.50, "arrive": "2026-11-23T14:10:00Z", "start": "2026-11-23T14:12:00Z",
         "leave": "2026-11-23T14:25:00Z", "why_zh": "热点第 1 位\n近 90 天", "why_en": "rank 1", "must": True},
        {"id": "b#1", "name_zh": "团结社区\x07", "name_en": "", "lon": 106.71, "lat": 39.51,
         "arrive": "2026-11-23T16:40:00Z", "start": "2026-11-23T16:40:00Z", "leave": "2026-11-23T16:55:00Z",
         "why_zh": "=HYPERLINK(\"http://x\")", "why_en": "must visit", "must": False},
    ]  # fmt: skip
    team = {"name": "1队", "name_en": "Team 1", "stops": stops, "travel_m": 2345.0,
            "line": [[106.69, 39.5], [106.7, 39.5], [106.71, 39.51]]}  # fmt: skip
    left = {
        "name_zh": "海勃湾路",
        "name_en": "Road",
        "must": True,
        "reason_zh": "无队可派",
        "reason_en": "no team free",
    }
    idle = {"name": "a/b:*?", "name_en": "team 1", "stops": [], "travel_m": 0.0, "line": []}
    return {"id": "p1", "date": "2026-11-23", "shift": "night", "teams": [team, idle], "unserved": [left]}


def test_gdal_reads_stops_in_order_and_the_way(plan: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "tour.kml"
    path.write_bytes(write_kml(plan, 0))
    layers = {str(name): pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)}
    stops = layers["停留点"]
    assert [name[:2] for name in stops["Name"]] == ["01", "02"]
    assert [(point.x, point.y) for point in stops.geometry] == [(106.70, 39.50), (106.71, 39.51)]
    (way,) = (frame for name, frame in layers.items() if name != "停留点")
    assert way.geometry.iloc[0].coords[0][:2] == (106.69, 39.5)
    assert len(way.geometry.iloc[0].coords) == 3


def test_kml_states_times_and_keeps_markup_out_of_names(plan: dict[str, Any]) -> None:
    root = ElementTree.fromstring(write_kml(plan, 0, lang="zh"))
    marks = root.findall(f".//{KML}Folder/{KML}Placemark")
    assert marks[0].findtext(f"{KML}name") == "01 先锋社区,第1网格;<学校>"
    assert marks[1].findtext(f"{KML}name") == "02 团结社区"
    assert marks[0].findtext(f"{KML}TimeSpan/{KML}begin") == "2026-11-23T14:10:00Z"
    assert ElementTree.fromstring(write_kml(plan, 1)).findall(f".//{KML}Placemark") == []


def test_a_team_that_is_none_is_named(plan: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError):
        write_kml(plan, 2)


def book_of(plan: dict[str, Any], lang: Any = "zh") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write_plan_xlsx(plan, zone="Asia/Shanghai", lang=lang)))


def values(rows: Iterator[Any]) -> list[list[Any]]:
    return [list(row) for row in rows]


def test_the_workbook_has_an_overview_and_a_sheet_a_team(plan: dict[str, Any]) -> None:
    book = book_of(plan)
    assert book.sheetnames == ["总览", "1队", "a b"]
    rows = values(book["总览"].iter_rows(values_only=True))
    assert rows[1] == ["1队", 2, 1, 2.35, datetime(2026, 11, 23, 22, 10), datetime(2026, 11, 24, 0, 55)]
    assert rows[2][:4] == ["a/b:*?", 0, 0, 0]
    assert ["海勃湾路", "是", "无队可派", None, None, None] in rows


def test_a_teams_sheet_has_local_times_reasons_places_and_whole_codes(plan: dict[str, Any]) -> None:
    rows = values(book_of(plan)["1队"].iter_rows(values_only=True))
    assert rows[1] == [
        1, datetime(2026, 11, 23, 22, 10), datetime(2026, 11, 23, 22, 12), datetime(2026, 11, 23, 22, 25), 13,
        "先锋社区,第1网格;<学校>", "是", "热点第 1 位\n近 90 天", 106.70, 39.50, "150304001001001#1",
    ]  # fmt: skip
    assert rows[2][1] == datetime(2026, 11, 24, 0, 40)


def test_no_cell_is_a_formula(plan: dict[str, Any]) -> None:
    for lang in ("zh", "en"):
        cells = [cell for sheet in book_of(plan, lang) for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or str(cell.value or "").startswith("=")]


def test_teams_of_one_name_get_sheets_of_their_own(plan: dict[str, Any]) -> None:
    """Excel compares sheet names without case and cuts at 31 characters."""
    many = deepcopy(plan)
    names = ["Team", "team", "x" * 40, "x" * 50, "History", "总览", "''", "[]"]
    many["teams"] = [dict(plan["teams"][1], name=name, name_en="") for name in names]
    found = book_of(many).sheetnames
    assert len({name.casefold() for name in found}) == len(found) == len(names) + 1
    assert max(map(len, found)) <= 31


@settings(max_examples=25, deadline=None)
@given(path=st.text("abcdefghijklmnopqrstuvwxyz0123456789-/:.%", max_size=80))
def test_the_code_is_read_back_as_the_address(path: str) -> None:
    address = f"https://w.example/{path}"
    assert read(qr_svg(address, label="x")) == address


def test_the_code_says_what_it_is_and_carries_no_inline_style() -> None:
    drawn = qr_svg("https://w.example/patrol/p/0", label="本队<页面>")
    assert ElementTree.fromstring(drawn).findtext("{http://www.w3.org/2000/svg}title") == "本队<页面>"
    assert "style=" not in drawn


def test_the_printed_sheet_shows_the_code_beside_the_title(plan: dict[str, Any]) -> None:
    code = qr_svg("https://w.example/patrol/p/0", label="x")
    assert f'<figure class="qr">{code}' in team_sheet(plan, 0, zone="Asia/Shanghai", qr=code)
    assert "<figure" not in team_sheet(plan, 0, zone="Asia/Shanghai")
