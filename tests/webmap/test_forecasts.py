"""Forecasts over the sample: from reports alone, of the time to come, kept with their card, and held against what happened."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gis.errors import InputError, NotFoundError
from gis.forecast import civil_days, make_model
from gis.incidents import IncidentFilter
from tests.webmap.conftest import NOON, sample_copy
from webmap import forecast_words as words
from webmap.config import Config
from webmap.downloads import export_table
from webmap.forecast_ground import ground_of
from webmap.forecast_outcome import outcome
from webmap.forecasts import ForecastQuestion, coming, for_patrol, grid_rows, is_fresh, kept, make, shift_period
from webmap.pages import forecasts as pages
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer, open_store

STREET = "150304008000"
ANALYST = Viewer("lin", "analyst", (STREET,))
SEPTEMBER = datetime(2026, 9, 14, 4, 0, 0, 5, tzinfo=UTC)
"""A moment in the midst of the sample, not a whole second: what was to come is known today."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over a copy of the sample that only these tests write to."""
    store = open_store(sample_copy(tmp_path_factory))
    yield Services(store, Config(db=store.url), clock=lambda: NOON)
    store.close()


@pytest.fixture(scope="module")
def then(own: Services) -> Services:
    """The same store, two months earlier."""
    return Services(own.store, own.config, clock=lambda: SEPTEMBER)


@pytest.mark.parametrize(
    ("kind", "since", "hours"),
    [("shift", "2026-11-23T14:00", 8), ("day", "2026-11-24T00:00", 24), ("week", "2026-11-24T00:00", 168)],
)
def test_the_coming_period_begins_after_now_on_the_clocks_of_the_district(kind: str, since: str, hours: int) -> None:
    period = coming(kind, NOON, "Asia/Shanghai")  # type: ignore[arg-type]
    assert period.since.strftime("%Y-%m-%dT%H:%M") == since
    assert period.until - period.since == timedelta(hours=hours)
    exactly = coming(kind, period.since, "Asia/Shanghai")  # type: ignore[arg-type]
    assert exactly.since > period.since, "one that has begun is not to come"


def test_what_patrols_found_is_never_learned_from_and_its_number_is_told(own: Services) -> None:
    ground = ground_of(own, LOCAL_OPERATOR, NOON)
    reports = own.tally(LOCAL_OPERATOR, IncidentFilter(found_by=("report",))).total
    found = own.tally(LOCAL_OPERATOR, IncidentFilter(found_by=("patrol",))).total
    assert len(ground.history) == reports
    assert (ground.left_out, ground.of) == (found, reports + found)
    assert found > 0
    assert ground.known_until == datetime(2026, 10, 31, 16, tzinfo=UTC), "the midnight after the last report"


def test_the_past_sees_nothing_of_what_came_later(then: Services) -> None:
    ground = ground_of(then, LOCAL_OPERATOR, SEPTEMBER)
    assert ground.known_until == SEPTEMBER.replace(microsecond=0)
    assert ground.history.day.max() < civil_days(then.local(SEPTEMBER)) < 1 + ground.history.day.max()


def test_a_forecast_is_kept_and_not_made_again_while_the_reports_stay(own: Services) -> None:
    asked = ForecastQuestion("week")
    made = make(own, LOCAL_OPERATOR, asked)
    assert kept(own, LOCAL_OPERATOR, asked) == made
    assert is_fresh(own, made)
    told: list[str] = []
    again = make(own, LOCAL_OPERATOR, asked, progress=lambda stage, _done, _of: told.append(stage))
    assert (again, told) == (made, [])
    assert set(made.document["expected"]) == set(own.cells(LOCAL_OPERATOR)["code"])
    assert made.document["total"] == pytest.approx(sum(made.document["expected"].values()), abs=1e-3)


def test_it_expects_what_the_chosen_model_of_the_library_expects(own: Services) -> None:
    made = make(own, LOCAL_OPERATOR, ForecastQuestion("week"))
    ground = ground_of(own, LOCAL_OPERATOR, NOON)
    period = coming("week", NOON, own.zone)
    delay = (period.since - ground.known_until) / timedelta(days=1)
    assert made.document["delay_days"] == pytest.approx(delay)
    known = ground.history.before(period.start - delay)
    model = make_model(made.model, **made.document["settings"])
    expected = model.expected(known, ground.cells, period, delay_days=delay)
    assert list(made.document["expected"].values()) == pytest.approx(expected.tolist(), abs=1e-6)
    assert 200 < made.document["total"] < 450, "the sample has some 310 reports a week"


def test_the_choice_saw_no_round_of_the_score_card(own: Services) -> None:
    document = make(own, LOCAL_OPERATOR, ForecastQuestion("week")).document
    first = date.fromisoformat(document["card"]["since"])
    days = re.findall(r"\d{4}-\d\d-\d\d", document["choice"]["means_en"])
    assert len(days) == 2
    assert max(map(date.fromisoformat, days)) < first
    assert document["choice"]["tried"] > 5
    both = {each["against"] for each in document["card"]["against"]}
    assert any("104" in name for name in both)


def test_each_step_is_told_in_order(then: Services) -> None:
    told: list[tuple[str, int, int]] = []
    make(then, LOCAL_OPERATOR, ForecastQuestion("week"), progress=lambda *step: told.append(step))
    assert told == [("reading", 0, 3), ("choosing", 1, 3), ("scoring", 2, 3), ("kept", 3, 3)]


def test_what_happened_is_told_with_its_denominator_once_the_time_is_over(own: Services, then: Services) -> None:
    made = make(then, LOCAL_OPERATOR, ForecastQuestion("week"))
    assert outcome(then, LOCAL_OPERATOR, made) == {"known": False}
    told = outcome(own, LOCAL_OPERATOR, made)
    asked = IncidentFilter(since=made.since, until=made.until, found_by=("report",))
    counts = own.counts_of(LOCAL_OPERATOR, asked, own.cells(LOCAL_OPERATOR))
    assert told["known"]
    assert told["n"] == counts.sum() > 100
    assert told["expected"] == pytest.approx(made.document["total"], abs=1e-3)
    one, five = told["at"]
    assert 0 < one["hits"] <= five["hits"] <= told["n"]
    assert five["hit_rate"] == pytest.approx(five["hits"] / told["n"], abs=1e-4)
    late = make(own, LOCAL_OPERATOR, ForecastQuestion("week"))
    assert outcome(own, LOCAL_OPERATOR, late) == {"known": False}


def test_a_category_of_which_nothing_is_known_is_refused_in_words(own: Services) -> None:
    with pytest.raises(InputError, match="No incident of the history is of category 'Z99'"):
        make(own, LOCAL_OPERATOR, ForecastQuestion("week", "Z99"))
    with pytest.raises(InputError, match="no period 'month'"):
        ForecastQuestion("month")  # type: ignore[arg-type]


def test_who_has_a_street_forecasts_that_street_and_sees_no_other(own: Services) -> None:
    made = make(own, ANALYST, ForecastQuestion("week"))
    assert made.area == STREET
    assert set(made.document["expected"]) == set(own.cells(ANALYST)["code"])
    assert len(made.document["expected"]) < len(own.cells(LOCAL_OPERATOR))
    whole = make(own, LOCAL_OPERATOR, ForecastQuestion("week"))
    with pytest.raises(NotFoundError):
        own.store.forecasts.get(whole.id, ANALYST)
    with pytest.raises(NotFoundError):
        make(own, ANALYST, ForecastQuestion("week", area="150304009000"))
    both = replace(ANALYST, areas=(STREET, "150304009000"))
    with pytest.raises(InputError, match="Say which of your areas"):
        make(own, both, ForecastQuestion("week"))


def test_grids_are_ranked_by_density_and_the_marked_ones_fill_the_top_of_the_area(own: Services) -> None:
    made = make(own, LOCAL_OPERATOR, ForecastQuestion("week"))
    rows = grid_rows(made)
    density = [row["expected_per_km2"] for row in rows]
    assert density == sorted(density, reverse=True)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    km2 = made.document["km2"]
    top = [km2[row["code"]] for row in rows if row["top"]]
    assert 0 < sum(top) <= 0.05 * sum(km2.values())
    assert sum(row["expected_share"] for row in rows) == pytest.approx(1, abs=1e-3)


def test_the_layer_has_a_grid_for_each_number(own: Services) -> None:
    make(own, LOCAL_OPERATOR, ForecastQuestion("week"))
    table = export_table(own, "forecast", viewer=LOCAL_OPERATOR, asked=IncidentFilter())
    assert table["rank"].is_monotonic_increasing
    assert len(table) == len(own.cells(LOCAL_OPERATOR))
    assert table["period_until"].iloc[0] - table["period_since"].iloc[0] == timedelta(days=7)
    at = own.cells(LOCAL_OPERATOR).set_index("code").geometry
    assert all(shape.equals(at[code]) for code, shape in zip(table["code"], table.geometry, strict=True))
    with pytest.raises(NotFoundError, match="no forecast of that period yet"):
        export_table(
            own, "forecast", viewer=LOCAL_OPERATOR, asked=IncidentFilter(), ahead=ForecastQuestion("week", "A01")
        )


def test_planning_a_shift_gets_the_reports_expected_in_it(own: Services) -> None:
    window = (datetime(2026, 11, 23, 14, tzinfo=UTC), datetime(2026, 11, 23, 22, tzinfo=UTC))
    expected = for_patrol(own, LOCAL_OPERATOR, window, "")
    assert expected is not None
    assert set(expected["code"]) == set(own.cells(LOCAL_OPERATOR)["code"])
    assert 1 < expected["expected"].sum() < 40
    (stored,) = own.store.forecasts.list(LOCAL_OPERATOR, area="", category="", period="shift")
    assert (stored.since, stored.until, stored.document["shift"]) == (*window, "night")
    assert shift_period(window, own.zone).since.hour == 22


def test_an_empty_district_is_told_so_and_plans_without(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}", create=True)
    services = Services(store, Config(), clock=lambda: NOON)
    with pytest.raises(NotFoundError, match="No areas are loaded"):
        make(services, LOCAL_OPERATOR, ForecastQuestion())
    store.close()


def test_the_page_gets_words_units_and_denominators(own: Services) -> None:
    make(own, LOCAL_OPERATOR, ForecastQuestion("week"))
    told = pages.latest(own, LOCAL_OPERATOR, ForecastQuestion("week"))
    shown = told["forecast"]
    assert shown["unit"]["en"] == "reports per grid in the week"
    assert "Learned from reports only" in shown["exposure"]["en"]
    assert "仅从上报学习" in shown["exposure"]["zh"]
    assert f"N={shown['card']['n']}" in shown["lines"][1]["en"]
    for share in ("1%", "5%"):
        assert any(line["en"].startswith(f"The top {share}") and "PAI" in line["en"] for line in shown["lines"])
    assert any(line["about"] == "calibration" for line in shown["lines"])
    assert pages.latest(own, LOCAL_OPERATOR, ForecastQuestion("week", "A01"))["forecast"] is None
    assert [each["id"] for each in pages.listed(own, LOCAL_OPERATOR)]


def _card(low: float | None, high: float = 0.0) -> dict[str, object]:
    interval = None if low is None else {"low": low, "high": high, "level": 0.95}
    one = {
        "against": "count of 104 weeks",
        "against_zh": "104 周计数",
        "share": 0.01,
        "difference": 0.4,
        "interval": interval,
    }
    areas: list[dict[str, object]] = []
    card = {"rounds": 52, "n": 9, "cells": 4, "size_m": 250.0, "since": "2026-01-01", "until": "2026-12-30"}
    card |= {"areas": areas, "calibration": 1.0, "against": [one], "model": "decay"}
    return {"card": card, "card_note": {}, "choice": None}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.2, 1.0, "not_shown"),
        (0.0, 1.0, "not_shown"),
        (0.1, 1.0, "better"),
        (-1.0, -0.1, "worse"),
        (None, 0.0, "not_shown"),
    ],
)
def test_no_model_is_called_better_while_the_interval_covers_zero(low: float | None, high: float, verdict: str) -> None:
    (line, own_model) = [each for each in words.card_lines(_card(low, high)) if each["about"] == "against"]
    assert line["verdict"] == verdict
    assert ("not shown to be better" in line["en"]) == (verdict == "not_shown")
    assert ("未证明更好" in line["zh"]) == (verdict == "not_shown")
    assert own_model["verdict"] == "own"


def test_a_forecast_without_a_card_says_why() -> None:
    document = {"card": None, "card_note": {"zh": "历史太短", "en": "the history is too short"}}
    (line,) = words.card_lines(document)
    assert line["en"] == "No score card: the history is too short"
