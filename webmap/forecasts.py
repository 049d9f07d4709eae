"""Forecasts of the next shift, day or week by grid: made from reports alone by a model chosen on the past, scored, kept, and held against what happened.

It puts calls of ``gis.forecast`` in order and computes nothing of its own; words are in :mod:`webmap.forecast_words`.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.calendar import DEFAULT_SHIFTS, SHIFTS, shift_window
from gis.errors import InputError, NotFoundError
from gis.forecast import Choice, Forecast, Model, Period, choose_model, make_forecast
from gis.forecast.forecast import card_rounds
from webmap.forecast_ground import Ground, ground_of
from webmap.one_area import one_area
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.forecasts import StoredForecast

PeriodKind = Literal["shift", "day", "week"]
PERIODS: tuple[PeriodKind, ...] = get_args(PeriodKind)
"""What can be forecast."""
TOP_SHARE = 0.05
"""Share of the area whose grids are marked on the map."""
SEED = 1
"""Of the bootstrap: the same reports give the same score card."""
STAGES = 3
"""Steps before a forecast is kept."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ForecastQuestion:
    """What somebody wants to be told of the time to come.

    Parameters
    ----------
    period
        ``shift``, ``day`` or ``week``.
    category
        Code of a category; empty for all of them.
    area
        Code of an area; empty for all that the viewer sees.

    Raises
    ------
    InputError
        No such period.
    """

    period: PeriodKind = "week"
    category: str = ""
    area: str = ""

    def __post_init__(self) -> None:
        if self.period not in PERIODS:
            raise InputError(
                zh=f"没有预测时段“{self.period}”;可用:{'、'.join(PERIODS)}。",
                en=f"There is no period '{self.period}'; there are {', '.join(PERIODS)}.",
            )


def coming(kind: PeriodKind, now: datetime, zone: str) -> Period:
    """The next period of a kind: the next of the three shifts to begin, tomorrow, or the seven days from tomorrow on.

    Times are on the clocks of the district.
    """
    local = now.astimezone(ZoneInfo(zone))
    if kind != "shift":
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return Period.starting(kind, midnight + timedelta(days=1))
    days = [local.date() + timedelta(days=ahead) for ahead in (0, 1)]
    windows = [shift_window(day, shift, zone) for day in days for shift in DEFAULT_SHIFTS.values()]
    return shift_period(min(window for window in windows if window[0] > now), zone)


def shift_period(window: tuple[datetime, datetime], zone: str) -> Period:
    """The period of a shift, on the clocks of the district."""
    since, until = (moment.astimezone(ZoneInfo(zone)) for moment in window)
    return Period("shift", since, until)


def kept(services: Services, viewer: Viewer, question: ForecastQuestion) -> StoredForecast | None:
    """The forecast of the coming period that was made last; None where none was made yet.

    Raises
    ------
    InputError
        The viewer sees several areas and does not say which.
    NotFoundError
        No such area.
    """
    viewer, question = in_one_area(services, viewer, question)
    return _kept(services, viewer, question, coming(question.period, services.clock(), services.zone))


def is_fresh(services: Services, stored: StoredForecast) -> bool:
    """Whether no report and no boundary has changed since it was made."""
    return stored.data == services.store.forecasts.data_mark()


def make(
    services: Services,
    viewer: Viewer,
    question: ForecastQuestion,
    *,
    period: Period | None = None,
    progress: Progress | None = None,
) -> StoredForecast:
    """Make a forecast with its score card and keep it; one that stands on the same reports already is not made again.

    Parameters
    ----------
    period
        The time it is about; the coming one by default.
    progress
        Told ``reading``, ``choosing``, ``scoring`` and ``kept``, with step and steps.

    Raises
    ------
    InputError
        No reports, none of the category, or the viewer sees several areas and does not say which.
    NotFoundError
        No such area, or no areas at all.
    """
    viewer, question = in_one_area(services, viewer, question)
    now, tell = services.clock(), progress or (lambda _stage, _done, _total: None)
    period = period or coming(question.period, now, services.zone)
    data = services.store.forecasts.data_mark()
    known = _kept(services, viewer, question, period)
    if known is not None and known.data == data:
        return known
    tell("reading", 0, STAGES)
    ground = ground_of(services, viewer, min(now, period.since))
    made = _forecast(ground, period, question.category, tell)
    forecast, document = made.forecast, _document(ground, made)
    told = {"area": question.area, "category": question.category, "period": question.period, "data": data}
    told |= {"model": forecast.model.key}
    stored = services.store.forecasts.save(
        told,
        since=period.since.astimezone(UTC),
        until=period.until.astimezone(UTC),
        document=document,
        viewer=viewer,
        now=now,
    )
    tell("kept", STAGES, STAGES)
    return stored


def for_patrol(services: Services, viewer: Viewer, window: tuple[datetime, datetime], area: str) -> pd.DataFrame | None:
    """Reports expected in a shift by grid (``code``, ``expected``), for planning; None where nothing can be forecast.

    A kept forecast of the shift is taken where it stands on the reports of today, else one is made and kept.
    """
    try:
        stored = make(
            services, viewer, ForecastQuestion("shift", area=area), period=shift_period(window, services.zone)
        )
    except InputError:
        return None
    expected: dict[str, float] = stored.document["expected"]
    here = set(services.cells(viewer)["code"])
    rows = [(code, value) for code, value in expected.items() if code in here]
    return pd.DataFrame(rows, columns=["code", "expected"])


def forecast_table(services: Services, viewer: Viewer, question: ForecastQuestion) -> gpd.GeoDataFrame:
    """The kept forecast of the coming period as a layer, by rank.

    Returns
    -------
    table
        ``code``, names, ``rank``, ``expected`` (reports in the period), ``expected_per_km2``, ``expected_share``, ``top`` (among the
        densest 5 % of the area), ``period_since``, ``period_until``, ``category``, ``model``, and the grid.

    Raises
    ------
    NotFoundError
        None was made yet.
    """
    stored = kept(services, viewer, question)
    if stored is None:
        raise NotFoundError(
            zh="还没有该时段的预测;请先在地图上打开“预测风险”,或运行 wangge forecast。",
            en="There is no forecast of that period yet; open the layer 'Forecast risk' on the map, or run: wangge forecast.",
        )
    mine, _ = in_one_area(services, viewer, question)
    cells = services.cells(mine)
    rows = pd.DataFrame(grid_rows(stored)).set_index("code")
    # Of a grid that is there no more nothing can be drawn; the sum in ``expected_share`` still holds it.
    cells = cells[cells["code"].isin(rows.index)]
    table = cells[["code", "name_zh", "name_en"]].reset_index(drop=True).join(rows, on="code")
    table = table.assign(
        period_since=stored.since, period_until=stored.until, category=stored.category, model=stored.model
    )
    order = table["rank"].argsort(kind="stable")
    shapes = cells.geometry.to_numpy()[order]
    return gpd.GeoDataFrame(table.iloc[order].reset_index(drop=True), geometry=shapes, crs="EPSG:4326")


def grid_rows(stored: StoredForecast) -> list[dict[str, Any]]:
    """Every grid with what is expected there, by rank (reports for each km2, as the score card ranks)."""
    expected, km2 = stored.document["expected"], stored.document["km2"]
    total, ground = sum(expected.values()) or 1.0, sum(km2.values())
    order = sorted(expected, key=lambda code: (-expected[code] / km2[code], code))
    rows, reached = [], 0.0
    for rank, code in enumerate(order, start=1):
        reached += km2[code]
        top = rank == 1 or reached <= TOP_SHARE * ground
        rows.append(
            {
                "code": code,
                "rank": rank,
                "expected": expected[code],
                "expected_per_km2": round(expected[code] / km2[code], 6),
                "expected_share": round(expected[code] / total, 6),
                "top": bool(top and expected[code] > 0),
            }
        )
    return rows


def in_one_area(services: Services, viewer: Viewer, question: ForecastQuestion) -> tuple[Viewer, ForecastQuestion]:
    """The viewer limited to the area that is forecast, and the question that names it.

    Raises
    ------
    InputError
        The viewer sees several areas and does not say which.
    NotFoundError
        No such area.
    """
    mine, area = one_area(services, viewer, question.area)
    return mine, replace(question, area=area)


def _kept(services: Services, viewer: Viewer, question: ForecastQuestion, period: Period) -> StoredForecast | None:
    found = services.store.forecasts.list(
        viewer, area=question.area, category=question.category, period=question.period
    )
    mine = (each for each in found if (each.since, each.until) == (period.since, period.until))
    return next(mine, None)


@dataclass(frozen=True, eq=False)
class _Made:
    """A forecast, why its model was chosen, and why it has no card where it has none."""

    forecast: Forecast
    choice: Choice | None = None
    card_note: Mapping[str, str] = field(default_factory=dict)


def _forecast(ground: Ground, period: Period, category: str, tell: Progress) -> _Made:
    # Reports often end some days before the period begins: the choice and the card are held to the same.
    delay = max((period.since - ground.known_until) / timedelta(days=1), 0.0)
    history, cells = ground.history.of(category), ground.cells

    def forecast(model: Model | None, *, card: bool) -> Forecast:
        rng = np.random.default_rng(SEED)
        return make_forecast(
            history, cells, period, rng=rng, category=category, model=model, delay_days=delay, card=card
        )

    tell("choosing", 1, STAGES)
    quick = forecast(None, card=False)
    try:
        rounds = card_rounds(history.before(period.start - delay), period, delay_days=delay)
        # The card is made of rounds that the choice has not seen.
        choice = choose_model(history, cells, float(rounds.start[0]), delay_days=delay)
        tell("scoring", 2, STAGES)
        return _Made(forecast(choice.model, card=True), choice)
    except InputError as short:
        return _Made(quick, card_note={"zh": short.zh, "en": short.en})


def _document(ground: Ground, made: _Made) -> dict[str, Any]:
    forecast, card, choice = made.forecast, made.forecast.card, made.choice
    codes = [str(code) for code in forecast.cells.code]
    return {
        "shift": _shift_of(forecast.period) if forecast.period.kind == "shift" else "",
        "expected": dict(zip(codes, np.round(forecast.expected, 6).tolist(), strict=True)),
        "km2": dict(zip(codes, np.round(forecast.cells.area_km2, 6).tolist(), strict=True)),
        "total": round(forecast.total, 4),
        "model": {
            "key": forecast.model.key,
            "zh": forecast.model.name_zh,
            "en": forecast.model.name_en,
            "source": forecast.model.source,
        },
        "settings": _plain(forecast.settings),
        "choice": None if choice is None else _plain(choice.explain().as_dict()) | {"tried": len(choice.tried)},
        "delay_days": round(forecast.delay_days, 3),
        "known_until": ground.known_until.isoformat(),
        "history": _plain(asdict(forecast.history)),
        "left_out": {"n": ground.left_out, "of": ground.of},
        "explain": _plain(forecast.explain().as_dict()),
        "card": None if card is None else _plain(asdict(card)) | {"explain": _plain(card.explain().as_dict())},
        "card_note": dict(made.card_note),
    }


def _shift_of(period: Period) -> str:
    """Key of the shift that has these hours; empty where none has."""
    hours = (period.since.time(), period.until.time())
    return next((key for key, shift in SHIFTS.items() if (shift.start, shift.end) == hours), "")


def _plain(value: Any) -> Any:
    """Dates as ISO text and tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
