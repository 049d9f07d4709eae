"""Incidents as columns for ten million rows: month segments in Morton order, memory-mapped, shared by every worker.

A copy of what the store holds, made for counting: place to 0.15 m, time, category, origin, area. It never holds text of a
report, and the store stays the record: the copy can be dropped and built again at any time.
"""

from gis.incidents.columns._kernels import LEVEL
from gis.incidents.columns.files import Mark, build, extend, open_columns, read_mark
from gis.incidents.columns.segment import key_box, key_coordinates
from gis.incidents.columns.table import IncidentColumns, Selection, Tally

__all__ = [
    "LEVEL",
    "IncidentColumns",
    "Mark",
    "Selection",
    "Tally",
    "build",
    "extend",
    "key_box",
    "key_coordinates",
    "open_columns",
    "read_mark",
]
