"""Every model of the registry keeps the promises of a model, and the registry says no in both languages."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from gis.errors import InputError
from gis.forecast import (
    MODELS,
    Cells,
    History,
    Model,
    Period,
    civil_days,
    grid_cells,
    lattice_cells,
    make_history,
    make_model,
)
from gis.forecast.history import EPOCH

MONDAY = (EPOCH + timedelta(days=16_800)).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
MODEL_KEYS = list(MODELS)


def quick(key: str) -> Model:
    return make_model(key, **({"trees": 5, "learn_rounds": 8} if key == "boosted" else {}))


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_nothing_after_the_cutoff_changes_a_forecast(key: str, history: History, cells: Cells) -> None:
    period = Period.starting("week", MONDAY)
    known = history.of("theft")
    late = known.day >= period.start - 3.0
    moved = replace(
        known, site=np.where(late, known.site[::-1], known.site), kind=np.where(late, 1 - known.kind, known.kind)
    )
    found = quick(key).expected(known, cells, period, delay_days=3.0)
    assert found == pytest.approx(quick(key).expected(moved, cells, period, delay_days=3.0), rel=1e-12)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(11.0, rel=0.35)  # 1,800 thefts in 157 weeks


@pytest.mark.parametrize("key", [key for key in MODEL_KEYS if key != "boosted"])
def test_days_of_a_week_add_up_to_the_week(key: str, history: History, cells: Cells) -> None:
    """Boosted trees learn days from days and weeks from weeks, so theirs need not."""
    model, cutoff = quick(key), np.array([civil_days(MONDAY)])
    week = model.in_rounds(history, cells, cutoff, cutoff, 7.0)
    days = sum(model.in_rounds(history, cells, cutoff, cutoff + d, 1.0) for d in range(7))
    assert week == pytest.approx(days)


@pytest.mark.parametrize("key", MODEL_KEYS)
@pytest.mark.parametrize("kind", ["shift", "day"])
def test_a_shift_and_a_day_are_parts_of_a_week(key: str, kind: str, history: History, cells: Cells) -> None:
    part = quick(key).expected(history, cells, Period.starting(kind, MONDAY + timedelta(hours=20)))  # type: ignore[arg-type]
    week = quick(key).expected(history, cells, Period.starting("week", MONDAY))
    assert np.isfinite(part).all()
    assert (part >= 0).all()
    assert 0.05 < part.sum() / week.sum() < 0.25


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_odd_districts_give_numbers_and_never_nan(key: str) -> None:
    """One cell, all incidents in one cell, few incidents, grids of unlike shapes."""
    day = 16_700.0 + np.arange(40) * 2.5
    here, there = np.full((40, 2), 55.0) + np.arange(40)[:, None] / 10, np.linspace(5, 295, 80).reshape(40, 2)
    one = lattice_cells(shapely.box(0, 0, 100, 100), 100.0)
    many = lattice_cells(shapely.box(0, 0, 300, 300), 100.0)
    grids = grid_cells([shapely.box(0, 0, 300, 10), shapely.box(0, 10, 300, 300)], ["a", "b"])
    for cells, xy in ((one, here), (many, here), (many, there), (grids, there)):
        for n in (1, 40):
            found = quick(key).expected(make_history(xy[:n], day[:n]), cells, Period.starting("week", MONDAY))
            assert np.isfinite(found).all()
            assert (found >= 0).all()


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_no_history_and_a_negative_delay_are_refused(key: str, history: History, cells: Cells) -> None:
    period = Period.starting("week", MONDAY)
    away = make_history(np.full((30, 2), -900.0) + np.arange(30)[:, None], np.arange(30.0))
    for empty in (history.before(0.0), away):
        with pytest.raises(InputError, match="no incident") as raised:
            quick(key).expected(empty, cells, period)
        assert "没有" in raised.value.zh
    with pytest.raises(InputError, match="delay"):
        quick(key).expected(history, cells, period, delay_days=-1)


def test_an_unknown_model_and_an_unknown_setting_are_named() -> None:
    with pytest.raises(InputError, match=r"no model 'oracle'.*decay, count"):
        make_model("oracle")
    with pytest.raises(InputError, match=r"no setting colour.*bandwidth_m, days"):
        make_model("decay", colour=3)


def test_every_model_is_named_in_both_languages_and_says_its_source() -> None:
    for key, kind in MODELS.items():
        assert key == kind.key
        assert kind.name_zh
        assert kind.name_en
        assert kind.source
    assert make_model().settings == {"days": 730.0, "bandwidth_m": 100.0}
