"""Cross-validation finds the width that made the data, and says where it cannot."""

import numpy as np
import pytest
import shapely
from scipy.stats import norm

from gis.errors import GeometryError, InputError, ShapeError
from gis.hotspots.bandwidth import likelihood_bandwidth

DISTRICT = shapely.box(0, 0, 5000, 5000)


@pytest.fixture
def clusters(rng: np.random.Generator) -> np.ndarray:
    """Sixty clusters of a standard deviation of 120 m, fifty incidents each."""
    centre = rng.uniform(500, 4500, (60, 2))
    return np.repeat(centre, 50, axis=0) + rng.normal(0, 120, (3000, 2))


def test_clusters_ask_for_a_bandwidth_well_below_their_width_and_below_the_rule(clusters: np.ndarray) -> None:
    found = likelihood_bandwidth(clusters, window=DISTRICT, rng=np.random.default_rng(1))
    assert 40 < found.bandwidth_m < 120
    assert found.rule_m > 200
    assert not found.at_end
    assert found.score.max() == found.score[np.argmin(np.abs(found.tried - found.bandwidth_m))]
    assert "foretells held-back incidents best" in found.explain().text("en")


def test_scores_equal_the_plain_sum(rng: np.random.Generator) -> None:
    xy = rng.normal(2500, 400, (60, 2))
    widths = [150.0, 400.0]
    found = likelihood_bandwidth(xy, window=DISTRICT, rng=np.random.default_rng(3), tried=widths, folds=3)
    fold = np.random.default_rng(3).permutation(60) % 3
    for width, score in zip(widths, found.score, strict=True):
        density = np.empty(60)
        for i in range(60):
            others = xy[fold != fold[i]]
            kernel = norm.pdf(xy[i] - others, scale=width).prod(axis=1).mean() * 1e6
            inside = np.prod(norm.cdf((5000 - xy[i]) / width) - norm.cdf(-xy[i] / width))
            density[i] = 0.99 * kernel / inside + 0.01 / 25
        assert score == pytest.approx(np.log(density).mean(), abs=0.01)


def test_incidents_on_few_places_take_the_narrowest_and_say_so(rng: np.random.Generator) -> None:
    sites = rng.uniform(0, 5000, (20, 2))
    found = likelihood_bandwidth(sites[rng.integers(0, 20, 400)], window=DISTRICT, rng=rng)
    assert found.at_end
    assert found.bandwidth_m == found.tried[0]


@pytest.mark.parametrize(("xy", "options", "words"), [
    (np.zeros((3, 2)) + 5, {}, "incidents in 5 folds"),
    (np.zeros((90, 2)) + 5, {}, "at one place"),
    (np.arange(180.0).reshape(90, 2), {"folds": 1}, "two folds"),
    (np.arange(180.0).reshape(90, 2), {"tried": [200, 100]}, "ascend"),
])  # fmt: skip
def test_what_gives_no_choice_is_refused(xy: np.ndarray, options: dict, words: str, rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match=words):
        likelihood_bandwidth(xy, window=DISTRICT, rng=rng, **options)


def test_an_empty_window_or_too_narrow_a_bandwidth_is_refused(clusters: np.ndarray, rng: np.random.Generator) -> None:
    with pytest.raises(GeometryError):
        likelihood_bandwidth(clusters, window=shapely.Polygon(), rng=rng)
    with pytest.raises(ShapeError, match="too small"):
        likelihood_bandwidth(clusters, window=DISTRICT, rng=rng, tried=[0.001])
