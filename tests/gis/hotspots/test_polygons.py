"""Touching hot cells become one polygon with figures that can be counted, and keep their id while they last."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.errors import CrsError, InputError, ShapeError
from gis.hotspots.hours import shortest_run
from gis.hotspots.polygons import (
    CellFigures,
    compare_polygons,
    explain_hot_spots,
    explain_polygons,
    hot_spot_ids,
    hot_spot_polygons,
)
from gis.hotspots.weights import lattice_weights

SINCE, UNTIL = date(2024, 1, 1), date(2024, 3, 31)
CODES = [f"{number:03d}" for number in range(25)]


def cells() -> gpd.GeoDataFrame:
    """Five by five squares of 100 m."""
    shapes = [shapely.box(c * 100, r * 100, c * 100 + 100, r * 100 + 100) for r in range(5) for c in range(5)]
    return gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4545")


def polygons(counts: dict[int, int], **options: object) -> gpd.GeoDataFrame:
    count = np.array([counts.get(number, 0) for number in range(25)])
    figures = CellFigures(
        code=CODES, count=count, hot=count >= 5, p=np.where(count >= 5, 0.05 / np.maximum(count, 1), 1.0)
    )
    return hot_spot_polygons(cells(), figures, lattice_weights(5, 5), since=SINCE, until=UNTIL, **options)


def test_two_groups_become_two_polygons_ranked_by_incidents() -> None:
    found = polygons({0: 5, 1: 6, 6: 7, 24: 30, 12: 2})
    assert found["id"].tolist() == ["HS-024", "HS-006"]
    assert found["rank"].tolist() == [1, 2]
    assert found["cells"].tolist() == [1, 3]
    assert found["count"].tolist() == [30, 18]
    assert found["expected"].tolist() == pytest.approx([2, 6])
    assert found["ratio"].tolist() == pytest.approx([15, 3])
    assert found["pai"].tolist() == pytest.approx([(30 / 50) / (1 / 25), (18 / 50) / (3 / 25)])
    assert found["area_km2"].tolist() == pytest.approx([0.01, 0.03])
    assert found["p"].tolist() == pytest.approx([0.05 / 30, 0.05 / 7])
    assert found.loc[1, "since"] == "2024-01-01"
    assert "2 hot spots" in explain_polygons(found).text("en")


def test_cells_know_the_hot_spot_they_belong_to() -> None:
    count = np.zeros(25)
    count[[0, 1, 24]] = [5, 6, 9]
    found = hot_spot_ids(CellFigures(code=CODES, count=count, hot=count > 0, p=np.ones(25)), lattice_weights(5, 5))
    assert found[[0, 1, 2, 24]].tolist() == ["HS-001", "HS-001", "", "HS-024"]


def test_corners_join_as_the_neighbours_say() -> None:
    count = np.zeros(25)
    count[[0, 6]] = 9
    figures = CellFigures(code=CODES, count=count, hot=count > 0, p=np.ones(25))
    rook = hot_spot_polygons(cells(), figures, lattice_weights(5, 5, rook=True), since=SINCE, until=UNTIL)
    assert len(rook) == 2
    assert len(polygons({0: 9, 6: 9})) == 1


def test_categories_and_hours_are_those_of_its_incidents() -> None:
    rows = (
        [(0, "theft", 23)] * 4
        + [(0, "noise", 0)] * 4
        + [(0, "fire", 12), (1, "noise", None), (9, "flood", 3), (-1, "x", 4)]
    )
    found = polygons({0: 9, 1: 5}, incidents=pd.DataFrame(rows, columns=["cell", "category", "hour"]))
    assert found.loc[0, "categories"] == "noise 5; theft 4; fire 1"
    assert found.loc[0, "hours"] == "23:00-01:00"


def test_no_hot_cells_give_an_empty_table_with_its_columns() -> None:
    found = polygons({0: 2})
    assert len(found) == 0
    assert {"id", "rank", "p", "geometry"} <= set(found.columns)
    later, gone = compare_polygons(found, polygons({3: 9}))
    assert later["change"].tolist() == ["new"]
    assert len(gone) == 0


def test_hot_spots_are_new_persistent_or_dissolved_and_keep_their_id() -> None:
    earlier, later = polygons({0: 9, 1: 8, 24: 7}), polygons({0: 5, 1: 12, 12: 6})
    found, gone = compare_polygons(earlier, later)
    assert found[["id", "change", "was"]].to_numpy().tolist() == [
        ["HS-000", "persistent", "HS-000"],
        ["HS-012", "new", ""],
    ]
    assert gone[["id", "change"]].to_numpy().tolist() == [["HS-024", "dissolved"]]


def test_an_earlier_id_is_never_given_to_another_place() -> None:
    """The peak of 000 moves to 001, and the cell 000 becomes a spot of its own is not possible here; a far one is."""
    earlier = polygons({0: 9, 1: 8})
    moved = earlier.assign(id=["HS-024"])
    found, _ = compare_polygons(moved, polygons({0: 9, 1: 8, 24: 7}))
    assert found["id"].tolist() == ["HS-024", "HS-024-a"]


def test_of_two_that_continue_one_the_larger_overlap_keeps_the_id() -> None:
    earlier = polygons({0: 9, 1: 8, 2: 8, 3: 8, 4: 8})
    found, gone = compare_polygons(earlier, polygons({0: 6, 1: 6, 2: 6, 4: 7}))
    assert found["change"].tolist() == ["persistent", "persistent"]
    assert found.set_index("cells")["id"].to_dict() == {3: "HS-000", 1: "HS-004"}
    assert found["was"].tolist() == ["HS-000", "HS-000"]
    assert len(gone) == 0


def test_touching_is_not_overlapping() -> None:
    found, gone = compare_polygons(polygons({0: 9}), polygons({1: 9}))
    assert found["change"].tolist() == ["new"]
    assert len(gone) == 1


def test_what_does_not_fit_is_refused() -> None:
    figures = CellFigures(code=CODES, count=np.ones(24), hot=np.ones(25), p=np.ones(25))
    with pytest.raises(ShapeError, match="each of the 25 cells"):
        hot_spot_polygons(cells(), figures, lattice_weights(5, 5), since=SINCE, until=UNTIL)
    with pytest.raises(ShapeError, match="cell, category and hour"):
        polygons({0: 9}, incidents=pd.DataFrame({"cell": [0]}))
    with pytest.raises(CrsError, match="metres"):
        hot_spot_polygons(
            cells().set_crs(4326, allow_override=True), figures, lattice_weights(5, 5), since=SINCE, until=UNTIL
        )
    with pytest.raises(CrsError, match="different CRS"):
        compare_polygons(polygons({0: 9}), polygons({0: 9}).set_crs(4546, allow_override=True))
    with pytest.raises(InputError, match="least overlap"):
        compare_polygons(polygons({0: 9}), polygons({0: 9}), least_overlap=0)


def test_an_even_day_needs_half_of_its_hours() -> None:
    assert shortest_run(np.ones(24), 0.5) == tuple(range(12))
    assert shortest_run(np.ones(24), 1.0) == tuple(range(24))
    assert shortest_run(np.zeros(24), 0.5) == ()


def test_groups_that_a_method_names_are_kept_though_they_touch() -> None:
    count = np.zeros(25)
    count[[0, 1, 20]] = [5, 6, 7]
    group = np.full(25, -1)
    group[[0, 20]], group[1] = 3, 1
    figures = CellFigures(code=CODES, count=count, hot=count > 0, p=np.ones(25), group=group)
    found = hot_spot_polygons(cells(), figures, lattice_weights(5, 5), since=SINCE, until=UNTIL)
    assert found.set_index("id")["cells"].to_dict() == {"HS-020": 2, "HS-001": 1}
    assert hot_spot_ids(figures, lattice_weights(5, 5))[[0, 1, 20]].tolist() == ["HS-020", "HS-001", "HS-020"]
    with pytest.raises(ShapeError, match="number of its group"):
        hot_spot_ids(CellFigures(CODES, count, count > 0, np.ones(25), group=np.full(25, -1)), lattice_weights(5, 5))


def test_the_layer_says_what_became_of_the_period_before_only_where_it_was_compared() -> None:
    now = polygons({0: 5, 24: 30}).assign(change=["new", "persistent"])
    statistic = explain_polygons(now)
    told = explain_hot_spots(now, statistic, incidents=70, dissolved=2)
    assert "1 are new, 1 persist and 2 dissolved" in told.text("en")
    assert "占计入的 70 起的 50.0%" in told.text("zh")
    assert "against" not in explain_hot_spots(now, statistic, incidents=70).means[1]
