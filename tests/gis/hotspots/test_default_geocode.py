"""A coordinate that swallows rows is found; a busy city is not accused."""

import numpy as np
import pytest

from gis.errors import InputError, ShapeError
from gis.hotspots.default_geocode import default_geocodes


@pytest.fixture
def reports(rng: np.random.Generator) -> np.ndarray:
    """A thousand places in degrees, some of them several times."""
    sites = np.round(rng.uniform([106.6, 39.4], [106.8, 39.6], (400, 2)), 6)
    return sites[rng.integers(0, 400, 1000)]


def test_a_default_is_found_with_its_share_and_its_rows(reports: np.ndarray) -> None:
    rows = np.vstack([reports, np.tile([106.7, 39.5], (150, 1)), [[np.nan, np.nan]]])
    found = default_geocodes(rows)
    assert found.xy.tolist() == [[106.7, 39.5]]
    assert found.share[0] == pytest.approx(150 / 1150)
    assert found.suspect.sum() == 150
    assert not found.suspect[:1000].any()
    assert not found.suspect[-1]
    assert "13.0% of 1150 rows" in found.text("en")
    assert "13.0%" in found.text("zh")


def test_places_visited_alike_are_no_defaults(reports: np.ndarray) -> None:
    found = default_geocodes(reports)
    assert len(found.xy) == 0
    assert found.snapped > 2
    assert "No coordinate" in found.text("en")


def test_a_dozen_busy_sites_do_not_accuse_each_other() -> None:
    assert len(default_geocodes(np.repeat(np.arange(24.0).reshape(12, 2), 100, axis=0)).xy) == 0


def test_a_few_rows_on_one_place_are_too_few() -> None:
    assert len(default_geocodes(np.vstack([np.tile([1.0, 1.0], (19, 1)), np.arange(60.0).reshape(30, 2)])).xy) == 0


@pytest.mark.parametrize("rows", [np.zeros((0, 2)), np.zeros((500, 2)), np.full((3, 2), np.nan)])
def test_nothing_or_one_place_only_has_nothing_to_compare_with(rows: np.ndarray) -> None:
    assert len(default_geocodes(rows).xy) == 0


def test_the_most_frequent_comes_first(reports: np.ndarray) -> None:
    rows = np.vstack([reports, np.tile([106.71, 39.5], (120, 1)), np.tile([106.7, 39.5], (150, 1))])
    assert default_geocodes(rows).count.tolist() == [150, 120]


def test_columns_and_thresholds_that_are_none_are_refused() -> None:
    with pytest.raises(ShapeError, match="shape"):
        default_geocodes([[1.0, 2.0, 3.0]])
    with pytest.raises(InputError, match="least share"):
        default_geocodes([[1.0, 2.0]], least_share=0)
