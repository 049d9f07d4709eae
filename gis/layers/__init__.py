"""Layers: files of every kind to tables of ``gis.schemas``, through one door.

Names load on first use: the reading process starts in this package and must not pay for pandas and geopandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gis.layers.options import Limits, ReadOptions
    from gis.layers.read import read_layer
    from gis.layers.report import DatumChoice, ImportReport, LayerResult, RawPoints, write_rejects

__all__ = [
    "DatumChoice",
    "ImportReport",
    "LayerResult",
    "Limits",
    "RawPoints",
    "ReadOptions",
    "read_layer",
    "write_rejects",
]

_HOME = {"Limits": "options", "ReadOptions": "options", "read_layer": "read"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"gis.layers.{_HOME.get(name, 'report')}"), name)
