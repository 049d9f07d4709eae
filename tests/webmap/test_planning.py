"""What a request asks for: each source brings its stops, and only when it is asked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gis.errors import InputError
from webmap.config import Config
from webmap.patrol_sources import adjacency, last_beats, open_events
from webmap.planning import PlanRequest, make_plan, wanted_stops
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store
from webmap.store.events import Event

from .conftest import NOON

DAY = date(2026, 11, 23)
"""A Monday."""


def origins(services: Services, *sources: str, shift: str = "day", day: date = DAY, **options: object) -> pd.Series:
    request = PlanRequest(day, shift, sources=sources)
    return wanted_stops(services, request, viewer=LOCAL_OPERATOR, **options).groupby("origin").size()


def test_each_source_brings_its_own_stops_and_no_others(services: Services) -> None:
    assert set(origins(services, "hot_spot").index) == {"hot_spot"}
    assert set(origins(services, "must").index) == {"must"}
    assert origins(services, "blind_spot").to_dict() == {"blind_spot": 20}
    rail = origins(services, "railway").to_dict()
    assert rail == {"railway": 20}, "19.8 km of railway, at most 1 km a segment"
    assert origins(services).empty


def test_schools_are_asked_for_on_school_days_in_the_hours_of_the_shift(services: Services) -> None:
    def schools(shift: str, day: date) -> int:
        stops = wanted_stops(services, PlanRequest(day, shift, sources=("must",)), viewer=LOCAL_OPERATOR)
        return int(stops["why_en"].str.contains("school").sum())

    assert schools("day", DAY) == schools("evening", DAY) == 36
    assert schools("night", DAY) == 0
    assert schools("day", DAY - timedelta(1)) == 0


def test_hot_grids_of_a_night_are_weighed_by_the_reports_of_the_nights(services: Services) -> None:
    day, night = (
        wanted_stops(services, PlanRequest(DAY, shift, sources=("hot_spot",)), viewer=LOCAL_OPERATOR)
        for shift in ("day", "night")
    )
    assert day["why_en"].str.contains("in these hours of working days").all()
    assert (
        day.drop_duplicates("stop")
        .set_index("grid")["worth"]
        .ne(night.drop_duplicates("stop").set_index("grid")["worth"])
        .any()
    )


def test_a_shift_of_twelve_hours_can_be_planned(services: Services) -> None:
    stops = wanted_stops(services, PlanRequest(DAY, "night12", sources=("hot_spot", "must")), viewer=LOCAL_OPERATOR)
    assert stops.loc[stops["origin"] == "hot_spot", "visit"].max() == 6
    assert stops["why_en"].str.contains("at opening").any(), "opening lies at the end of the night"


def test_a_forecast_counts_where_it_is_asked_for(services: Services) -> None:
    quiet = services.cells(LOCAL_OPERATOR)["code"].iloc[0]
    forecast = pd.DataFrame({"code": [quiet], "expected": [2.0]})
    assert origins(services, "forecast", forecast=forecast).to_dict() == {"forecast": 4}
    assert origins(services, "forecast").empty
    assert set(origins(services, "hot_spot", forecast=forecast).index) == {"hot_spot"}


def test_a_plan_that_asks_for_a_forecast_gets_the_one_of_its_shift_and_says_so_at_every_hot_grid(
    services: Services,
) -> None:
    asked = PlanRequest(DAY, "day", teams=2, iterations=50, sources=("must", "forecast"))
    plan = make_plan(services, asked, viewer=LOCAL_OPERATOR)
    assert not [note for note in plan["notes"] if "forecast" in note["en"]]
    told = [visit["why_en"] for team in plan["teams"] for visit in team["stops"] if visit["kind"] == "hot_grid"]
    assert told
    assert all("reports forecast for this shift" in why for why in told)
    assert "day" in {each.document["shift"] for each in services.store.forecasts.list(LOCAL_OPERATOR, period="shift")}
    quiet = make_plan(services, replace(asked, sources=("must",)), viewer=LOCAL_OPERATOR)
    assert "forecast for this shift" not in repr(quiet["teams"])


def test_a_forecast_that_is_asked_for_and_cannot_be_made_is_told(services: Services) -> None:
    """Before the first report of a district there is nothing to learn from, while the rest of the plan stands."""
    early = datetime(2023, 10, 31, 1, tzinfo=UTC)
    then = Services(services.store, services.config, clock=lambda: early)
    asked = PlanRequest(date(2023, 10, 31), "day", teams=2, iterations=50, sources=("must", "forecast"))
    told = [note["en"] for note in make_plan(then, asked, viewer=LOCAL_OPERATOR)["notes"]]
    assert "there is no forecast to plan by; it was left out" in told


def test_an_unknown_source_is_refused(services: Services) -> None:
    with pytest.raises(InputError, match="rumour"):
        origins(services, "rumour")


@pytest.fixture
def desk(tmp_path: Path, wuda_areas: gpd.GeoDataFrame) -> Iterator[Services]:
    """A store that holds events alone."""
    store = open_store(f"sqlite:///{tmp_path / 'desk.db'}", create=True)
    for name, due in (("e1", "2026-11-23T20:00"), ("e2", "soon"), ("e3", "2026-11-23T12:00:00+00:00")):
        state = "archived" if name == "e3" else "reported"
        event = Event(name, "wangge", "D03", NOON, lon=106.72, lat=39.5, body={"due_at": due}, state=state)
        store.events.create(event, viewer=LOCAL_OPERATOR, now=NOON)
    yield Services(store, Config(), clock=lambda: NOON)
    store.close()


def test_open_events_are_told_with_their_due_time_and_closed_ones_are_not(desk: Services) -> None:
    events = open_events(desk, LOCAL_OPERATOR).set_index("id")
    assert events.index.tolist() == ["e1", "e2"]
    assert events["due_at"]["e1"].isoformat() == "2026-11-23T12:00:00+00:00", "local where no zone is told"
    assert pd.isna(events["due_at"]["e2"])
    assert (events[["name_zh", "name_en"]] != "").all(axis=None)


def test_beats_grow_out_of_the_newest_earlier_plan_of_the_same_shift_and_teams(desk: Services) -> None:
    def keep(back: int, beats: list[int], shift: str = "day", *, withdrawn: bool = False) -> None:
        plan = {"date": (DAY - timedelta(back)).isoformat(), "shift": shift}
        plan |= {"beats": {code: [beat, 10.0] for code, beat in zip("abc", beats, strict=True)}}
        kept = desk.store.plans.save(plan, viewer=LOCAL_OPERATOR, now=NOON)
        if withdrawn:
            desk.store.plans.move(kept, "withdrawn", viewer=LOCAL_OPERATOR, now=NOON)

    def last(teams: int) -> list[int] | None:
        found = last_beats(desk, LOCAL_OPERATOR, DAY, "day", teams, ["c", "a", "new"])
        return None if found is None else found.tolist()

    assert last(2) is None
    keep(29, [0, 1, 0])
    assert last(2) is None, "older than four weeks"
    keep(7, [0, 0, 1])
    keep(3, [1, 0, 0], withdrawn=True)
    keep(2, [1, 1, 0], shift="night")
    keep(0, [1, 1, 0])
    assert last(2) == [1, 0, -1]
    assert last(3) is None


def test_the_railway_parts_grids_of_the_sample_but_where_streets_cross(services: Services) -> None:
    cells = services.cells(LOCAL_OPERATOR)
    near, cut = services.neighbours(LOCAL_OPERATOR), adjacency(services, LOCAL_OPERATOR, cells)
    assert 0 < len(near.indices) - len(cut.indices) < 0.2 * len(near.indices)
