"""The demo opens with a forecast that knows every report of its store."""

from datetime import timedelta

import pytest

from tests.webmap.conftest import NOON, sample_copy
from webmap.config import Config
from webmap.console import Console
from webmap.demo import prepare_demo
from webmap.forecasts import ForecastQuestion, is_fresh, kept
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

WEEK = ForecastQuestion("week")


def test_the_week_is_forecast_when_every_report_is_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A case is a report: made after the forecast, it would open the page with one that is out of date."""
    url = sample_copy(tmp_path_factory)
    store = open_store(url)
    services = Services(store, Config(db=url), clock=lambda: NOON + timedelta(hours=1))
    console = Console(db=url, as_json=True, lang="en")
    before = kept(services, LOCAL_OPERATOR, WEEK)
    assert before is not None
    assert is_fresh(services, before)
    prepare_demo(services, console, live=True)
    after = kept(services, LOCAL_OPERATOR, WEEK)
    assert after is not None
    assert after != before, "the cases are reports that it must know"
    assert is_fresh(services, after)
    prepare_demo(services, console, live=True)
    assert kept(services, LOCAL_OPERATOR, WEEK) == after, "nothing is new, nothing is made anew"
    store.close()
