"""Blind spots are unseen ground, ranked by what they hold, each share with the district as its denominator."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cameras.blind_spots import BlindWeights, blind_spots
from gis.cameras.coverage import Coverage, Ground, PointTargets
from gis.errors import InputError

CELLS = np.array([shapely.box(0, 0, 200, 200), shapely.box(200, 0, 400, 200)], dtype=object)


def ground(incidents: np.ndarray, **kwargs: object) -> Ground:
    return Ground.build(CELLS, ["a", "b"], points={"incidents": PointTargets.of(incidents)}, **kwargs)  # type: ignore[arg-type]


def test_the_square_with_most_unseen_incidents_comes_first() -> None:
    rng = np.random.default_rng(1)
    many, few = rng.uniform(310, 390, (30, 2)) % [400, 100], rng.uniform(10, 90, (5, 2))
    coverage = Coverage.of(ground(np.vstack([many, few])), np.array([shapely.box(0, 100, 200, 200)], dtype=object))
    table = blind_spots(coverage)
    assert table["cell"].tolist() == ["b", "a"]
    assert table["incidents"].tolist() == [30, 5]
    assert table["incidents_share"].tolist() == pytest.approx([30 / 35, 5 / 35])
    assert table["rank"].tolist() == [1, 2]


def test_ground_and_incidents_that_are_seen_count_nothing() -> None:
    at = np.array([[50.0, 50.0], [350.0, 50.0]])
    table = blind_spots(Coverage.of(ground(at), np.array([shapely.box(0, 0, 100, 100)], dtype=object)))
    assert table["cell"].tolist() == ["b"]


def test_strips_narrower_than_asked_are_no_blind_spots() -> None:
    at = np.array([[50.0, 1.0], [50.0, 150.0]])
    covered = shapely.union_all([shapely.box(0, 3, 200, 200), shapely.box(200, 0, 400, 200)])
    assert blind_spots(Coverage.of(ground(at), np.array([covered], dtype=object))).empty


def test_the_reason_that_explains_most_of_a_piece_is_told() -> None:
    at = np.array([[50.0, 50.0], [150.0, 50.0], [250.0, 50.0]])
    none = Coverage.of(ground(at), np.array([], dtype=object))
    table = blind_spots(
        none,
        seen_anyway={
            "off": np.array([shapely.box(0, 0, 100, 60)], dtype=object),
            "blocked": np.array([shapely.box(0, 0, 190, 100)], dtype=object),
        },
    ).set_index(shapely.get_coordinates(shapely.centroid(blind_spots(none)["geometry"].to_numpy()))[:, 0].round(-1))
    assert table.loc[50.0, "reason"] == "off"
    assert table.loc[50.0, "reason_share"] == pytest.approx(0.6)
    assert table.loc[150.0, "reason"] == "blocked"
    assert table.loc[150.0, "reason_share"] == pytest.approx(0.9)
    assert table.loc[250.0, "reason"] == "far"


def test_everything_seen_has_no_blind_spots() -> None:
    at = np.array([[50.0, 50.0]])
    assert blind_spots(Coverage.of(ground(at), np.array([shapely.box(-1, -1, 500, 500)], dtype=object))).empty


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(20, 150))
def test_pieces_are_disjoint_unseen_and_hold_each_point_once(seed: int, size_m: float) -> None:
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, [400, 200], (60, 2)).round()
    seen = shapely.buffer(shapely.points(rng.uniform(0, [400, 200], (4, 2))), rng.uniform(10, 80, 4))
    coverage = Coverage.of(ground(at), seen)
    table = blind_spots(coverage, size_m=size_m, least_width_m=0.0, limit=10_000)
    shapes = table["geometry"].to_numpy(dtype=object)
    assert shapely.area(shapely.intersection(shapely.union_all(shapes), shapely.union_all(seen))) < 1e-6
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(shapely.union_all(shapes)), abs=1e-6)
    assert table["incidents"].sum() == (coverage.depth["incidents"] == 0).sum()


def test_weights_that_say_nothing_are_refused() -> None:
    for wrong in ({}, {"incidents": -1.0}, {"incidents": 0.0}, {"incidents": float("nan")}):
        with pytest.raises(InputError):
            BlindWeights(wrong)


def test_a_square_without_size_is_refused() -> None:
    coverage = Coverage.of(ground(np.zeros((1, 2))), np.array([], dtype=object))
    with pytest.raises(InputError):
        blind_spots(coverage, size_m=0)
