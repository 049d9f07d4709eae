"""What a camera sees: inside its range, outside buildings, growing with the range, and equal to the slow oracle."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cameras import visible
from gis.cameras.buildings import Occluders
from gis.cameras.views import Views
from gis.cameras.visible import camera_areas, visible_polygons
from tests.oracles.shadow_union import visible_disc

box = shapely.box


def views_at(
    xy: np.ndarray, reach: float, *, height: float = 4.0, azimuth: float = np.nan, angle: float = 360.0
) -> Views:
    """Views from points, without a dead zone."""
    count = len(xy)
    full = np.full(count, 1.0)
    return Views(
        np.arange(count), xy[:, 0], xy[:, 1], full * height, full * 0, full * reach, full * azimuth, full * angle,
        np.ones(count, dtype=bool),
    )  # fmt: skip


def seen(at: tuple[float, float], reach: float, shapes: list[shapely.Geometry], **options: float) -> shapely.Geometry:
    heights = np.full(len(shapes), np.inf)
    return visible_polygons(views_at(np.array([at]), reach, **options), Occluders.build(shapes, heights))[0]


def table(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"id": ["V1"], **{name: [value] for name, value in columns.items()}})


def areas_of(xy: tuple[float, float] = (0.0, 0.0), shapes: tuple[shapely.Geometry, ...] = (), **columns: object):
    return camera_areas(table(**columns), np.array([xy]), Occluders.build(shapes))


def test_without_buildings_a_dome_sees_its_disc() -> None:
    assert seen((3, 4), 50, []).area == pytest.approx(np.pi * 2500, rel=1e-4)


def test_a_sector_looks_where_its_azimuth_says() -> None:
    quarter = seen((0, 0), 10, [], azimuth=90.0, angle=90.0)
    assert quarter.area == pytest.approx(np.pi * 25, rel=1e-4)
    assert quarter.contains(shapely.Point(9, 0)), "azimuth 90 is east"
    assert not quarter.intersects(shapely.Point(0, 9))


def test_a_wall_hides_what_is_behind_it() -> None:
    wall = box(5, -1, 6, 1)
    polygon = seen((0, 0), 20, [wall])
    assert polygon.intersection(wall).area == pytest.approx(0, abs=1e-9)
    assert not polygon.intersects(shapely.Point(10, 0))
    assert polygon.intersects(shapely.Point(10, 5))


def test_a_camera_in_a_courtyard_sees_the_courtyard_alone() -> None:
    ring = box(-10, -10, 10, 10).difference(box(-4, -4, 4, 4))
    assert seen((0, 0), 50, [ring]).area == pytest.approx(64)


def test_houses_that_share_a_wall_are_one() -> None:
    apart = seen((0, -8), 40, [box(-10, 0, 10, 5)])
    joined = seen((0, -8), 40, [box(-10, 0, 0, 5), box(0, 0, 10, 5)])
    assert joined.symmetric_difference(apart).area == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "at", [(-5.0, 0.0), (-5.0, -5.0), (5.0, 5.0), (-9.0, 5.0)], ids=["wall", "corner", "corner2", "in line"]
)
def test_on_a_wall_on_a_corner_in_line_with_a_wall(at: tuple[float, float]) -> None:
    house = box(-5, -5, 5, 5)
    polygon = seen(at, 20, [house])
    disc = np.pi * 400
    assert polygon.is_valid
    assert polygon.intersection(house).area == pytest.approx(0, abs=0.02)
    assert 0.45 * disc < polygon.area < 0.95 * disc


def test_a_low_house_hides_a_strip_that_ends() -> None:
    house = box(10, -2, 12, 2)
    views = views_at(np.array([[0.0, 0.0]]), 100, height=6.0)
    polygon = visible_polygons(views, Occluders.build([house], [4.0]))[0]
    # A target of 1.6 m is hidden up to 12 m x (6 - 1.6) / (6 - 4) = 26.4 m.
    assert not polygon.intersects(shapely.Point(26.3, 0))
    assert polygon.intersects(shapely.Point(26.5, 0))
    assert visible_polygons(views, Occluders.build([house], [7.0]))[0].intersects(shapely.Point(60, 0)) is False
    assert visible_polygons(views, Occluders.build([house], [1.0]))[0].intersects(shapely.Point(12.1, 0))


def test_the_foot_of_the_pole_is_not_seen() -> None:
    areas = areas_of(camera_type="fixed", azimuth=0.0, angle=60.0, range_m=40.0, height_m=6.0, tilt=30.0)
    half = np.degrees(np.arctan(np.tan(np.radians(30)) * 9 / 16))
    near = 6 / np.tan(np.radians(30 + half))
    assert areas.sure[0].distance(shapely.Point(0, 0)) == pytest.approx(near, rel=1e-3)


def test_an_unknown_direction_sees_nothing_for_sure_and_may_see_all_round() -> None:
    areas = areas_of(camera_type="fixed", angle=90.0, range_m=30.0)
    assert areas.unknown[0]
    assert areas.sure[0].is_empty
    assert areas.may[0].area > 0.9 * np.pi * 900
    assert areas.share[0] == 0.25


def test_a_camera_that_turns_surely_sees_home_and_may_see_its_presets() -> None:
    areas = areas_of(camera_type="ptz", azimuth=0.0, angle=60.0, range_m=60.0, presets="90:60;180:30:20")
    assert areas.sure[0].area == pytest.approx(np.pi * 3600 / 6, rel=1e-3)
    assert areas.may[0].area == pytest.approx(2 * np.pi * 3600 / 6 + np.pi * 400 / 12, rel=1e-3)


def test_bands_nest_and_end_where_the_pixels_run_out() -> None:
    areas = areas_of(camera_type="fixed", azimuth=0.0, angle=60.0, range_m=500.0, height_m=1.6, resolution_px=1920)
    sizes = [areas.bands[code][0].area for code in ("identify", "recognise", "observe", "detect", "monitor")]
    assert sizes == sorted(sizes)
    reach = 1920 / (62.5 * 2 * np.tan(np.radians(30)))
    assert areas.bands["observe"][0].bounds[3] == pytest.approx(reach, rel=1e-3)


def test_without_a_resolution_no_band_is_claimed() -> None:
    areas = areas_of(camera_type="dome", range_m=30.0)
    assert all(shapes[0].is_empty for shapes in areas.bands.values())
    assert not areas.sure[0].is_empty


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"angle": 0.0}, "angle"),
        ({"range_m": -5.0}, "range_m"),
        ({"height_m": 0.0}, "height_m"),
        ({"azimuth": np.inf}, "azimuth"),
        ({"presets": "north"}, "presets"),
    ],
)
def test_what_makes_no_sense_is_named(columns: dict[str, object], field: str) -> None:
    areas = areas_of(camera_type="ptz", **columns)
    assert [problem.field for problem in areas.problems] == [field]
    assert "V1" in areas.problems[0].zh
    assert "V1" in areas.problems[0].en


def test_one_bad_camera_does_not_stop_the_others() -> None:
    frame = pd.DataFrame({"id": ["a", "b", "c"], "camera_type": "dome", "range_m": [20.0, 20.0, 20.0]})
    xy = np.array([[np.nan, 0.0], [0.0, 0.0], [105.0, 0.0]])
    areas = camera_areas(frame, xy, Occluders.build([box(100, -5, 110, 5)]))
    assert [problem.id for problem in areas.problems] == ["a", "c"]
    assert shapely.is_empty(areas.sure).tolist() == [True, False, True]


def test_a_house_that_crosses_itself_is_mended_and_named() -> None:
    bow = shapely.Polygon([(10, 0), (14, 4), (14, 0), (10, 4)])
    built = Occluders.build([box(50, 50, 51, 51), bow])
    assert built.repaired == (1,)
    polygon = visible_polygons(views_at(np.array([[0.0, 2.0]]), 30), built)[0]
    assert polygon.is_valid
    assert not polygon.intersects(shapely.Point(25, 2))


def test_a_mask_is_cut_out() -> None:
    yard = box(5, -5, 15, 5)
    frame = pd.DataFrame({"id": ["a", "b"], "camera_type": "dome", "range_m": 20.0})
    areas = camera_areas(frame, np.zeros((2, 2)), Occluders.build([]), masks={"a": yard})
    assert areas.sure[0].intersection(yard).area == pytest.approx(0, abs=1e-9)
    assert areas.sure[1].intersection(yard).area == pytest.approx(100)


coordinate = st.integers(-40, 40).map(float)
side = st.integers(1, 15).map(float)
houses = st.lists(st.tuples(coordinate, coordinate, side, side, st.integers(0, 3)), max_size=12)


def town(rows: list[tuple[float, float, float, float, int]]) -> list[shapely.Geometry]:
    from shapely.affinity import rotate

    return [rotate(box(x, y, x + w, y + h), 23.0 * turn) for x, y, w, h, turn in rows]


@settings(max_examples=120, deadline=None)
@given(houses, st.floats(5, 60))
def test_equal_to_the_union_of_shadows(rows: list[tuple[float, float, float, float, int]], reach: float) -> None:
    shapes = town(rows)
    built = Occluders.build(shapes)
    at = np.array([0.37, 0.61])
    polygon = visible_polygons(views_at(at[None], reach), built)[0]
    assert polygon.is_valid
    if shapely.intersects(built.shapes, shapely.Point(at)).any():
        assert polygon.is_empty
        return
    wanted = visible_disc(at, reach, built.walls(4.0).tree.geometries)
    assert polygon.symmetric_difference(wanted).area <= 1e-4 * wanted.area + 1e-6


@settings(max_examples=80, deadline=None)
@given(houses, st.floats(5, 40), st.floats(1.01, 3), st.floats(0, 360), st.floats(1, 360))
def test_inside_the_range_outside_buildings_growing_with_the_range(
    rows: list[tuple[float, float, float, float, int]], reach: float, more: float, azimuth: float, angle: float
) -> None:
    shapes = town(rows)
    at = (0.37, 0.61)
    near = seen(at, reach, shapes, azimuth=azimuth, angle=angle)
    far = seen(at, reach * more, shapes, azimuth=azimuth, angle=angle)
    assert near.is_valid
    assert far.is_valid
    assert near.difference(shapely.Point(at).buffer(reach * 1.000001, quad_segs=2000)).area <= 1e-5 * reach**2
    assert near.intersection(shapely.union_all(shapes)).area <= 1e-6 if shapes else True
    assert near.difference(far).area <= 1e-6 * reach**2


@settings(max_examples=60, deadline=None)
@given(
    houses, st.lists(st.sampled_from([2.0, 3.5, 9.0]), min_size=12, max_size=12), st.floats(0, 360), st.floats(20, 360)
)
def test_low_houses_hide_what_all_their_shadows_hide_wherever_they_stand(
    rows: list[tuple[float, float, float, float, int]], heights: list[float], azimuth: float, angle: float
) -> None:
    """Only houses that meet the seen ground are looked at; the others must hide none of it."""
    built = Occluders.build(town(rows), heights[: len(rows)])
    at = np.array([0.37, 0.61])
    views = replace(views_at(at[None], 50), azimuth=np.array([azimuth]), angle=np.array([angle]))
    polygon = visible_polygons(views, built)[0]
    low = np.flatnonzero(built.heights < 4.0)
    wanted = visible_polygons(views, Occluders.build(built.shapes[built.heights >= 4.0]))[0]
    shadows = [visible._shadow(built, int(each), at, 4.0, 1.6) for each in low]
    wanted = shapely.difference(wanted, shapely.union_all(shadows))
    if shapely.intersects(built.shapes, shapely.Point(at)).any():
        return
    assert shapely.area(shapely.symmetric_difference(polygon, wanted)) <= 1e-5
