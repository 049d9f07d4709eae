"""Shares by hand, Gini at both ends, and the correction for fewer incidents than places."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gis.errors import InputError, ShapeError
from gis.hotspots.concentration import concentration_of


def test_shares_of_five_places_by_hand() -> None:
    """10 incidents at 5 places as 6, 2, 1, 1, 0: one place holds 25 and 50 %, two hold 80 %."""
    found = concentration_of([1, 6, 0, 2, 1])
    assert found.shares["places"].tolist() == [1, 1, 2]
    assert found.shares["of_places"].tolist() == [0.2, 0.2, 0.4]
    assert found.shares["of_occupied"].tolist() == [0.25, 0.25, 0.5]
    assert found.shares["even"].tolist() == pytest.approx([0.4, 0.6, 0.8])
    np.testing.assert_allclose(found.lorenz, [[0, 0], [0.2, 0.6], [0.4, 0.8], [0.6, 0.9], [0.8, 1], [1, 1]])


def test_gini_by_hand() -> None:
    """Counts 0, 1, 1, 2, 6 ascending: (2 * (0 + 2 + 3 + 8 + 30) / 10 - 6) / 5 = 0.52."""
    found = concentration_of([1, 6, 0, 2, 1])
    assert found.gini == pytest.approx(0.52)
    assert found.gini_corrected == pytest.approx(0.52)


def test_one_incident_each_at_few_of_many_places_is_no_concentration() -> None:
    """Bernasco and Steenbeek (2017): the plain Gini says 0.9."""
    found = concentration_of([1] * 10 + [0] * 90)
    assert found.gini == pytest.approx(0.9)
    assert found.gini_corrected == pytest.approx(0.0)


def test_all_at_one_place_is_full_concentration() -> None:
    assert concentration_of([5] + [0] * 99).gini_corrected == pytest.approx(1 - 1 / 5)
    assert concentration_of([500, 0, 0, 0]).gini == pytest.approx(0.75)


@given(st.lists(st.integers(0, 8), min_size=1, max_size=30))
def test_figures_stay_in_range_and_do_not_depend_on_order(counts: list[int]) -> None:
    assume(sum(counts))
    found, turned = concentration_of(counts), concentration_of(counts[::-1])
    assert 0 <= found.gini_corrected <= found.gini + 1e-9 <= 1 + 1e-9
    assert found.gini == pytest.approx(turned.gini)
    assert (found.shares["places"] <= found.occupied).all()
    assert (found.shares["of_places"] <= found.shares["even"] + 1e-9).all()
    assert (np.diff(found.lorenz[:, 1]) >= -1e-12).all()


def test_the_finding_names_the_unit_in_both_languages() -> None:
    words = concentration_of([9, 1, 0, 0], unit=("路段", "street segments")).explain()
    assert words.text("en").startswith("25.0% of the street segments (1) hold 50% of all incidents")
    assert "路段" in words.text("zh")


@pytest.mark.parametrize("counts", [[], [[1]], [-1, 2], [0.5], [np.nan]])
def test_what_is_no_count_is_refused(counts: list[float]) -> None:
    with pytest.raises(ShapeError, match="whole numbers"):
        concentration_of(counts)


def test_no_incidents_are_refused() -> None:
    with pytest.raises(InputError, match="no incidents"):
        concentration_of([0, 0])


@pytest.mark.parametrize("shares", [(), (0.0,), (1.5,)])
def test_shares_out_of_range_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="Shares"):
        concentration_of([1], shares=shares)
