"""Every result of the room speaks two sentences in two languages, with method, parameters and source."""

import importlib
import pkgutil

import pytest

import gis.hotspots
from gis.hotspots.explain import Explanation


def test_the_text_holds_both_sentences_method_parameters_and_source() -> None:
    words = Explanation(
        method=("方法名", "a method"), means=("说明。", "It says."), means_not=("不说明。", "It does not say."),
        source="Somebody 1999", parameters={"band_m": 250.0, "cells": 9},
    )  # fmt: skip
    assert (
        words.text("en")
        == "It says. It does not say. Method: a method. Parameters: band_m=250, cells=9. Source: Somebody 1999."
    )
    assert words.text("zh") == "说明。不说明。方法:方法名。参数:band_m=250, cells=9。出处:Somebody 1999。"
    assert words.as_dict()["means_not_zh"] == "不说明。"


def results() -> list[type]:
    """Every public class of the room that has ``parameters``: those are results."""
    found = {}
    for module in pkgutil.iter_modules(gis.hotspots.__path__):
        for value in vars(importlib.import_module(f"gis.hotspots.{module.name}")).values():
            fields = getattr(value, "__dataclass_fields__", {})
            if isinstance(value, type) and value.__module__.startswith("gis.hotspots") and "parameters" in fields:
                found[value.__name__] = value
    return [value for name, value in sorted(found.items()) if name != "Explanation"]


@pytest.mark.parametrize("result", results(), ids=lambda value: value.__name__)
def test_every_result_explains_itself(result: type) -> None:
    assert callable(getattr(result, "explain", None))


def test_there_are_results_to_check() -> None:
    assert len(results()) >= 11
