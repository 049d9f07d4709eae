"""Boundaries change from a day on; what has held stays."""

from datetime import date, timedelta

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import CodeError, ColumnError, CrsError, InputError
from gis.grid.versions import supersede, valid_on
from tests.strategies import unhurried

SPRING, SUMMER = date(2026, 4, 1), date(2026, 7, 1)


def table(widths: dict[str, float], **more: object) -> gpd.GeoDataFrame:
    """Grids by code, as wide as said."""
    frame = pd.DataFrame(
        {"code": list(widths), "parent": "", "level": "grid", "kind": "basic", "name_zh": "甲"}, dtype="str"
    )
    frame = frame.assign(households=pd.array([100] * len(widths), dtype="Int64"), valid_from="", valid_to="", **more)
    shapes = [shapely.box(106.7, 39.5, 106.7 + width, 39.51) for width in widths.values()]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")


def periods(areas: gpd.GeoDataFrame) -> list[tuple[str, str, str]]:
    return sorted(zip(areas["code"], areas["valid_from"], areas["valid_to"], strict=True))


def test_a_change_ends_one_version_and_starts_the_next() -> None:
    both = supersede(table({"a": 0.01, "b": 0.01}), table({"a": 0.01, "b": 0.02}), SPRING)
    assert periods(both) == [("a", "", ""), ("b", "", "2026-04-01"), ("b", "2026-04-01", "")]
    before, after = (valid_on(both, day).set_index("code") for day in (SPRING - timedelta(1), SPRING))
    assert before.geometry["b"].bounds[2] == pytest.approx(106.71)
    assert after.geometry["b"].bounds[2] == pytest.approx(106.72)


def test_areas_that_go_end_and_areas_that_come_start() -> None:
    both = supersede(table({"a": 0.01, "b": 0.01}), table({"a": 0.01, "c": 0.01}), SPRING)
    assert periods(both) == [("a", "", ""), ("b", "", "2026-04-01"), ("c", "2026-04-01", "")]


def test_another_name_or_count_of_households_is_a_change() -> None:
    for change in ({"name_zh": "乙"}, {"households": pd.array([101], dtype="Int64")}, {"parent": "p"}):
        assert len(supersede(table({"a": 0.01}), table({"a": 0.01}).assign(**change), SPRING)) == 2


def test_missing_values_and_another_first_vertex_are_no_change() -> None:
    old = table({"a": 0.01}).assign(households=pd.array([pd.NA], dtype="Int64"))
    new = old.assign(households=pd.array([pd.NA], dtype="Int64"))
    ring = list(old.geometry[0].exterior.coords)
    new.loc[0, "geometry"] = shapely.Polygon([*ring[2:-1], *ring[:3]])
    assert periods(supersede(old, new, SPRING)) == [("a", "", "")]
    assert len(supersede(old, new.drop(columns="households"), SPRING)) == 1


def test_a_missing_outline_stays_missing_and_an_outline_that_comes_is_a_change() -> None:
    old = table({"a": 0.01})
    old.loc[0, "geometry"] = None
    assert len(supersede(old, old.copy(), SPRING)) == 1
    assert len(supersede(old, table({"a": 0.01}), SPRING)) == 2


def test_what_a_file_does_not_speak_of_stays() -> None:
    streets = table({"s": 0.05}).assign(level="street", kind="")
    special = table({"x": 0.01}).assign(kind="special")
    old = gpd.GeoDataFrame(pd.concat([table({"a": 0.01}), streets, special], ignore_index=True), crs="EPSG:4326")
    assert periods(supersede(old, table({"a": 0.02}), SPRING)) == [
        ("a", "", "2026-04-01"), ("a", "2026-04-01", ""), ("s", "", ""), ("x", "", ""),
    ]  # fmt: skip


def test_a_level_that_comes_for_the_first_time_keeps_its_own_dates() -> None:
    streets = table({"s": 0.05}).assign(level="street", kind="")
    assert periods(supersede(streets, table({"a": 0.01}), SPRING)) == [("a", "", ""), ("s", "", "")]
    assert periods(supersede(streets.iloc[:0], table({"a": 0.01}), SPRING)) == [("a", "", "")]


def test_a_second_correction_on_the_same_day_replaces_the_first() -> None:
    once = supersede(table({"a": 0.01}), table({"a": 0.02}), SPRING)
    twice = supersede(once, table({"a": 0.03}), SPRING)
    assert periods(twice) == [("a", "", "2026-04-01"), ("a", "2026-04-01", "")]
    assert valid_on(twice, SPRING).geometry.iloc[0].bounds[2] == pytest.approx(106.73)


def test_an_area_may_come_back_under_its_code() -> None:
    gone = supersede(table({"a": 0.01, "b": 0.01}), table({"a": 0.01}), SPRING)
    back = supersede(gone, table({"a": 0.01, "b": 0.01}), SUMMER)
    assert periods(back) == [("a", "", ""), ("b", "", "2026-04-01"), ("b", "2026-07-01", "")]


def test_a_version_to_come_is_not_rewritten() -> None:
    later = supersede(table({"a": 0.01}), table({"a": 0.02}), SUMMER)
    with pytest.raises(InputError, match="start after 2026-04-01: a"):
        supersede(later, table({"a": 0.03}), SPRING)


def test_codes_twice_and_other_crs_are_refused() -> None:
    twice = pd.concat([table({"a": 0.01}), table({"a": 0.02})])
    with pytest.raises(CodeError, match="new areas: a"):
        supersede(table({"a": 0.01}), twice, SPRING)
    with pytest.raises(CodeError, match="older areas: a"):
        supersede(twice, table({"a": 0.01}), SPRING)
    with pytest.raises(CrsError):
        supersede(table({"a": 0.01}), table({"a": 0.01}).to_crs("EPSG:4545"), SPRING)
    with pytest.raises(ColumnError, match="valid_to"):
        valid_on(table({"a": 0.01}).drop(columns="valid_to"), SPRING)


WIDTHS = st.dictionaries(st.sampled_from("abcde"), st.sampled_from([0.01, 0.02, 0.03]), min_size=1)
STEPS = st.lists(st.tuples(WIDTHS, st.integers(0, 40)), min_size=1, max_size=6)


@unhurried
@given(WIDTHS, STEPS)
def test_no_day_that_has_passed_ever_changes(
    first: dict[str, float], steps: list[tuple[dict[str, float], int]]
) -> None:
    """A simple record of each day's widths agrees with the versions, whatever changes follow each other."""
    areas, day = table(first), SPRING
    truth = {SPRING - timedelta(1): first}
    for widths, pause in steps:
        day += timedelta(pause)
        areas = supersede(areas, table(widths), day)
        truth[day] = widths
        for when, expected in truth.items():
            held = valid_on(areas, when)
            assert held["code"].is_unique
            found = {
                code: round(shape.bounds[2] - 106.7, 3) for code, shape in zip(held["code"], held.geometry, strict=True)
            }
            assert found == expected
        assert not ((areas["valid_from"] == areas["valid_to"]) & (areas["valid_to"] != "")).any()
    assert periods(supersede(areas, table(steps[-1][0]), day + timedelta(9))) == periods(areas)
