"""Coverage: sums of cells are the whole, borders count once, a moved camera gives what all anew would give."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cameras.coverage import Coverage, Ground, PointTargets, stacked
from gis.cameras.resilience import expected, losses, single_points, without
from gis.errors import FilterError, NotFoundError, ShapeError

CELLS = np.array([shapely.box(x, y, x + 50, y + 50) for y in (0, 50) for x in (0, 50)], dtype=object)
CODES = ["a", "b", "c", "d"]
PARENTS = {"street": ["s", "s", "t", "t"]}
HOUSE = np.array([shapely.box(20, 20, 30, 30)], dtype=object)
STREETS = np.array([shapely.LineString([(0, 10), (100, 10)]), shapely.LineString([(50, 0), (50, 100)])], dtype=object)


def town(points: np.ndarray | None = None) -> Ground:
    at = np.array([[10.0, 10.0], [50.0, 25.0], [90.0, 90.0], [500.0, 0.0]]) if points is None else points
    targets = {"incidents": PointTargets.of(at, weight=np.arange(1, len(at) + 1), kinds=["k"] * len(at))}
    return Ground.build(CELLS, CODES, parents=PARENTS, buildings=HOUSE, streets=STREETS, points=targets)


def discs(*circles: tuple[float, float, float]) -> np.ndarray:
    return np.array([shapely.Point(x, y).buffer(r) for x, y, r in circles] or [shapely.Polygon()], dtype=object)


def test_denominators_are_open_ground_whole_streets_and_points_inside() -> None:
    whole = Coverage.of(town(), discs()).table("all").iloc[0]
    assert whole["area_m2"] == pytest.approx(10_000 - 100)
    assert whole["street_m"] == pytest.approx(200), "the street on the border is counted once"
    assert whole["incidents"] == 6, "the point outside of the district is none of ours"
    assert whole["area1_m2"] == whole["street1_m"] == whole["incidents1"] == 0


def test_a_point_on_a_border_is_counted_once_in_the_first_cell() -> None:
    cells = Coverage.of(town(), discs((50, 25, 5))).table()
    assert cells["incidents"].tolist() == [3, 0, 0, 3]
    assert cells["incidents1"].tolist() == [2, 0, 0, 0]


def test_two_and_three_cameras_are_counted_apart() -> None:
    seen = np.array(
        [shapely.box(60, 60, 80, 80), shapely.box(70, 60, 90, 80), shapely.box(70, 70, 80, 80)], dtype=object
    )
    whole = Coverage.of(town(), seen).table("all").iloc[0]
    assert (whole["area1_m2"], whole["area2_m2"], whole["area3_m2"]) == pytest.approx((600, 200, 100))


def test_levels_sum_up() -> None:
    coverage = Coverage.of(town(), discs((50, 50, 30), (10, 10, 15)))
    streets = coverage.table("street")
    assert streets["code"].tolist() == ["s", "t"]
    numbers = [name for name in streets.columns if name != "code"]
    assert streets[numbers].sum().to_numpy() == pytest.approx(coverage.table()[numbers].sum().to_numpy())
    with pytest.raises(NotFoundError):
        coverage.table("city")


def test_targets_by_class_have_their_denominator() -> None:
    told = Coverage.of(town(), discs((10, 10, 5))).targets("incidents").iloc[0]
    assert (told["kind"], told["of"], told["seen1"]) == ("k", 6, 1)


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError):
        Ground.build(CELLS, ["a"])
    with pytest.raises(ShapeError):
        PointTargets.of(np.zeros((2, 2)), weight=[1.0])


circle = st.tuples(st.floats(-10, 110), st.floats(-10, 110), st.floats(1, 60))


@settings(max_examples=60, deadline=None)
@given(st.lists(circle, min_size=1, max_size=7))
def test_cells_are_the_whole_as_shapely_sees_it(circles: list[tuple[float, float, float]]) -> None:
    seen, ground = discs(*circles), town()
    whole = Coverage.of(ground, seen).table("all").iloc[0]
    open_ground = shapely.difference(shapely.box(0, 0, 100, 100), HOUSE[0])
    wanted = shapely.intersection(shapely.union_all(seen), open_ground)
    assert whole["area1_m2"] == pytest.approx(wanted.area, abs=1e-6)
    length = shapely.length(shapely.intersection(shapely.union_all(STREETS), wanted))
    assert whole["street1_m"] == pytest.approx(length, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(circle, min_size=2, max_size=6), circle, circle, st.data())
def test_a_moved_and_an_added_camera_give_what_all_anew_gives(
    circles: list[tuple[float, float, float]], moved: tuple[float, float, float], added: tuple[float, float, float], data: st.DataObject
) -> None:  # fmt: skip
    ground, at = town(), data.draw(st.integers(0, len(circles) - 1))
    before = Coverage.of(ground, discs(*circles))
    after = before.changed({at: discs(moved)[0]}, [discs(added)[0]])
    anew = [*circles, added]
    anew[at] = moved
    wanted = Coverage.of(ground, discs(*anew)).table()
    names = [name for name in wanted.columns if name != "code"]
    assert after.table()[names].to_numpy() == pytest.approx(wanted[names].to_numpy(), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(circle, min_size=1, max_size=6))
def test_a_loss_is_what_is_missing_without_the_camera(circles: list[tuple[float, float, float]]) -> None:
    coverage = Coverage.of(town(), discs(*circles))
    whole = coverage.table("all").iloc[0]
    for loss in losses(coverage).itertuples():
        left = without(coverage, [loss.row]).table("all").iloc[0]
        assert loss.lost_m2 == pytest.approx(whole["area1_m2"] - left["area1_m2"], abs=1e-6)
        assert loss.lost_incidents == pytest.approx(whole["incidents1"] - left["incidents1"])


@settings(max_examples=25, deadline=None)
@given(st.lists(circle, min_size=1, max_size=4), st.sampled_from([0.0, 0.5, 0.95, 0.98, 1.0]))
def test_expected_coverage_is_the_mean_over_all_outages(circles: list[tuple[float, float, float]], p: float) -> None:
    coverage = Coverage.of(town(), discs(*circles))
    mean = 0.0
    for mask in range(2 ** len(circles)):
        off = [row for row in range(len(circles)) if not mask >> row & 1]
        chance = p ** (len(circles) - len(off)) * (1 - p) ** len(off)
        mean += chance * without(coverage, off).table("all")["area1_m2"].iloc[0]
    told = expected(coverage, p).set_index("measure")
    assert told.loc["area_m2", "expected"] == pytest.approx(mean, abs=1e-6)
    assert told.loc["area_m2", "of"] == pytest.approx(9900)


def test_availability_is_a_probability() -> None:
    with pytest.raises(FilterError):
        expected(Coverage.of(town(), discs((1, 1, 1))), 98)


def test_the_only_camera_that_sees_a_place_is_named() -> None:
    coverage = Coverage.of(town(), discs((10, 10, 5), (90, 90, 5), (91, 90, 5)))
    assert single_points(coverage, "incidents").tolist() == [0, -1, -1, -1]


def test_depths_of_nothing_are_empty() -> None:
    assert shapely.is_empty(stacked(np.empty(0, dtype=object), 3)).all()


def test_ground_that_also_touches_a_cell_along_its_border_is_counted() -> None:
    cells = np.array([shapely.box(0, 0, 200, 200), shapely.box(200, 0, 400, 200)], dtype=object)
    seen = shapely.union_all([shapely.box(0, 3, 200, 200), shapely.box(200, 0, 400, 200)])
    coverage = Coverage.of(Ground.build(cells, ["a", "b"]), np.array([seen, seen], dtype=object))
    assert coverage.table()["area2_m2"].tolist() == [200.0 * 197, 200.0 * 200]
