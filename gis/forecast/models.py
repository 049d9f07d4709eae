"""The models of a forecast by name, for a page, a command or a table of settings to choose from."""

from typing import Any

from gis.errors import InputError
from gis.forecast.boosted import BoostedModel
from gis.forecast.counts import CountModel, DecayModel, KernelModel
from gis.forecast.mixture import BlendModel, MixtureModel
from gis.forecast.model import Model
from gis.forecast.self_exciting import SelfExcitingModel

MODELS: dict[str, type[Model]] = {
    each.key: each
    for each in (DecayModel, CountModel, KernelModel, BlendModel, MixtureModel, SelfExcitingModel, BoostedModel)
}
"""Every model by its key; the first is the default."""


def make_model(key: str = "decay", **settings: Any) -> Model:
    """A model by its key, with settings other than its own defaults.

    Raises
    ------
    InputError
        There is no such model, it has no such setting, or a setting is out of range.
    """
    if key not in MODELS:
        raise InputError(
            zh=f"没有名为“{key}”的预测模型;可选 {'、'.join(MODELS)}。",
            en=f"There is no model '{key}'; take one of {', '.join(MODELS)}.",
        )
    known = set(MODELS[key]().settings)
    if extra := sorted(set(settings) - known):
        raise InputError(
            zh=f"模型“{key}”没有参数 {'、'.join(extra)};可用 {'、'.join(sorted(known)) or '无'}。",
            en=f"The model '{key}' has no setting {', '.join(extra)}; it takes {', '.join(sorted(known)) or 'none'}.",
        )
    return MODELS[key](**settings)
