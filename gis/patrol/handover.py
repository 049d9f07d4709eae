"""Beats from week to week: last week's beats as a start, numbers that stay, and what changed hands. It levels no load."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from gis.errors import Lang, ShapeError
from gis.patrol._partition import pieces

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Handover:
    """What changed hands; grids that had no beat before are not counted.

    Parameters
    ----------
    grids, grids_changed
        Grids that had a beat, and those of another beat now.
    minutes, minutes_changed
        Their workload.
    """

    grids: int
    grids_changed: int
    minutes: float
    minutes_changed: float

    @property
    def grid_share(self) -> float:
        """Share of the grids that changed hands."""
        return self.grids_changed / self.grids if self.grids else 0.0

    @property
    def minute_share(self) -> float:
        """Share of the workload that changed hands."""
        return self.minutes_changed / self.minutes if self.minutes else 0.0

    def text(self, lang: Lang) -> str:
        """One sentence with both denominators."""
        if lang == "zh":
            return (
                f"与上次相比,{self.grids} 个网格中 {self.grids_changed} 个换了责任区({self.grid_share:.1%}),"
                f"工作量 {self.minutes:.0f} 分钟中 {self.minutes_changed:.0f} 分钟({self.minute_share:.1%})。"
            )
        return (
            f"Since last time {self.grids_changed} of {self.grids} grids changed hands ({self.grid_share:.1%}), "
            f"{self.minutes_changed:.0f} of {self.minutes:.0f} minutes of work ({self.minute_share:.1%})."
        )


def handover(beat: IntArray, last: IntArray, minutes: FloatArray) -> Handover:
    """What changed hands since ``last`` (-1: the grid had no beat), by grids and by minutes.

    Raises
    ------
    ShapeError
        The arrays differ in length.
    """
    if not len(beat) == len(last) == len(minutes):
        raise ShapeError(
            zh=f"长度不一致:责任区 {len(beat)}、上周 {len(last)}、工作量 {len(minutes)}。",
            en=f"Lengths differ: {len(beat)} beats, {len(last)} of last week, {len(minutes)} workloads.",
        )
    had = last >= 0
    moved = had & (beat != last)
    return Handover(int(had.sum()), int(moved.sum()), float(minutes[had].sum()), float(minutes[moved].sum()))


def keep_numbers(beat: IntArray, last: IntArray, minutes: FloatArray) -> IntArray:
    """The same beats under the numbers of last week, so that they share as many minutes as can be.

    Parameters
    ----------
    beat
        Shape (n,), 0 to k - 1.
    last
        Shape (n,), -1 where a grid had no beat; numbers of k or more are free for nobody.

    Notes
    -----
    Assignment of greatest overlap (Hungarian method). A grid counts a little by itself, so that grids without work
    keep their number too.
    """
    count = int(beat.max()) + 1 if len(beat) else 0
    shared = (last >= 0) & (last < count)
    overlap = np.zeros((count, count))
    np.add.at(overlap, (beat[shared], last[shared]), minutes[shared] + 1e-6 * max(minutes.sum(), 1.0) / len(minutes))
    number = np.empty(count, dtype=np.int64)
    rows, columns = linear_sum_assignment(-overlap)
    number[rows] = columns
    return np.asarray(number[beat], dtype=np.int64)


def grown(last: IntArray, beats: int, load: FloatArray, graph: tuple[IntArray, IntArray]) -> IntArray | None:
    """Last week's beats made whole on this week's grids; None where they are of another number.

    The largest piece of each beat stays; loose pieces and new grids go to the beat they touch. ``graph`` is connected, as
    compressed rows.
    """
    known = np.where(last < beats, last, -1)
    if last.max(initial=-1) >= beats or len(np.unique(known[known >= 0])) < beats:
        return None
    label = np.full(len(last), -1, dtype=np.int64)
    for beat in range(beats):
        part = pieces(*graph, (known == beat).astype(np.uint8))
        weight = np.bincount(part[part >= 0], weights=load[part >= 0] + 1e-9)
        label[part == weight.argmax()] = beat
    indptr, indices = graph
    tails = np.repeat(np.arange(len(last)), np.diff(indptr))
    while (label < 0).any():
        touch = (label[tails] < 0) & (label[indices] >= 0)
        # The lowest number that a grid touches, so that the order of the rows does not matter.
        nearest = np.full(len(last), beats, dtype=np.int64)
        np.minimum.at(nearest, tails[touch], label[indices[touch]])
        label = np.where((label < 0) & (nearest < beats), nearest, label)
    return label
