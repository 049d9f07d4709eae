"""Incidents in order, default geocodes set aside, and nothing lost between a cut before and a cut after."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gis.errors import InputError, ShapeError
from gis.forecast import History, civil_days, make_history


def test_noon_is_half_a_day_in_every_zone() -> None:
    for zone in (UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Toronto")):
        assert civil_days(datetime(2024, 3, 1, 12, tzinfo=zone)) % 1 == 0.5


def test_rows_come_in_any_order_and_rows_without_place_or_time_are_left_out() -> None:
    xy = [[5, 5], [1, 1], [np.nan, 2], [1, 1]]
    found = make_history(xy, [3.0, 1.0, 2.0, np.nan], ["b", "a", "a", "b"])
    assert found.day.tolist() == [1.0, 3.0]
    assert found.sites[found.site].tolist() == [[1, 1], [5, 5]]
    assert [found.categories[k] for k in found.kind] == ["a", "b"]


def test_a_default_geocode_is_set_aside_and_counted() -> None:
    rng = np.random.default_rng(3)
    xy = np.vstack([np.full((90, 2), 777.0), np.round(rng.uniform(0, 5000, (500, 2)), -1)])
    day = rng.uniform(0, 100, len(xy))
    found = make_history(xy, day)
    assert len(found) == 500
    assert found.set_aside is not None
    assert found.set_aside.suspect.sum() == 90
    assert len(make_history(xy, day, keep_defaults=True)) == 590


def test_before_and_since_share_out_every_incident(history: History) -> None:
    for day in (history.day[0], 16_300.5, history.day[77], 99_999.0):
        assert len(history.before(day)) + len(history.since(day)) == len(history)
        assert (history.before(day).day < day).all()


def test_focus_picks_one_category_and_empty_picks_all(history: History) -> None:
    assert history.of("theft").mine.sum() + history.of("noise").mine.sum() == history.of("").mine.sum() == len(history)


def test_an_unknown_category_and_arrays_that_do_not_fit_are_refused(history: History) -> None:
    with pytest.raises(InputError, match="'arson'"):
        history.of("arson")
    with pytest.raises(ShapeError, match="do not fit"):
        make_history([[1, 2]], [1.0, 2.0])


def test_no_incident_at_all_is_an_empty_history() -> None:
    assert len(make_history(np.empty((0, 2)), [])) == 0
