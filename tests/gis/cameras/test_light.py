"""By night: the own light within its reach, lit ground, and what nobody wrote down in what may be seen alone."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.cameras.buildings import Occluders
from gis.cameras.light import LitGround, by_night
from gis.cameras.visible import CameraAreas, camera_areas

STREETS = np.array(
    [shapely.LineString([(30, -50), (30, 50)]), shapely.LineString([(-30, -50), (-30, 50)])], dtype=object
)
NOTHING = Occluders.build(np.array([], dtype=object))
DARK = LitGround.of(np.array([], dtype=object), [])
HALF_LAMP_LIT = LitGround.of(STREETS, ["yes", ""], width_m=5)


def night(ground: LitGround, **told: object) -> tuple[CameraAreas, CameraAreas]:
    frame = pd.DataFrame([{"id": "c", "camera_type": "dome", "range_m": 40.0, "height_m": 5.0, **told}])
    xy = np.zeros((1, 2))
    day = camera_areas(frame, xy, NOTHING, bands=())
    return day, by_night(day, frame, xy, ground)


def areas(found: CameraAreas) -> tuple[float, float]:
    return float(shapely.area(found.sure[0])), float(shapely.area(found.may[0]))


def test_an_own_light_shows_what_lies_within_its_reach_and_no_more() -> None:
    _, found = night(DARK, light="infrared", light_m=20.0)
    assert areas(found) == pytest.approx((np.pi * 400,) * 2, rel=0.01)


def test_a_light_of_unknown_reach_surely_shows_nothing_and_may_show_all() -> None:
    day, found = night(DARK, light="white")
    assert areas(found) == (0, pytest.approx(areas(day)[1]))


def test_without_a_light_only_lit_ground_is_seen_and_unknown_streets_may_be() -> None:
    day, found = night(HALF_LAMP_LIT, light="none")
    lit, perhaps = (shapely.buffer(line, 5) for line in STREETS)
    assert areas(found)[0] == pytest.approx(shapely.area(shapely.intersection(day.sure[0], lit)), rel=0.01)
    assert areas(found)[1] == pytest.approx(2 * areas(found)[0], rel=0.01)
    assert shapely.intersects(found.may[0], perhaps)


def test_where_nobody_wrote_a_light_down_lit_ground_is_sure_and_all_of_it_may_be() -> None:
    day, found = night(HALF_LAMP_LIT)
    assert 0 < areas(found)[0] < areas(day)[0]
    assert areas(found)[1] == pytest.approx(areas(day)[1])


@given(
    st.sampled_from(["", "none", "infrared", "white"]),
    st.one_of(st.just(float("nan")), st.floats(1, 100)),
    st.lists(st.sampled_from(["yes", "no", ""]), min_size=2, max_size=2),
    st.booleans(),
)
def test_night_is_never_more_than_day_nor_sure_more_than_may(
    light: str, reach: float, lit: list[str], known: bool
) -> None:
    direction = {"camera_type": "fixed", "angle": 90.0} | ({"azimuth": 90.0} if known else {})
    day, found = night(LitGround.of(STREETS, lit), light=light, light_m=reach, **direction)
    for dark, bright in ((found.sure[0], day.sure[0]), (found.may[0], day.may[0]), (found.sure[0], found.may[0])):
        assert shapely.area(shapely.difference(dark, bright)) < 1e-6
    assert shapely.is_valid(found.may[0])
