"""Steps are whole, stand where the alignment says, and lose nothing without telling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError, ShapeError
from gis.hotspots.cube import space_time_cube

DAYS = [0.5, 3.0, 9.99, 10.0, 24.0]


def test_steps_aligned_to_the_end_leave_out_the_cut_one_at_the_start() -> None:
    cube = space_time_cube([0] * 5, DAYS, cells=1, step_days=10, since=0, until=25)
    assert cube.edges.tolist() == [5, 15, 25]
    assert cube.counts.tolist() == [[2, 1]]
    assert cube.left_out == 2


def test_steps_aligned_to_the_start_leave_out_the_cut_one_at_the_end() -> None:
    cube = space_time_cube([0] * 5, DAYS, cells=1, step_days=10, since=0, until=25, align="start")
    assert cube.edges.tolist() == [0, 10, 20]
    assert cube.counts.tolist() == [[3, 1]]
    assert cube.left_out == 1


def test_a_reference_lies_on_an_edge() -> None:
    cube = space_time_cube([0] * 5, DAYS, cells=1, step_days=10, since=0, until=25, align="reference", reference=3)
    assert cube.edges.tolist() == [3, 13, 23]
    assert cube.counts.tolist() == [[3, 0]]


def test_incidents_in_no_cell_are_left_out_and_cells_without_any_are_zeros() -> None:
    cube = space_time_cube([2, -1], [1.0, 2.0], cells=4, step_days=5, since=0, until=10)
    assert cube.counts.sum(axis=1).tolist() == [0, 0, 1, 0]
    assert cube.left_out == 1


@given(st.lists(st.floats(-5, 105), max_size=40), st.integers(1, 30), st.sampled_from(["end", "start"]))
def test_every_incident_of_the_period_is_counted_or_left_out(days: list[float], step: int, align: str) -> None:
    cube = space_time_cube([0] * len(days), days, cells=1, step_days=step, since=0, until=100, align=align)
    assert cube.counts.sum() + cube.left_out == sum(0 <= day < 100 for day in days)
    assert np.allclose(np.diff(cube.edges), step)


def test_a_period_of_whole_steps_loses_none_to_rounding() -> None:
    assert len(space_time_cube([], [], cells=1, step_days=0.1, since=0, until=0.3).edges) == 4


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"step_days": 0}, "above zero"),
        ({"until": -1}, "must have a length"),
        ({"step_days": 60}, "no whole step"),
        ({"align": "reference"}, "reference its day"),
        ({"align": "middle"}, "no alignment"),
    ],
)
def test_steps_that_cannot_be_made_are_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        space_time_cube([0], [1.0], **({"cells": 1, "step_days": 5, "since": 0, "until": 50} | changed))


@pytest.mark.parametrize(("cell", "days"), [([0, 1], [1.0]), ([0], [np.nan]), ([9], [1.0])])
def test_arrays_that_do_not_fit_are_refused(cell: list[int], days: list[float]) -> None:
    with pytest.raises(ShapeError, match="cells below 3"):
        space_time_cube(cell, days, cells=3, step_days=1, since=0, until=9)
