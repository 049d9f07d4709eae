"""In which order the demo is made ready; what it holds is tested with the sample itself."""

from types import SimpleNamespace
from typing import Any

import pytest

from webmap import demo
from webmap.console import Console

CONSOLE = Console(db="", as_json=True, lang="en")


def services() -> Any:
    """A store that holds the sample already."""
    return SimpleNamespace(
        store=SimpleNamespace(settings={"sample_loaded": "yes"}), warm=lambda _say: None, clock=lambda: None
    )


def test_the_week_is_forecast_when_every_report_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case is a report: made after the forecast, it would open the page with one that is out of date."""
    steps: list[str] = []
    for name in ("_plan_tonight", "_live", "_forecast_week", "_demo_account"):
        monkeypatch.setattr(demo, name, lambda *_, name=name: steps.append(name))
    demo.prepare_demo(services(), CONSOLE, live=True)
    assert steps == ["_plan_tonight", "_live", "_forecast_week", "_demo_account"]


@pytest.mark.parametrize(("known", "fresh", "made"), [(None, False, 1), (object(), False, 1), (object(), True, 0)])
def test_a_forecast_that_is_out_of_date_is_made_anew(
    known: object, fresh: bool, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(demo, "kept", lambda *_: known)
    monkeypatch.setattr(demo, "is_fresh", lambda *_: fresh)
    monkeypatch.setattr(demo, "make_forecast", lambda *args, **_: asked.append(args))
    monkeypatch.setattr(demo, "_plan_tonight", lambda *_: None)
    monkeypatch.setattr(demo, "_demo_account", lambda *_: None)
    demo.prepare_demo(services(), CONSOLE)
    assert len(asked) == made
