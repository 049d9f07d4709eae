"""A tour on a GPS device and in a calendar, and on paper."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import pytest

from gis.errors import NotFoundError
from gis.exports import sheet_map_svg, team_sheet, write_gpx, write_ical

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
GPX = "{http://www.topografix.com/GPX/1/1}"


@pytest.fixture
def plan() -> dict[str, object]:
    """Two stops of one team after midnight, with every character that a format might trip over."""
    stops = [
        {"id": "a#1", "name_zh": "先锋社区,第1网格;<学校>", "name_en": "Grid 1 & school", "lon": 106.70, "lat": 39.50,
         "arrive": "2026-11-23T14:10:00Z", "start": "2026-11-23T14:10:00Z", "leave": "2026-11-23T14:25:00Z",
         "why_zh": "热点第 1 位\n近 90 天上报 41 起", "why_en": "rank 1", "must": True},
        {"id": "b#1", "name_zh": "团结社区第2网格" * 6, "name_en": "Grid 2", "lon": 106.71, "lat": 39.51,
         "arrive": "2026-11-23T16:40:00Z", "start": "2026-11-23T16:40:00Z", "leave": "2026-11-23T16:55:00Z",
         "why_zh": "必到", "why_en": "must visit", "must": False},
    ]  # fmt: skip
    team = {
        "name": "1队",
        "name_en": "Team 1",
        "stops": stops,
        "travel_m": 2345.0,
        "line": [[106.69, 39.5], [106.7, 39.5], [106.71, 39.51]],
    }
    return {
        "id": "p1",
        "date": "2026-11-23",
        "shift": "night",
        "zone": "Asia/Shanghai",
        "teams": [team, {**team, "stops": [], "line": []}],
    }


def test_gpx_is_read_by_gdal_with_stops_in_order(plan: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "tour.gpx"
    path.write_bytes(write_gpx(plan, 0))
    told = subprocess.run(
        ["/usr/bin/ogrinfo", "-so", "-al", str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert "Layer name: waypoints" in told
    points = gpd.read_file(path, layer="waypoints")
    assert points["name"].tolist()[0].startswith("01 先锋社区")
    assert points.geometry.x.tolist() == [106.70, 106.71]


def test_gpx_has_the_way_and_valid_xml(plan: dict[str, object]) -> None:
    root = ElementTree.fromstring(write_gpx(plan, 0, lang="en"))
    assert root.get("version") == "1.1"
    assert len(root.findall(f"{GPX}rte/{GPX}rtept")) == 3
    assert root.findtext(f"{GPX}wpt/{GPX}name") == "01 Grid 1 & school"


def test_calendar_lines_are_short_escaped_and_in_utc(plan: dict[str, object]) -> None:
    data = write_ical(plan, 0, now=NOW)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    text = data.decode("utf-8").replace("\r\n ", "")
    assert text.count("BEGIN:VEVENT") == 2
    assert "DTSTART:20261123T141000Z" in text
    assert "DTSTAMP:20261123T040000Z" in text
    assert r"先锋社区\,第1网格\;<学校>" in text
    assert r"热点第 1 位\n近 90 天上报 41 起" in text


def test_the_same_plan_keeps_its_identifiers(plan: dict[str, object]) -> None:
    first, later = (
        re.findall(rb"UID:(\S+)", write_ical(plan, 0, now=moment)) for moment in (NOW, datetime(2027, 1, 1, tzinfo=UTC))
    )
    assert first == later
    assert len(set(first)) == 2


def test_the_sheet_prints_local_times_and_escapes_names(plan: dict[str, object]) -> None:
    page = team_sheet(plan, 0, lang="zh", zone="Asia/Shanghai")
    assert "22:10" in page
    assert "00:40" in page
    assert "&lt;学校&gt;" in page
    assert "<script" not in page
    assert 'lang="zh-CN"' in page
    assert "夜班" in page
    assert "night" not in page
    assert "必到" in page


def test_the_sheets_map_shows_stops_scale_and_north(plan: dict[str, object], wuda_areas: gpd.GeoDataFrame) -> None:
    drawn = sheet_map_svg(plan, 0, areas=wuda_areas[wuda_areas["level"] == "community"], lang="zh")
    assert drawn.count("<circle") == 2
    assert "km" in drawn or " m<" in drawn
    assert "北" in drawn
    assert "style=" not in drawn, "inline styles break the page's policy"
    ElementTree.fromstring(drawn)


def test_a_team_without_stops_has_a_sheet_and_no_map(plan: dict[str, object], wuda_areas: gpd.GeoDataFrame) -> None:
    assert sheet_map_svg(plan, 1, areas=wuda_areas) == ""
    assert "<tbody></tbody>" in team_sheet(plan, 1, lang="en", zone="Asia/Shanghai")


@pytest.mark.parametrize("team", [-1, 2])
def test_a_team_that_is_none_is_named(plan: dict[str, object], team: int) -> None:
    with pytest.raises(NotFoundError):
        write_gpx(plan, team)
