"""Suppression of small counts, attacked by linear programming with everything that is published."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gis.errors import FilterError, ShapeError
from gis.incidents.privacy import PublicTable, released_months, suppress

Groups = list[list[int]]


def attack(
    tables: tuple[PublicTable, ...], groups: Groups, shape: tuple[int, int]
) -> list[tuple[float, float, float, float]]:
    """For each withheld count: lowest and highest value by linear programming, and what the table says of them."""
    leaves, categories = shape
    levels = [np.arange(leaves), *(np.asarray(group) for group in groups)]
    rows, values, hidden = [], [], []
    for table, labels in zip(tables, levels, strict=True):
        for row, label in enumerate(table.areas):
            inside = labels == label
            for column in range(categories + 1):
                cell = np.zeros((leaves, categories))
                cell[np.ix_(inside, [column] if column < categories else range(categories))] = 1
                if table.hidden[row, column]:
                    hidden.append((cell.ravel(), table.low[row, column], table.high[row, column]))
                else:
                    rows.append(cell.ravel())
                    values.append(table.values[row, column])
    known = {"A_eq": np.array(rows), "b_eq": np.array(values)} if rows else {}
    found = []
    for cell, low, high in hidden:
        least, most = linprog(cell, **known, method="highs"), linprog(-cell, **known, method="highs")
        found.append((least.fun, np.inf if most.status == 3 else -most.fun, low, high))
    return found


@st.composite
def trees(draw: st.DrawFn) -> tuple[np.ndarray, Groups]:
    """A table of few or many incidents over areas that nest in up to three levels above."""
    leaves, categories = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    cell = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40))
    counts = np.array(
        draw(st.lists(st.lists(cell, min_size=categories, max_size=categories), min_size=leaves, max_size=leaves))
    )
    groups: Groups = []
    place = list(range(leaves))
    for _ in range(draw(st.integers(0, 3))):
        upper = [draw(st.integers(0, 2)) for _ in range(max(place) + 1)]
        place = [upper[at] for at in place]
        groups.append(place)
    return counts, groups


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tree=trees(), k=st.integers(2, 7))
def test_no_withheld_count_can_be_narrowed_below_the_protection_by_everything_published(
    tree: tuple[np.ndarray, Groups], k: int
) -> None:
    counts, groups = tree
    tables = suppress(counts, groups, k=k)
    for least, most, low, high in attack(tables, groups, counts.shape):
        assert most - least >= k - 1e-6
        assert (least, most) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tree=trees(), k=st.integers(2, 7))
def test_no_small_count_is_published_and_what_is_published_is_true(tree: tuple[np.ndarray, Groups], k: int) -> None:
    counts, groups = tree
    for table, labels in zip(suppress(counts, groups, k=k), [list(range(len(counts))), *groups], strict=True):
        for row, label in enumerate(table.areas):
            line = counts[np.asarray(labels) == label].sum(axis=0)
            truth = np.append(line, line.sum())
            shown = table.values[row]
            assert not ((shown > 0) & (shown < k)).any()
            np.testing.assert_array_equal(shown[~table.hidden[row]], truth[~table.hidden[row]])
            assert (table.low[row] <= truth).all()
            assert (truth <= table.high[row]).all()


def test_the_attacker_finds_the_count_that_primary_suppression_alone_leaves_open() -> None:
    """Shown once red: 20 - 8 - 9 = 3, so withholding the 3 alone would be worth nothing."""
    bare = (
        PublicTable(
            np.arange(3),
            np.array([[8, 8], [9, 9], [-1, -1]]),
            np.array([[0, 0], [0, 0], [1, 1]], bool),
            *[np.zeros((3, 2))] * 2,
        ),
        PublicTable(np.array([0]), np.array([[20, 20]]), np.zeros((1, 2), bool), *[np.zeros((1, 2))] * 2),
    )
    assert all((least, most) == (3, 3) for least, most, *_ in attack(bare, [[0, 0, 0]], (3, 1)))


def test_a_small_grid_takes_its_smallest_sister_with_it() -> None:
    grids, street = suppress([[8], [9], [3]], [[0, 0, 0]])
    assert grids.values.tolist() == [[-1, -1], [9, 9], [-1, -1]]
    assert street.values.tolist() == [[20, 20]]


def test_a_rare_category_is_hidden_in_two_grids_and_two_categories_and_totals_stay() -> None:
    grids, street = suppress([[20, 30, 2], [40, 25, 9], [30, 30, 30]], [["a", "a", "a"]])
    assert grids.values[:, -1].tolist() == [52, 74, 90]
    assert grids.hidden.sum() == 4
    assert grids.hidden[0, 2]
    assert not street.hidden.any()


def test_zeros_are_published() -> None:
    (table,) = suppress([[0, 12], [0, 0]])
    assert table.values.tolist() == [[0, 12, 12], [0, 0, 0]]


def test_a_district_below_k_publishes_nothing() -> None:
    tables = suppress([[1, 0], [1, 1]], [[7, 7]])
    assert all(table.hidden.all() for table in tables)


def test_ten_thousand_grids_keep_most_totals_of_communities(rng: np.random.Generator) -> None:
    grids = np.arange(10_000)
    counts = rng.poisson(rng.gamma(1.0, 2.0, size=(10_000, 1)) * np.array([0.6, 0.3, 0.08, 0.02]))
    tables = suppress(counts, [grids // 12, grids // 120, np.zeros(10_000, int)])
    assert (~tables[1].hidden[:, -1]).mean() > 0.9
    assert not tables[2].hidden[:, -1].any()


@pytest.mark.parametrize("bad", [[1, 2], [[-1]], [[0.5]], np.empty((0, 3), int)])
def test_what_is_no_table_of_counts_is_refused(bad: object) -> None:
    with pytest.raises(ShapeError, match="whole numbers"):
        suppress(bad)  # type: ignore[arg-type]


def test_levels_that_do_not_nest_are_refused() -> None:
    with pytest.raises(ShapeError, match="does not nest"):
        suppress([[1], [2]], [[0, 0], [0, 1]])
    with pytest.raises(ShapeError, match="shape"):
        suppress([[1], [2]], [[0]])


@pytest.mark.parametrize(("k", "protection"), [(1, None), (5, 6), (5, 0)])
def test_settings_that_protect_nothing_are_refused(k: int, protection: int | None) -> None:
    with pytest.raises(FilterError, match="protection"):
        suppress([[1]], k=k, protection=protection)


def test_only_whole_closed_months_are_released() -> None:
    assert released_months(date(2026, 1, 15), date(2026, 4, 10)) == [date(2026, 2, 1)]
    assert released_months(date(2026, 1, 1), date(2026, 4, 11)) == [
        date(2026, 1, 1),
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]
    assert released_months(date(2026, 1, 1), date(2026, 1, 31)) == []
