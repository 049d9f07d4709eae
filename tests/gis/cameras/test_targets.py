"""Targets by point class: shares of what is there, cameras of the class alone, and nothing said about nothing."""

import numpy as np
import pytest
import shapely

from gis.cameras.coverage import Coverage, Ground, PointTargets
from gis.cameras.tables import Target
from gis.cameras.targets import target_table

CELL = np.array([shapely.box(0, 0, 100, 100)], dtype=object)
STREET = np.array([shapely.LineString([(0, 50), (100, 50)])], dtype=object)
AT = np.array([[10.0, 50.0], [90.0, 50.0], [90.0, 90.0]])
PLACES = {"places": PointTargets.of(AT, kinds=["school", "school", "market"])}
SEEN = np.array([shapely.box(0, 0, 40, 100), shapely.Polygon()], dtype=object)


def judged(
    *targets: Target, classes: tuple[str, ...] = ("1", "2"), working: tuple[bool, ...] = (True, False)
) -> list[dict[str, object]]:
    coverage = Coverage.of(Ground.build(CELL, ["a"], streets=STREET, points=PLACES), SEEN)
    table = target_table(coverage, targets, point_class=np.array(classes), working=np.array(working))
    return table.to_dict("records")  # type: ignore[no-any-return]


def test_each_measure_has_its_denominator_and_is_reached_or_not() -> None:
    street, area, schools, all_places = judged(
        Target("1", "street", (), 0.4, 0.98), Target("1", "area", (), 0.41, 0.98),
        Target("2", "places", ("school",), 0.5, 0.95), Target("2", "places", (), 0.5, 0.95),
    )  # fmt: skip
    assert (street["of"], street["seen"], street["reached"]) == (100, 40, True)
    assert (area["of"], area["seen"], area["reached"]) == (10_000, 4_000, False)
    assert (schools["of"], schools["seen"], schools["reached"]) == (2, 1, True)
    assert (all_places["of"], all_places["share"], all_places["reached"]) == (3, pytest.approx(1 / 3, abs=1e-4), False)


def test_availability_is_of_the_cameras_of_the_class() -> None:
    first, second, third = judged(*(Target(each, "area", (), 1.0, 0.95) for each in "123"))
    assert (first["cameras"], first["working"], first["availability"], first["available"]) == (1, 1, 1, True)
    assert (second["cameras"], second["working"], second["available"]) == (1, 0, False)
    assert (third["cameras"], third["availability"], third["available"]) == (0, None, None)


def test_where_there_is_nothing_to_see_nothing_is_reached_nor_missed() -> None:
    (row,) = judged(Target("1", "places", ("bridge",), 1.0, 0.98))
    assert (row["of"], row["share"], row["reached"]) == (0, None, None)
