"""Many clocks at once give what one clock gives."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gis.calendar import china_calendar
from gis.dispatch.clock_table import deadlines, elapsed_of
from gis.dispatch.clocks import Clock, Limit, Pause, deadline, elapsed, stood
from gis.dispatch.working_time import work_calendar
from gis.errors import InputError, ShapeError

WORK = work_calendar(china_calendar())
UNITS = np.array(["hour", "day", "working_hour", "urgent_hour", "working_day"])
FIRST = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())


def random_clocks(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts, amounts and units over two years."""
    rng = np.random.default_rng(seed)
    return (
        FIRST + rng.integers(0, 730 * 86_400, count),
        rng.integers(1, 30, count).astype(float),
        rng.choice(UNITS, count),
    )


def test_a_table_of_clocks_is_the_clocks_one_by_one() -> None:
    starts, amounts, units = random_clocks(400, 1)
    now = datetime(2026, 6, 1, 4, tzinfo=UTC)
    table = deadlines(starts, amounts, units, WORK)
    run = elapsed_of(starts, units, now, WORK)
    for row, (start, amount, unit) in enumerate(zip(starts, amounts, units, strict=True)):
        clock = Clock(datetime.fromtimestamp(int(start), UTC), Limit(float(amount), str(unit)))
        one = deadline(clock, WORK)
        assert (table.at[row], table.counted_s[row], table.is_sure[row]) == (
            one.at.timestamp(),
            one.counted_s,
            one.is_sure,
        )
        assert run[row] == elapsed(clock, now, WORK)
    assert table.calendar_version == WORK.version
    assert 0 < table.is_sure.mean() < 1


def test_time_spent_in_pauses_is_handed_over_in_seconds() -> None:
    start = datetime(2026, 3, 2, 1, tzinfo=UTC)
    pause = Pause(start + timedelta(hours=1), start + timedelta(hours=8), granted=True)
    for unit in ("hour", "working_hour"):
        clock = Clock(start, Limit(3, unit), [pause])
        one = deadline(clock, WORK)
        table = deadlines([start.timestamp()], [3], [unit], WORK, stood_s=stood(clock, one.at, WORK))
        assert table.at[0] == one.at.timestamp()
        now = start + timedelta(hours=5)
        assert elapsed_of([start.timestamp()], [unit], now, WORK, stood_s=stood(clock, now, WORK))[0] == elapsed(
            clock, now, WORK
        )


def test_an_empty_table_has_no_deadlines() -> None:
    assert len(deadlines([], [], np.array([], dtype=str), WORK).at) == 0


def test_columns_of_different_length_and_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ShapeError):
        deadlines([FIRST], [1, 2], ["hour"], WORK)
    with pytest.raises(ShapeError):
        elapsed_of([FIRST], [], datetime(2026, 1, 1, tzinfo=UTC), WORK)
    for amount, unit in ((0, "hour"), (1.5, "working_day"), (1, "week"), (np.nan, "day")):
        with pytest.raises(InputError, match="cannot be used"):
            deadlines([FIRST, FIRST], [1, amount], ["hour", unit], WORK)
