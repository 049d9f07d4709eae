"""Forecasts of incidents by place: models, rolling backtests, score cards and the guard against feedback.

It knows no database, no Flask and no clock: counts, times and random streams come in from outside.
"""

from gis.forecast.backtest import Rounds, backtest, rounds_between
from gis.forecast.card import AreaScore, ScoreCard, score_card
from gis.forecast.choose import Choice, candidates, choose_model
from gis.forecast.compare import Comparison, Interval, compare
from gis.forecast.forecast import Forecast, Learnt, make_forecast
from gis.forecast.ground import Cells, grid_cells, lattice_cells
from gis.forecast.history import History, civil_days, make_history
from gis.forecast.model import Model
from gis.forecast.models import MODELS, make_model
from gis.forecast.period import Period
from gis.forecast.score import SHARES, Hits, score
from gis.forecast.warm import warm

__all__ = [
    "MODELS",
    "SHARES",
    "AreaScore",
    "Cells",
    "Choice",
    "Comparison",
    "Forecast",
    "History",
    "Hits",
    "Interval",
    "Learnt",
    "Model",
    "Period",
    "Rounds",
    "ScoreCard",
    "backtest",
    "candidates",
    "choose_model",
    "civil_days",
    "compare",
    "grid_cells",
    "lattice_cells",
    "make_forecast",
    "make_history",
    "make_model",
    "rounds_between",
    "score",
    "score_card",
    "warm",
]
