"""One month of incidents in Morton order: how rows become numbers, and the file they lie in.

A file is a JSON header, then its arrays on 64-byte borders. A file whose length is not what its header says is refused.
"""

import json
import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import StoreError
from gis.incidents.columns._kernels import COARSE, LEVEL, coordinates, morton

_MAGIC = b"WANGGE-SEG1\n"
_ALIGN = 64
_HEAD = 4096

KIND = ("scheme", "category", "source", "found_by", "time_precision")
"""What one tag stands for."""

PLACE = ("grid", "community", "street", "district")
"""What one place stands for."""

COLUMNS = ("row", "lon", "lat", "occurred_at", *KIND, *PLACE)
"""The columns of ``incidents`` that are needed, and the row's number for good."""


class Codes:
    """Numbers of the tags and places, in the order of their first appearance; numbers never change."""

    def __init__(self) -> None:
        self.tags: list[tuple[str, ...]] = []
        self.places: list[tuple[str, ...]] = []
        self._tag_of: dict[tuple[str, ...], int] = {}
        self._place_of: dict[tuple[str, ...], int] = {}

    @classmethod
    def from_lists(cls, lists: dict[str, Any]) -> "Codes":
        """The numbers as a manifest keeps them."""
        codes = cls()
        for name, known in (("tags", codes._tag_of), ("places", codes._place_of)):
            rows = [tuple(row) for row in lists[name]]
            setattr(codes, name, rows)
            known |= {row: number for number, row in enumerate(rows)}
        return codes

    def to_lists(self) -> dict[str, Any]:
        """The numbers for a manifest."""
        return {"tags": self.tags, "places": self.places}

    def number_tags(self, frame: pd.DataFrame) -> npt.NDArray[np.uint32]:
        """The tag of each row."""
        return _numbers(frame, KIND, self.tags, self._tag_of)

    def number_places(self, frame: pd.DataFrame) -> npt.NDArray[np.uint32]:
        """The place of each row."""
        return _numbers(frame, PLACE, self.places, self._place_of)


def _numbers(
    frame: pd.DataFrame, names: tuple[str, ...], known: list[tuple[str, ...]], number_of: dict[tuple[str, ...], int]
) -> npt.NDArray[np.uint32]:
    joint = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        numbers, words = pd.factorize(frame[name])
        joint, _ = pd.factorize(joint * (len(words) + 1) + numbers)
    _, firsts, inverse = np.unique(joint, return_index=True, return_inverse=True)
    told = list(zip(*(frame[name].iloc[firsts].astype(str) for name in names), strict=True))
    for row in told:
        if row not in number_of:
            number_of[row] = len(known)
            known.append(row)
    table = np.array([number_of[row] for row in told], dtype=np.uint32)
    return table[inverse] if len(table) else np.zeros(0, dtype=np.uint32)


@dataclass(frozen=True, eq=False)
class Coded:
    """Rows as numbers, in no order; every array has shape (n,).

    ``second`` counts from the start of the local month, ``day`` is the local day of the month, ``slot`` the local hour
    of the week (0 is Monday, 0 h), ``month`` is year * 100 + month.
    """

    key: npt.NDArray[np.uint64]
    row: npt.NDArray[np.int64]
    second: npt.NDArray[np.int32]
    tag: npt.NDArray[np.uint32]
    place: npt.NDArray[np.uint32]
    month: npt.NDArray[np.int32]
    day: npt.NDArray[np.uint8]
    slot: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.key)

    @classmethod
    def empty(cls) -> "Coded":
        """No rows."""
        return cls(**{name: np.zeros(0, dtype=kind) for name, kind in _KINDS.items()})

    @classmethod
    def join(cls, parts: Iterable["Coded"]) -> "Coded":
        """One after another."""
        listed = [cls.empty(), *parts]
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in listed]) for f in fields(cls)})

    def take(self, chosen: Any) -> "Coded":
        """Some rows."""
        return Coded(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


_KINDS: dict[str, Any] = {
    "key": np.uint64,
    "row": np.int64,
    "second": np.int32,
    "tag": np.uint32,
    "place": np.uint32,
    "month": np.int32,
    "day": np.uint8,
    "slot": np.uint8,
}
_STORED = tuple(name for name in _KINDS if name != "month")


def encode(frame: pd.DataFrame, codes: Codes, zone: str) -> Coded:
    """Rows of ``incidents`` as numbers.

    Parameters
    ----------
    frame
        Columns ``COLUMNS``; lon/lat WGS-84 degrees, ``occurred_at`` UTC.
    codes
        Learns tags and places it has not met.
    zone
        The district's zone.
    """
    if frame.empty:
        return Coded.empty()
    local = frame["occurred_at"].dt.tz_convert(ZoneInfo(zone)).dt
    month = (local.year * 100 + local.month).to_numpy(dtype=np.int32)
    stamps = frame["occurred_at"].astype("datetime64[us, UTC]").astype("int64").to_numpy() // 1_000_000
    known = np.unique(month)
    starts = np.array([month_start(int(each), zone) for each in known])
    x, y = key_coordinates(frame["lon"].to_numpy(dtype=np.float64), frame["lat"].to_numpy(dtype=np.float64))
    return Coded(
        key=morton(x, y),
        row=frame["row"].to_numpy(dtype=np.int64),
        second=(stamps - starts[np.searchsorted(known, month)]).astype(np.int32),
        tag=codes.number_tags(frame),
        place=codes.number_places(frame),
        month=month,
        day=local.day.to_numpy(dtype=np.uint8),
        slot=(local.day_of_week * 24 + local.hour).to_numpy(dtype=np.uint8),
    )


def key_coordinates(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Web-Mercator coordinates of ``LEVEL`` bits, x from the west and y from the north."""
    side = float(1 << LEVEL)
    bounded = np.clip(lat, -85.0511287798066, 85.0511287798066)
    x = (lon / 360.0 + 0.5) * side
    y = (0.5 - np.arctanh(np.sin(np.radians(bounded))) / (2 * np.pi)) * side
    most = (1 << LEVEL) - 1
    return np.clip(np.floor(x), 0, most).astype(np.int64), np.clip(np.floor(y), 0, most).astype(np.int64)


def key_box(bounds: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """West, south, east, north in degrees as x0, y0, x1, y1 of the keys inside, half-open."""
    x, y = key_coordinates(np.array(bounds[::2]), np.array(bounds[1::2]))
    return int(x[0]), int(y[1]), int(x[1]) + 1, int(y[0]) + 1


def key_degrees(
    x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Longitude and latitude of the middle of each key's cell."""
    side = float(1 << LEVEL)
    lon = ((x + 0.5) / side - 0.5) * 360.0
    down = (0.5 - (y + 0.5) / side) * 2 * np.pi
    lat = np.degrees(np.arcsin(np.tanh(down)))
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def month_start(month: int, zone: str) -> int:
    """Seconds since 1970 at which a local month begins; ``month`` is year * 100 + month."""
    first = pd.Timestamp(year=month // 100, month=month % 100, day=1, tz=ZoneInfo(zone))
    return int(first.timestamp())


def split_months(coded: Coded) -> Iterator[tuple[int, Coded]]:
    """Months in order with their rows, in Morton order and by row number where they share a place."""
    for month in np.unique(coded.month):
        some = coded.take(coded.month == month)
        yield int(month), some.take(np.lexsort((some.row, some.key)))


@dataclass(frozen=True, eq=False)
class Directory:
    """The cells of one level that hold rows: Morton code, column and row, and where each begins, with one end more."""

    code: npt.NDArray[np.uint64]
    x: npt.NDArray[np.uint32]
    y: npt.NDArray[np.uint32]
    first: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Segment:
    """A month, memory-mapped; arrays as in :class:`Coded` without the month, in Morton order.

    ``x`` and ``y`` are the coordinates that ``key`` is woven from; ``directories`` are by level.
    """

    month: int
    key: npt.NDArray[np.uint64]
    x: npt.NDArray[np.uint32]
    y: npt.NDArray[np.uint32]
    row: npt.NDArray[np.int64]
    second: npt.NDArray[np.int32]
    tag: npt.NDArray[np.uint32]
    place: npt.NDArray[np.uint32]
    day: npt.NDArray[np.uint8]
    slot: npt.NDArray[np.uint8]
    directories: dict[int, Directory]

    def __len__(self) -> int:
        return len(self.key)

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Cells of the coarsest directory that hold rows: x0, y0, x1, y1, half-open."""
        cells = self.directories[COARSE[-1]]
        return int(cells.x.min()), int(cells.y.min()), int(cells.x.max()) + 1, int(cells.y.max()) + 1

    def coded(self, chosen: npt.NDArray[np.bool_]) -> Coded:
        """Some rows, as they were before they were written."""
        kept = {name: np.asarray(getattr(self, name))[chosen] for name in _STORED}
        return Coded(**kept, month=np.full(int(chosen.sum()), self.month, dtype=np.int32))


def write_segment(path: Path, month: int, coded: Coded) -> None:
    """Write a month and make sure that it reached the disk; rows are put in order first."""
    ordered = coded.take(np.lexsort((coded.row, coded.key)))
    arrays: dict[str, Any] = {name: getattr(ordered, name) for name in _STORED}
    # Two bytes a tag are read twice as fast as four; more than 65,536 tags are rare.
    if len(ordered) and int(ordered.tag.max()) < 1 << 16:
        arrays["tag"] = ordered.tag.astype(np.uint16)
    x, y = coordinates(ordered.key)
    arrays |= {"x": x.astype(np.uint32), "y": y.astype(np.uint32)}
    for level in COARSE:
        arrays |= _directory(ordered.key, level)
    places, at = {}, _HEAD
    for name, array in arrays.items():
        places[name] = [at, array.dtype.str, len(array)]
        at = -(-(at + array.nbytes) // _ALIGN) * _ALIGN
    head = _MAGIC + json.dumps({"month": month, "arrays": places, "size": at}).encode()
    with path.open("xb") as file:
        file.write(head.ljust(_HEAD))
        for name, array in arrays.items():
            file.seek(places[name][0])
            file.write(np.ascontiguousarray(array).data)
        file.truncate(at)
        file.flush()
        os.fsync(file.fileno())


def _directory(key: npt.NDArray[np.uint64], level: int) -> dict[str, Any]:
    code = key >> np.uint64(2 * (LEVEL - level))
    heads = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]]))
    x, y = coordinates(code[heads])
    return {
        f"code{level}": code[heads],
        f"x{level}": x.astype(np.uint32),
        f"y{level}": y.astype(np.uint32),
        f"first{level}": np.append(heads, len(key)).astype(np.int64),
    }


def open_segment(path: Path) -> Segment:
    """Map a month into memory.

    Raises
    ------
    StoreError
        The file is cut or not a segment.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(_HEAD)
        told: dict[str, Any]
        try:
            told = json.loads(head.removeprefix(_MAGIC)) if head.startswith(_MAGIC) else {"size": -1}
        except ValueError:
            told = {"size": -1}
        if told["size"] != size:
            raise StoreError(
                zh=f"事件索引文件 {path.name} 不完整;删除其所在文件夹后会自动重建。",
                en=f"The segment {path.name} of the incident columns is damaged; remove its folder and it is built anew.",
            )
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    arrays = {
        name: np.frombuffer(mapped, dtype=np.dtype(kind), count=count, offset=at)
        for name, (at, kind, count) in told["arrays"].items()
    }
    directories = {
        level: Directory(*(arrays.pop(f"{name}{level}") for name in ("code", "x", "y", "first"))) for level in COARSE
    }
    return Segment(month=int(told["month"]), directories=directories, **arrays)
