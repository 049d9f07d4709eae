"""Constructed effects are found with their denominators, and nothing is shown where nothing is."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis.errors import InputError
from gis.hotspots.area_effect import area_effect
from tests.gis.hotspots.ten_by_ten import effect, town

__all__ = ["town"]


def test_an_area_that_fell_by_more_than_half_is_told_with_its_denominators(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(30, 12), ring=(25, 25), far=(25, 25))
    assert found.change is not None
    assert found.change.ratio == pytest.approx(0.4)
    assert found.is_shown
    assert (found.area.units, found.area.before, found.area.after) == (4, 120, 48)
    assert found.compared.units == len(found.comparison.units) == 20
    assert found.compared.km2 == pytest.approx(20 * 0.09)
    text = found.text("en")
    assert "120 reports before and 48 after" in text
    assert "it fell more than the comparison areas" in text
    assert "比对照区下降得多" in found.text("zh")


def test_a_fall_that_the_whole_town_shares_is_not_shown(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(30, 15), ring=(25, 12), far=(26, 13))
    assert not found.is_shown
    assert "a change is not shown" in found.text("en")
    assert found.displacement is not None
    assert found.displacement.reading == "not_shown"


def test_what_moved_to_the_ring_is_told(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(30, 6), ring=(25, 33), far=(25, 25))
    assert found.displacement is not None
    # The area lost 96, the grids around gained 12 x 8, of which some lie in their far corners.
    assert found.displacement.quotient == pytest.approx(-1.0, abs=0.1)
    assert found.displacement.reading == "displaced"
    assert found.buffer_change is not None
    assert found.buffer_change.ratio == pytest.approx(33 / 25, rel=0.05)


def test_without_areas_as_busy_there_is_no_comparison_and_no_ratio(town: gpd.GeoDataFrame) -> None:
    found, _ = effect(town, area=(100, 50), ring=(5, 5), far=(5, 5))
    assert (found.change, found.buffer_change, found.displacement) == (None, None, None)
    assert "too few comparison areas (0 fit)" in found.text("en")
    assert "没有足够的对照区" in found.text("zh")
    assert len(found.caveats("zh")) == len(found.caveats("en")) == 3


def test_chance_alone_is_seldom_shown_as_a_change(town: gpd.GeoDataFrame) -> None:
    """Poisson counts without any effect: the interval leaves 1 out in no more than one in twenty, and four standard errors."""
    rng = np.random.default_rng(11)
    shown = 0
    for _ in range(100):
        early, late, after = rng.poisson(10, (3, 60))
        role = np.where(np.arange(60) < 4, "area", np.where(np.arange(60) < 16, "buffer", "far"))
        table = pd.DataFrame({"unit": [f"u{n}" for n in range(60)], "role": role, "kind": "basic", "km2": 0.09})
        table = table.assign(early=early, late=late, before=early + late, after=after * 2)
        table["after"] = rng.poisson(20, 60)
        shown += area_effect(table, days=56, rng=rng).is_shown
    assert shown <= 5 + 4 * np.sqrt(100 * 0.05 * 0.95)


def test_a_table_without_units_of_the_area_is_refused() -> None:
    with pytest.raises(InputError, match="no counts of the key area"):
        area_effect(
            pd.DataFrame(columns=["unit", "role", "kind", "km2", "early", "late", "before", "after"]),
            days=7,
            rng=np.random.default_rng(1),
        )
