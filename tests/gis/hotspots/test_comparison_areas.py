"""The rule of comparison by hand: kind, level, trend, how many; and that what followed is never looked at."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ColumnError, InputError
from gis.hotspots.comparison_areas import MatchRule, comparison_areas


def units(*rows: tuple[str, str, float, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit", "kind", "km2", "early", "late"])


AREA = units(("A", "basic", 0.5, 20, 20), ("B", "basic", 0.5, 20, 20))
"""80 incidents on one km2, steady."""
LIKE = units(("a", "basic", 1, 40, 40), ("b", "basic", 2, 80, 85), ("c", "basic", 1, 30, 30))


def test_areas_as_busy_and_as_steady_are_taken_the_most_alike_first() -> None:
    assert comparison_areas(AREA, LIKE).units == ("a", "b", "c")


@pytest.mark.parametrize(
    "other",
    [
        ("x", "special", 1.0, 40, 40),
        ("x", "basic", 1.0, 10, 10),
        ("x", "basic", 4.0, 40, 40),
        ("x", "basic", 1.0, 60, 20),
    ],
    ids=["another kind", "too quiet", "as many on too much ground", "on another trend"],
)
def test_another_kind_level_or_trend_does_not_compare(other: tuple[str, str, float, int, int]) -> None:
    found = comparison_areas(AREA, pd.concat([LIKE, units(other)], ignore_index=True))
    assert "x" not in found.units
    assert found.candidates == 4
    assert found.of_trend == 3


def test_fewer_than_three_are_no_comparison_and_are_counted() -> None:
    found = comparison_areas(AREA, LIKE.iloc[:2])
    assert found.units == ()
    assert (found.candidates, found.of_kind, found.of_level, found.of_trend) == (2, 2, 2, 2)


def test_no_more_than_the_most_are_taken() -> None:
    many = units(*((f"u{n:02d}", "basic", 1.0, 40, 40) for n in range(30)))
    assert comparison_areas(AREA, many).units == tuple(f"u{n:02d}" for n in range(20))


def test_the_kind_of_an_area_is_that_of_the_most_of_its_ground() -> None:
    mixed = units(("A", "special", 0.2, 20, 20), ("B", "basic", 0.8, 20, 20))
    assert comparison_areas(mixed, LIKE).of_kind == 3


def test_an_area_without_incidents_is_not_compared_with_areas_without_incidents() -> None:
    quiet = units(("A", "basic", 1.0, 0, 0))
    assert comparison_areas(quiet, units(*((f"u{n}", "basic", 1.0, 0, 0) for n in range(5)))).units == ()


@given(st.permutations(range(12)))
def test_the_order_of_candidates_does_not_matter(order: list[int]) -> None:
    table = units(*((f"u{n:02d}", "basic", 1.0, 30 + n, 45 - n) for n in range(12)))
    assert comparison_areas(AREA, table.iloc[order]).units == comparison_areas(AREA, table).units


def test_rules_and_tables_that_make_no_sense_are_refused() -> None:
    for rule in ({"level_factor": 1.0}, {"trend_factor": float("inf")}, {"least": 0}, {"least": 5, "most": 4}):
        with pytest.raises(InputError, match="rule of comparison"):
            MatchRule(**rule)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no ground"):
        comparison_areas(AREA.assign(km2=0.0), LIKE)
    with pytest.raises(InputError, match="missing or negative"):
        comparison_areas(AREA, LIKE.assign(late=-1))
    with pytest.raises(ColumnError):
        comparison_areas(AREA, LIKE.drop(columns="km2"))


def test_the_rule_says_its_numbers() -> None:
    assert "2 倍" in MatchRule().text("zh")
    assert "20 most alike" in MatchRule().text("en")
