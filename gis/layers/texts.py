"""A file as texts by header, before any field is known: for tables that are no layer. It drops nobody's columns; its callers do."""

from pathlib import Path

from gis.layers._process import RawTable, read_raw
from gis.layers.options import Limits

__all__ = ["RawTable", "read_texts"]


def read_texts(path: Path | str, *, limits: Limits | None = None) -> RawTable:
    """The texts of a CSV, TSV, XLSX or XLS file by header, read in a process of its own under the limits of every import.

    Personal columns are still in it: whoever calls drops them before anything else is done.

    Raises
    ------
    FileFormatError, HostileFileError
        The file as a whole is not read.
    """
    return read_raw(Path(path), limits or Limits(), "incidents")
