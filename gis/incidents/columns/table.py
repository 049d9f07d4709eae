"""Questions to the columns: counts on a lattice, tallies by area, category and time, points in a window.

A question is an ``IncidentFilter`` and the places its reader may see; answers are exact. It never writes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.errors import FilterError
from gis.incidents.columns import _kernels
from gis.incidents.columns._kernels import COARSE, LEVEL
from gis.incidents.columns.segment import KIND, PLACE, Codes, Segment, key_coordinates, key_degrees, month_start
from gis.incidents.filter import IncidentFilter

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
_BLOCK = 4
_DAYS = 32


@dataclass(frozen=True, eq=False)
class Selection:
    """A question, as tables of yes and no.

    Parameters
    ----------
    since, until
        Seconds since 1970, half-open; None for open.
    tags, slots, places
        Wanted numbers; None where all are.
    """

    since: int | None
    until: int | None
    tags: BoolArray | None
    slots: BoolArray | None
    places: BoolArray | None


@dataclass(frozen=True, eq=False)
class Tally:
    """Wanted rows counted in four ways.

    Parameters
    ----------
    places
        By place number.
    tags
        By tag number.
    slots
        By tag number and local hour of the week, shape (tags, 168).
    days
        By local day: pairs of day and count, in order, days without any left out.
    """

    places: IntArray
    tags: IntArray
    slots: IntArray
    days: tuple[tuple[date, int], ...] = field(default=())

    @property
    def total(self) -> int:
        """All wanted rows."""
        return int(self.tags.sum())


class IncidentColumns:
    """The columns at one moment.

    Parameters
    ----------
    segments
        The months, in order.
    codes
        What tags and places mean.
    zone
        Zone of hours and months.
    """

    def __init__(self, segments: Sequence[Segment], codes: Codes, zone: str) -> None:
        self.segments = list(segments)
        self.zone = zone
        self.tags = codes.tags
        self.places = codes.places
        self._starts = [month_start(segment.month, zone) for segment in self.segments]
        self._ends = [month_start(_next_month(segment.month), zone) for segment in self.segments]

    def __len__(self) -> int:
        return sum(len(segment) for segment in self.segments)

    def span(self, asked: Selection) -> tuple[int, int] | None:
        """First and last second since 1970 of the wanted rows; None without any."""
        ends: list[tuple[int, int]] = []
        for segment, window in self._wanted(asked):
            first, last = _kernels.span(*window)
            if first <= last:
                start = self._starts[self.segments.index(segment)]
                ends.append((start + first, start + last))
        return (ends[0][0], ends[-1][1]) if ends else None

    def gathered(
        self, asked: Selection, bounds: tuple[float, float, float, float], cells: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The wanted rows in a box, counted in Web-Mercator cells: longitude and latitude of their middles, and counts.

        Parameters
        ----------
        bounds
            West, south, east, north, degrees.
        cells
            The longer side of the box has at least so many cells, as far as ``LEVEL`` goes.
        """
        x, y = key_coordinates(np.array(bounds[::2]), np.array(bounds[1::2]))
        side = max(int(x[1] - x[0]), int(y[0] - y[1]), 1)
        level = min(LEVEL, max(LEVEL - int(np.floor(np.log2(max(side / cells, 1)))), 1))
        down = LEVEL - level
        x0, y0, x1, y1 = int(x[0]) >> down, int(y[1]) >> down, int(x[1]) >> down, int(y[0]) >> down
        counts = self.lattice(asked, level, x0, y0, x1 - x0 + 1, y1 - y0 + 1)
        rows, columns = np.nonzero(counts)
        half = (1 << down) // 2
        lon, lat = key_degrees(((columns + x0) << down) + half, ((rows + y0) << down) + half)
        return lon, lat, counts[rows, columns].astype(np.float64)

    def tag_field(self, name: str) -> list[str]:
        """One field of every tag: ``scheme``, ``category``, ``source``, ``found_by`` or ``time_precision``."""
        position = KIND.index(name)
        return [tag[position] for tag in self.tags]

    def place_field(self, level: str) -> list[str]:
        """The code of one level of every place, empty where it has none."""
        position = PLACE.index(level)
        return [place[position] for place in self.places]

    def place_mask(self, inside: Callable[[str], bool]) -> BoolArray:
        """Places of which any code lies inside."""
        known: dict[str, bool] = {"": False}
        found = np.zeros(len(self.places), dtype=bool)
        for number, place in enumerate(self.places):
            for code in place:
                if code not in known:
                    known[code] = inside(code)
            found[number] = any(known[code] for code in place)
        return found

    def select(self, asked: IncidentFilter, places: BoolArray | None = None) -> Selection:
        """The question as tables.

        Parameters
        ----------
        asked
            ``area`` is left to ``places``; times are whole seconds.
        places
            Wanted places, from :meth:`place_mask`; None for all, also those located nowhere.

        Raises
        ------
        FilterError
            A time with a fraction of a second.
        """
        tags = None
        if asked.categories or asked.sources or asked.found_by:
            tags = np.ones(len(self.tags), dtype=bool)
            for name, wanted in (
                ("category", asked.categories),
                ("source", asked.sources),
                ("found_by", asked.found_by),
            ):
                if wanted:
                    kept = set(wanted)
                    tags &= np.array([value in kept for value in self.tag_field(name)], dtype=bool)
        if asked.hours:
            timed = np.array([value != "day" for value in self.tag_field("time_precision")], dtype=bool)
            tags = timed if tags is None else tags & timed
        slots = None
        if asked.hours or asked.weekdays:
            hours, days = np.arange(168) % 24, np.arange(168) // 24
            slots = np.isin(hours, asked.hours or range(24)) & np.isin(days, asked.weekdays or range(7))
        return Selection(_second(asked.since), _second(asked.until), tags, slots, places)

    def count(self, asked: Selection) -> int:
        """How many rows are wanted."""
        return self.tally(asked).total

    def lattice(self, asked: Selection, level: int, x0: int, y0: int, wide: int, tall: int) -> IntArray:
        """Exact counts on a lattice of Web-Mercator cells.

        Parameters
        ----------
        level
            The world is ``2 ** level`` cells wide; a pixel of zoom z has level z + 8. At most ``LEVEL``.
        x0, y0
            First column from the west and first row from the north; may lie off the world.

        Returns
        -------
        counts
            Shape (tall, wide).
        """
        counts = np.zeros((tall, wide), dtype=np.int64)
        side = 1 << level
        x1, y1 = min(x0 + wide, side), min(y0 + tall, side)
        left, top = max(x0, 0), max(y0, 0)
        if x1 <= left or y1 <= top:
            return counts
        coarse = min((each for each in COARSE if each >= level), default=None)
        ranges = _ranges(coarse or LEVEL, level, (left, top, x1, y1))
        for segment, window in self._wanted(asked):
            if not _meets(segment.box, level, left, top, x1, y1):
                continue
            if coarse is not None:
                cells = segment.directories[coarse]
                own: tuple[Any, ...] = (cells.code, cells.x, cells.y, cells.first)
                _kernels.count_cells(*own, *window, ranges, coarse - level, x0, y0, counts)
            else:
                own = (segment.key, segment.x, segment.y)
                _kernels.count_rows(*own, *window, ranges, LEVEL - level, x0, y0, counts)
        return counts

    def tally(self, asked: Selection) -> Tally:
        """The wanted rows counted by place, tag, hour of the week and day."""
        places = np.zeros(len(self.places), dtype=np.int64)
        tags = np.zeros(len(self.tags), dtype=np.int64)
        slots = np.zeros((len(self.tags), 168), dtype=np.int64)
        days: list[tuple[date, int]] = []
        for segment, window in self._wanted(asked):
            second, slot, tag, place, *limits = window
            by_day = np.zeros(_DAYS, dtype=np.int64)
            _kernels.tally(second, segment.day, slot, tag, place, *limits, places, tags, slots, by_day)
            year, month = divmod(segment.month, 100)
            days += [(date(year, month, int(day)), int(by_day[day])) for day in np.flatnonzero(by_day)]
        return Tally(places, tags, slots, tuple(days))

    def cross(self, asked: Selection, group_of: IntArray, groups: int) -> IntArray:
        """The wanted rows counted by place and by group of categories.

        Parameters
        ----------
        group_of
            Shape (tags,), the group of each tag, 0 to ``groups - 1``.

        Returns
        -------
        counts
            Shape (places, groups).
        """
        counts = np.zeros((len(self.places), groups), dtype=np.int64)
        for _, window in self._wanted(asked):
            _kernels.cross(*window, group_of, counts)
        return counts

    def points(
        self, asked: Selection, box: tuple[float, float, float, float] | None, most: int
    ) -> tuple[int, dict[str, npt.NDArray[Any]]]:
        """The wanted rows inside a box of key coordinates.

        Parameters
        ----------
        box
            x0, y0, x1, y1 at ``LEVEL``, half-open; None for everywhere.
        most
            So many rows at most come back.

        Returns
        -------
        total, found
            How many there are, and ``row``, ``lon``, ``lat``, ``tag``, ``place`` of the first of them.
        """
        side = 1 << LEVEL
        x0, y0, x1, y1 = (int(edge) for edge in box) if box is not None else (0, 0, side, side)
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, side), min(y1, side)
        parts: list[tuple[Segment, IntArray]] = []
        total, kept = 0, 0
        if x1 <= x0 or y1 <= y0:
            return 0, _no_points()
        ranges = _box_ranges(x0, y0, x1, y1)
        room = np.empty(most, dtype=np.int64)
        for segment, window in self._wanted(asked):
            if not _meets(segment.box, LEVEL, x0, y0, x1, y1):
                continue
            own = (segment.key, segment.x, segment.y)
            inside = _kernels.find_rows(*own, *window, ranges, (x0, y0, x1, y1), room, most - kept)
            some = room[: min(inside, most - kept)].copy()
            total, kept = total + inside, kept + len(some)
            parts.append((segment, some))
        return total, _points(parts)

    def _wanted(self, asked: Selection) -> Iterator[tuple[Segment, tuple[Any, ...]]]:
        """Segments that may hold wanted rows, each with the arguments that say which of its rows are."""
        every = np.ones(1, dtype=bool)
        tags = asked.tags if asked.tags is not None else every
        slots = asked.slots if asked.slots is not None else every
        places = asked.places if asked.places is not None else every
        for segment, start, end in zip(self.segments, self._starts, self._ends, strict=True):
            if (asked.since is not None and asked.since >= end) or (asked.until is not None and asked.until <= start):
                continue
            cut = (asked.since is not None and asked.since > start) or (asked.until is not None and asked.until < end)
            since = max(asked.since - start, 0) if asked.since is not None else 0
            until = min(asked.until, end) - start if asked.until is not None else end - start
            checks = (asked.tags is not None, asked.slots is not None, asked.places is not None, cut)
            arrays = (segment.second, segment.slot, segment.tag, segment.place)
            tables = (_fit(tags, len(self.tags)), slots, _fit(places, len(self.places)))
            yield segment, (*arrays, since, until, *tables, checks)


def _fit(wanted: BoolArray, size: int) -> BoolArray:
    # A kernel reads the table of tags even where only other checks decide.
    return wanted if len(wanted) == size else np.ones(size, dtype=bool)


def _meets(box: tuple[int, int, int, int], level: int, x0: int, y0: int, x1: int, y1: int) -> bool:
    """A box of cells of the coarsest directory meets a box of cells of some level."""
    scale = 2.0 ** (COARSE[-1] - level)
    return box[0] < x1 * scale and box[1] < y1 * scale and box[2] > x0 * scale and box[3] > y0 * scale


def _ranges(own: int, level: int, window: tuple[int, int, int, int]) -> npt.NDArray[np.uint64]:
    """Morton ranges, in codes of level ``own``, of blocks of 16 cells that cover a window of cells of ``level``."""
    block = min(_BLOCK, level)
    x0, y0, x1, y1 = window
    last_x, last_y = ((edge - 1) >> block for edge in (x1, y1))
    return _kernels.ranges_of(x0 >> block, y0 >> block, last_x + 1, last_y + 1, 2 * (own - level + block))


def _box_ranges(x0: int, y0: int, x1: int, y1: int) -> npt.NDArray[np.uint64]:
    """Morton ranges that cover a box at key level with some hundred blocks."""
    up = 0
    while max(x1 - x0, y1 - y0) >> up > 16:
        up += 1
    return _kernels.ranges_of(x0 >> up, y0 >> up, ((x1 - 1) >> up) + 1, ((y1 - 1) >> up) + 1, 2 * up)


def _points(parts: list[tuple[Segment, IntArray]]) -> dict[str, npt.NDArray[Any]]:
    if not parts:
        return _no_points()
    x, y = (np.concatenate([getattr(segment, axis)[some] for segment, some in parts]).astype(np.int64) for axis in "xy")
    lon, lat = key_degrees(x, y)
    rest = {
        name: np.concatenate([getattr(segment, name)[some] for segment, some in parts])
        for name in ("row", "tag", "place")
    }
    return {"lon": lon, "lat": lat} | rest


def _no_points() -> dict[str, npt.NDArray[Any]]:
    return {name: np.zeros(0, dtype=kind) for name, kind in _POINT_KINDS.items()}


_POINT_KINDS: dict[str, Any] = {
    "row": np.int64,
    "lon": np.float64,
    "lat": np.float64,
    "tag": np.uint32,
    "place": np.uint32,
}


def _second(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.microsecond:
        raise FilterError(zh="时间范围应为整秒。", en="A period begins and ends at whole seconds.")
    return int(moment.timestamp())


def _next_month(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89
