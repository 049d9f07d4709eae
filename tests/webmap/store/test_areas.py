"""The area tree is loaded by level and keeps its history."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis.errors import CodeError, ScopeError
from gis.schemas import AREAS
from tests.webmap.store.conftest import DISTRICT, GRIDS, NOW, STREET_A, STREET_B, SUPERVISOR_A
from webmap.store import LOCAL_OPERATOR, Store, Upserted, Viewer

SPRING = date(2026, 4, 1)


def test_areas_come_back_as_they_went_in(store: Store, two_streets: gpd.GeoDataFrame) -> None:
    assert store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(9, 0, 0)
    found = store.areas.read(LOCAL_OPERATOR)
    assert list(found.columns) == AREAS.names
    assert found["code"].tolist() == sorted(two_streets["code"])
    again = found.set_index("code").loc[two_streets["code"]].reset_index()
    assert again.geometry.geom_equals_exact(two_streets.geometry, 0).all()
    pd.testing.assert_series_equal(again["households"], two_streets["households"])


def test_the_same_areas_twice_change_nothing(store: Store, two_streets: gpd.GeoDataFrame) -> None:
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    again = store.areas.replace(two_streets.sample(frac=1, random_state=1), viewer=LOCAL_OPERATOR, now=NOW)
    assert again == Upserted(0, 0, 9)
    assert store.change_seq() == 1


def test_levels_in_files_of_their_own_do_not_push_each_other_out(store: Store, two_streets: gpd.GeoDataFrame) -> None:
    for level in ("district", "grid", "street", "community"):
        part = two_streets[two_streets["level"] == level]
        store.areas.replace(part, viewer=LOCAL_OPERATOR, now=NOW)
    assert len(store.areas.read(LOCAL_OPERATOR)) == 9
    assert store.areas.read(LOCAL_OPERATOR, level="grid")["code"].tolist() == list(GRIDS)


def test_special_grids_do_not_push_basic_ones_out(wuda: Store, two_streets: gpd.GeoDataFrame) -> None:
    special = two_streets.iloc[[5]].assign(code="150304009008901", kind="special")
    wuda.areas.replace(special, viewer=LOCAL_OPERATOR, now=NOW)
    assert len(wuda.areas.read(LOCAL_OPERATOR, level="grid")) == 5


def test_without_a_day_the_older_areas_of_the_level_go(wuda: Store, two_streets: gpd.GeoDataFrame) -> None:
    fewer = two_streets[two_streets["code"].isin(GRIDS[:3])]
    assert wuda.areas.replace(fewer, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(0, 0, 3)
    assert wuda.areas.read(LOCAL_OPERATOR, level="grid")["code"].tolist() == list(GRIDS[:3])
    assert wuda.changes.since(wuda.change_seq() - 1)[0].count == 1


def test_a_boundary_change_does_not_rewrite_history(wuda: Store, two_streets: gpd.GeoDataFrame) -> None:
    newer = two_streets[two_streets["level"] == "grid"].copy()
    newer.loc[newer["code"] == GRIDS[1], "geometry"] = shapely.box(106.71, 39.40, 106.72, 39.42)
    newer = newer[newer["code"] != GRIDS[3]]
    wuda.areas.replace(newer, viewer=LOCAL_OPERATOR, now=NOW, from_day=SPRING)
    before = wuda.areas.read(LOCAL_OPERATOR, level="grid", on=date(2026, 3, 31))
    after = wuda.areas.read(LOCAL_OPERATOR, level="grid", on=SPRING)
    assert before["code"].tolist() == list(GRIDS)
    assert after["code"].tolist() == list(GRIDS[:3])
    assert before.geometry[1].bounds[3] == pytest.approx(39.41)
    assert after.geometry[1].bounds[3] == pytest.approx(39.42)
    assert wuda.areas.read(LOCAL_OPERATOR, level="grid")["code"].tolist() == list(GRIDS[:3])
    versions = wuda.areas.history(LOCAL_OPERATOR, GRIDS[1])
    assert versions[["valid_from", "valid_to"]].to_numpy().tolist() == [["", "2026-04-01"], ["2026-04-01", ""]]


def test_a_viewer_sees_their_street_and_what_lies_below(wuda: Store) -> None:
    found = wuda.areas.read(SUPERVISOR_A)["code"].tolist()
    assert found == ["150304009000", "150304009008", GRIDS[0], GRIDS[1]]
    assert wuda.areas.history(SUPERVISOR_A, STREET_B).empty


def test_a_grid_that_moved_to_another_street_is_seen_by_that_street_alone(store: Store) -> None:
    """Codes without logic: the latest version says who the parent is."""
    rows = [
        ("A", "", "street", ""),
        ("B", "", "street", ""),
        ("g", "A", "grid", "2026-01-01"),
        ("g", "B", "grid", "2026-04-01"),
    ]
    frame = pd.DataFrame(rows, columns=["code", "parent", "level", "valid_from"]).assign(name_zh="x", synthetic=False)
    frame["valid_to"] = ["", "", "2026-04-01", ""]
    outline = [shapely.box(0, 0, 1, 1)] * 4
    store.areas.replace(gpd.GeoDataFrame(frame, geometry=outline, crs=4326), viewer=LOCAL_OPERATOR, now=NOW)
    assert store.areas.read(Viewer("a", "viewer", ("A",)))["code"].tolist() == ["A"]
    assert store.areas.read(Viewer("b", "viewer", ("B",)))["code"].tolist() == ["B", "g"]


def test_a_limited_viewer_does_not_rewrite_areas(wuda: Store, two_streets: gpd.GeoDataFrame) -> None:
    own = two_streets[two_streets["code"] == STREET_A].assign(name_zh="新名")
    with pytest.raises(ScopeError, match="rewrite the areas"):
        wuda.areas.replace(own, viewer=SUPERVISOR_A, now=NOW)


def test_a_code_twice_is_refused(store: Store, two_streets: gpd.GeoDataFrame) -> None:
    twice = pd.concat([two_streets, two_streets.iloc[[0]]])
    with pytest.raises(CodeError, match=DISTRICT):
        store.areas.replace(twice, viewer=LOCAL_OPERATOR, now=NOW)
    assert store.areas.read(LOCAL_OPERATOR).empty


def test_an_area_without_an_outline_is_kept_without_one(store: Store, two_streets: gpd.GeoDataFrame) -> None:
    two_streets.loc[3, "geometry"] = shapely.Polygon()
    two_streets.loc[4, "geometry"] = None
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    found = store.areas.read(LOCAL_OPERATOR, level="community")
    assert found.geometry.isna().tolist() == [True, True]
    assert store.verify() == []


def test_a_level_that_comes_for_the_first_time_holds_for_the_past_too(
    store: Store, two_streets: gpd.GeoDataFrame
) -> None:
    top = two_streets[two_streets["level"] != "grid"]
    store.areas.replace(top, viewer=LOCAL_OPERATOR, now=NOW)
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW, from_day=SPRING)
    assert len(store.areas.read(LOCAL_OPERATOR, level="grid", on=date(2020, 1, 1))) == 4
    before = store.change_seq()
    again = store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW, from_day=date(2026, 5, 1))
    assert again.changed == 0
    assert store.change_seq() == before


def test_a_second_change_on_the_same_day_takes_the_place_of_the_first(
    wuda: Store, two_streets: gpd.GeoDataFrame
) -> None:
    grids = two_streets[two_streets["level"] == "grid"]
    for height in (39.42, 39.43):
        newer = grids.copy()
        newer.loc[newer["code"] == GRIDS[1], "geometry"] = shapely.box(106.71, 39.40, 106.72, height)
        wuda.areas.replace(newer, viewer=LOCAL_OPERATOR, now=NOW, from_day=SPRING)
    versions = wuda.areas.history(LOCAL_OPERATOR, GRIDS[1])
    assert [shape.bounds[3] for shape in versions.geometry] == [39.41, 39.43]
