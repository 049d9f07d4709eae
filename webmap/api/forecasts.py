"""Forecasts for the map and for programs: the coming shift, day or week by grid, made anew, and those of before.

A route parses, calls one function, and renders.
"""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis.errors import InputError
from webmap import forecasts
from webmap.api import asking
from webmap.api.plan_life import body
from webmap.api.streaming import Tell, planning_lines
from webmap.forecasts import PERIODS, ForecastQuestion, PeriodKind
from webmap.pages import forecasts as pages

api = Blueprint("forecasts", __name__)


@api.get("/api/forecast.json")
def coming() -> Response:
    """The coming period and its forecast; null where none was made yet, and then it can be made."""
    wanted, services = asked(), asking.services()
    begins = forecasts.coming(wanted.period, services.clock(), services.zone).since.isoformat()
    return asking.cached(lambda: jsonify(pages.latest(services, asking.viewer(), wanted)), parts=[begins])


@api.get("/api/forecasts.json")
def listed() -> Response:
    """Forecasts that were made, of the latest times first, with what happened since."""
    services = asking.services()
    return asking.cached(
        lambda: jsonify(pages.listed(services, asking.viewer())),
        parts=[services.clock().isoformat(timespec="hours")],
    )


@api.get("/api/forecasts/<forecast_id>.json")
def one(forecast_id: str) -> Response:
    """One forecast, with what happened since where its time is over."""
    services = asking.services()
    return asking.cached(
        lambda: jsonify(
            pages.shown(services, asking.viewer(), services.store.forecasts.get(forecast_id, asking.viewer()))
        ),
        parts=[services.clock().isoformat(timespec="hours")],
    )


@api.post("/api/forecasts")
def make() -> Response:
    """Make the forecast of the coming period. A line of JSON for each step, and at last ``forecast`` or ``problem``."""
    services, viewer, wanted = asking.services(), asking.viewer(), question(body())

    def work(tell: Tell) -> dict[str, Any]:
        def step(stage: str, at: int, of: int) -> None:
            tell({"stage": stage, "done": at, "of": of})

        return {"forecast": forecasts.make(services, viewer, wanted, progress=step).id}

    return planning_lines(work)


def asked() -> ForecastQuestion:
    """What the query asks for: ``period``, ``category`` and ``area``."""
    return question({"period": asking.text("period"), "category": _one_category(), "area": asking.text("area")})


def question(told: dict[str, Any]) -> ForecastQuestion:
    """What is asked for, as a query or a body says it.

    Raises
    ------
    InputError
        No such period, or something that is no short text.
    """
    texts = {name: told.get(name, "") for name in ("period", "category", "area")}
    if not all(isinstance(value, str) and len(value) <= 200 and "\x00" not in value for value in texts.values()):
        raise InputError(
            zh="period、category 和 area 应为不超过 200 字的文本。",
            en="period, category and area are texts of at most 200 characters.",
        )
    kind: PeriodKind | None = next(
        (each for each in PERIODS if each == (texts["period"] or ForecastQuestion.period)), None
    )
    if kind is None:
        raise InputError(
            zh=f"没有预测时段“{texts['period'][:20]}”;可用:{'、'.join(PERIODS)}。",
            en=f"There is no period '{texts['period'][:20]}'; there are {', '.join(PERIODS)}.",
        )
    return ForecastQuestion(kind, texts["category"], texts["area"])


def _one_category() -> str:
    found = asking.texts("category")
    if len(found) > 1:
        raise InputError(
            zh="一次只预测一个类别,或不填类别预测全部。",
            en="One category is forecast at a time, or all of them without one.",
        )
    return found[0] if found else ""
