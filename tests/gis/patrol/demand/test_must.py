"""Must-visits by rules: schools on school days, outlets in turn, at the hours when they are open."""

from datetime import date, time, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from gis.calendar import DEFAULT_SHIFTS
from gis.errors import InputError
from gis.patrol import stops_from
from gis.patrol.demand import DEFAULT_MUSTS, MustRule, ShiftClock
from tests.gis.patrol.demand.demand_maker import CRS, lonlat
from tests.gis.patrol.patrol_maker import HOUR, SHIFT_S

WEDNESDAY = date(2026, 3, 4)


def visits(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame, day: date, shift: str, **options: Any
) -> pd.DataFrame:
    clock = ShiftClock(day, DEFAULT_SHIFTS[shift])
    rules = options.pop("musts", DEFAULT_MUSTS)
    return stops_from(
        hot.assign(count=0), areas, places, shift_s=SHIFT_S, crs=CRS, clock=clock, musts=rules, **options
    ).set_index("id")


def test_a_school_is_seen_at_opening_and_at_closing(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    """The day shift starts at 06:00: opening 07:10 to 08:10, and the visit of 20 minutes ends within it."""
    opening = visits(hot, areas, places, WEDNESDAY, "day").loc["place:p1#opening"]
    assert (opening["open_s"], opening["close_s"], opening["dwell_s"]) == (70 * 60, 110 * 60, 1200)
    assert opening["stop"] == "place:p1"
    assert opening["why_zh"] == "必巡点:学校上学时段(07:10–08:10),工作日(含调休上班)"
    assert opening["why_en"] == "mandatory stop: school at opening (07:10-08:10), working days with make-up days"
    closing = visits(hot, areas, places, WEDNESDAY, "evening").loc["place:p1#closing"]
    assert (closing["open_s"], closing["close_s"]) == (2.5 * HOUR, 3 * HOUR + 40 * 60 - 1200)
    assert not visits(hot, areas, places, WEDNESDAY, "night").index.str.startswith("place:p1").any()


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked for Spring Festival
        (date(2026, 2, 17), False),  # Spring Festival, a Tuesday
        (date(2026, 3, 7), False),  # a plain Saturday
        (date(2026, 3, 9), True),
    ],
)
def test_schools_are_seen_on_working_days_make_up_days_included(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame, day: date, open_: bool
) -> None:
    assert ("place:p1#opening" in visits(hot, areas, places, day, "day").index) is open_


def test_a_rule_may_ask_for_skills_and_says_so(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    rules = (MustRule("school", skills=("急救", "drone")), MustRule("station"))
    found = visits(hot, areas, places, WEDNESDAY, "day", musts=rules)
    school = found.loc["place:p1"]
    assert school["skills"] == "急救,drone"
    assert (school["why_zh"], school["why_en"]) == (
        "必巡点:学校,需要:急救、drone",
        "mandatory stop: school, needs 急救, drone",
    )
    assert set(found.loc[found["stop"] != "place:p1", "skills"]) <= {""}


def test_school_holidays_are_passed_over(hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    rule = MustRule("school", "opening", since=time(7), until=time(8), breaks=((date(2026, 7, 11), date(2026, 8, 31)),))
    found = {day: len(visits(hot, areas, places, day, "day", musts=[rule])) for day in
             (date(2026, 7, 10), date(2026, 7, 11), date(2026, 8, 31), date(2026, 9, 1))}  # fmt: skip
    assert list(found.values()) == [1, 0, 0, 1]


def test_each_outlet_has_its_turn_once_in_seven_days_and_a_new_one_moves_no_other(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame
) -> None:
    lon, lat = lonlat(500, 500)
    outlets = pd.DataFrame(
        {"id": [f"k{n}" for n in range(40)], "lon": lon, "lat": lat, "name_zh": "网点", "kind": "courier"}
    )
    week = [WEDNESDAY + timedelta(n) for n in range(7)]
    turns = [set(visits(hot, areas, outlets, day, "day").index) for day in week]
    assert sorted(id_ for turn in turns for id_ in turn) == sorted("place:" + outlets["id"])
    assert max(map(len, turns)) <= 12, "the turns are spread over the week"
    fewer = [set(visits(hot, areas, outlets.iloc[1:], day, "day").index) for day in week]
    assert [turn - {"place:k0"} for turn in turns] == fewer
    assert visits(hot, areas, outlets, WEDNESDAY, "night").empty, "closed at night"


def test_a_visit_that_does_not_fit_before_the_shift_ends_is_not_asked_for(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame
) -> None:
    """The day shift ends at 14:00 and holds the middle of 13:45 to 14:10, of which 15 minutes are left."""
    short = MustRule("school", dwell_s=900, since=time(13, 45), until=time(14, 10))
    assert visits(hot, areas, places, WEDNESDAY, "day", musts=[short])["close_s"].tolist() == [7.75 * HOUR]
    long = MustRule("school", dwell_s=901, since=time(13, 45), until=time(14, 10))
    assert visits(hot, areas, places, WEDNESDAY, "day", musts=[long]).empty


def test_rules_by_days_need_a_clock(hot: pd.DataFrame, areas: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="give the clock") as caught:
        stops_from(hot, areas, places, shift_s=SHIFT_S, musts=DEFAULT_MUSTS)
    assert "clock" in caught.value.zh
    plain = stops_from(hot, areas, places, shift_s=SHIFT_S, musts=[MustRule("school")])
    assert plain.loc[plain["must"], "id"].tolist() == ["place:p1"]


@pytest.mark.parametrize("wrong", [{"since": time(7)}, {"dwell_s": 0.0}, {"every_days": 0}])
def test_senseless_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="'school'"):
        MustRule("school", **wrong)
