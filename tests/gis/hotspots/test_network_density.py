"""Network kernels keep their mass, split at junctions as printed, and the continuous one is a Gaussian on a line."""

import numpy as np
import pytest
import shapely
from scipy.stats import norm

from gis.errors import InputError, ShapeError
from gis.hotspots.network_density import NetworkDensity, street_density
from gis.hotspots.street_segments import StreetSegments, segments_of_lines, snap_to_segments


def star(arms: int, length: float = 1000.0) -> StreetSegments:
    turns = np.arange(arms) * 2 * np.pi / arms
    return segments_of_lines(
        np.array([shapely.LineString([(0, 0), (length * np.cos(t), length * np.sin(t))]) for t in turns], dtype=object)
    )


def grid(blocks: int, side: float = 100.0) -> StreetSegments:
    at = np.arange(blocks + 1) * side
    steps = [((x, y), (x, y + side)) for x in at for y in at[:-1]]
    return segments_of_lines(
        np.array(
            [shapely.LineString(s) for s in steps] + [shapely.LineString([a[::-1], b[::-1]]) for a, b in steps],
            dtype=object,
        )
    )


def total(found: NetworkDensity) -> float:
    return float((found.per_km * (found.to_m - found.from_m)).sum() / 1000)


def at(found: NetworkDensity, segments: StreetSegments, place: tuple[float, float]) -> float:
    """Density of the piece at a place."""
    segment, along, _ = snap_to_segments(segments, [place])
    row = (found.segment == segment[0]) & (found.from_m <= along[0]) & (along[0] < found.to_m + 1e-9)
    return float(found.per_km[row][0])


def test_the_quartic_kernel_on_a_lone_street_is_the_printed_one() -> None:
    street = segments_of_lines(np.array([shapely.LineString([(0, 0), (2000, 0)])], dtype=object))
    found = street_density(street, [[1000, 3]], bandwidth_m=200, piece_m=1)
    for gap in (0.5, 50.5, 150.5, 250.5):
        wanted = 15 / 16 * (1 - (gap / 200) ** 2) ** 2 / 200 * 1000 if gap < 200 else 0.0
        assert at(found, street, (1000 + gap, 0)) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("arms", [3, 4, 5])
def test_an_equal_part_goes_into_each_other_street(arms: int) -> None:
    """Okabe and Sugihara: at a junction of k streets, 1 / (k - 1) of the kernel into each; nothing turns back."""
    streets = star(arms)
    found = street_density(streets, [[100, 0]], bandwidth_m=300, piece_m=1)
    here = 15 / 16 * (1 - (200.5 / 300) ** 2) ** 2 / 300 * 1000
    turn = 2 * np.pi / arms
    assert at(found, streets, (300.5, 0)) == pytest.approx(here, abs=1e-3)
    beyond = at(found, streets, (100.5 * np.cos(turn), 100.5 * np.sin(turn)))
    assert beyond == pytest.approx(here / (arms - 1), abs=1e-3)
    assert total(found) == pytest.approx(1)


@pytest.mark.parametrize("arms", [3, 4])
def test_the_continuous_kernel_on_a_star_is_a_gaussian_passed_on_and_turned_back(arms: int) -> None:
    """McSwiggan et al. (2017): 2 / k goes into each other arm, 2 / k - 1 back into its own."""
    streets, wide = star(arms, 2000.0), norm(scale=150).pdf
    found = street_density(streets, [[100, 0]], bandwidth_m=150, piece_m=4, split="continuous")
    turn = 2 * np.pi / arms
    assert at(found, streets, (250, 0)) == pytest.approx(1000 * (wide(150) + (2 / arms - 1) * wide(350)), rel=0.01)
    beyond = at(found, streets, (82 * np.cos(turn), 82 * np.sin(turn)))
    assert beyond == pytest.approx(1000 * 2 / arms * wide(182), rel=0.01)


def test_the_continuous_kernel_does_not_jump_at_a_junction() -> None:
    streets = star(4, 300.0)
    found = street_density(streets, [[30, 0]], bandwidth_m=60, piece_m=2, split="continuous")
    around = [at(found, streets, place) for place in ((0.4, 0), (0, 0.4), (-0.4, 0), (0, -0.4))]
    assert max(around) / min(around) < 1.05


@pytest.mark.parametrize("split", ["discontinuous", "continuous"])
def test_mass_is_kept_where_no_street_ends(split: str, rng: np.random.Generator) -> None:
    streets = grid(6)
    found = street_density(streets, rng.uniform(0, 600, (40, 2)), bandwidth_m=120, piece_m=5, split=split)
    assert total(found) == pytest.approx(40, rel=1e-6)
    assert (found.per_km >= 0).all()


def test_dead_ends_lose_mass_and_say_so_unless_continuous() -> None:
    street = segments_of_lines(np.array([shapely.LineString([(0, 0), (400, 0)])], dtype=object))
    lost = street_density(street, [[10, 0]], bandwidth_m=100, piece_m=5)
    assert lost.lost > 0.3
    assert total(lost) == pytest.approx(1 - lost.lost)
    kept = street_density(street, [[10, 0]], bandwidth_m=100, piece_m=5, split="continuous")
    assert kept.lost == pytest.approx(0, abs=1e-9)


def test_the_order_of_incidents_does_not_matter_and_equal_places_add_up(rng: np.random.Generator) -> None:
    streets, xy = grid(4), rng.uniform(0, 400, (25, 2))
    once = street_density(streets, xy, bandwidth_m=150)
    twice = street_density(streets, np.vstack([xy[::-1], xy]), bandwidth_m=150)
    np.testing.assert_allclose(twice.per_km, 2 * once.per_km, atol=1e-9)


def test_far_incidents_are_left_out_and_none_at_all_give_zeros() -> None:
    streets = grid(2)
    found = street_density(streets, [[100, 100], [9000, 9000]], bandwidth_m=50)
    assert (found.n, found.left_out) == (1, 1)
    empty = street_density(streets, np.zeros((0, 2)), bandwidth_m=50, split="continuous")
    assert empty.per_km.max() == 0
    assert "too far from a street" in empty.explain().text("en")


def test_pieces_are_lines_of_the_streets_and_cover_them() -> None:
    streets = grid(2)
    table = street_density(streets, [[100, 100]], bandwidth_m=50, piece_m=30).frame(streets, "EPSG:4545")
    assert table.geometry.length.sum() == pytest.approx(streets.length_m.sum())
    assert (table.geometry.length <= 30 + 1e-9).all()


def test_a_bandwidth_with_too_many_ways_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.hotspots.network_density._MOST_STEPS", 1000)
    with pytest.raises(InputError, match="too many ways"):
        street_density(grid(6), [[300, 300]], bandwidth_m=900)


@pytest.mark.parametrize(("options", "error"), [
    ({"bandwidth_m": 0}, ShapeError), ({"bandwidth_m": 50, "piece_m": -1}, ShapeError),
    ({"bandwidth_m": 50, "split": "even"}, InputError), ({"bandwidth_m": 50, "piece_m": 1e-5}, InputError),
])  # fmt: skip
def test_what_cannot_be_spread_is_refused(options: dict, error: type[Exception]) -> None:
    with pytest.raises(error):
        street_density(star(3), [[1, 1]], **options)
