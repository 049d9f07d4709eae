"""Default geocodes: one coordinate that holds an outsized share of all rows, as where an address could not be found.

It detects and says so; setting them aside is the reader's choice. Of coordinates it knows only how many rows share them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, Lang, ShapeError
from gis.hotspots.explain import Explanation

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LEAST_SHARE = 0.02
TIMES = 5.0
LEAST_ROWS = 20
_RANK = 10


@dataclass(frozen=True, eq=False)
class DefaultGeocodes:
    """Coordinates that look like a default, the most frequent first.

    Parameters
    ----------
    xy
        Shape (k, 2), the coordinates, as they came in.
    count, share
        Shape (k,), rows on each, and their share of all rows with a coordinate.
    suspect
        Shape (n,), which rows lie on one of them.
    rows, places
        Rows with a coordinate, and different coordinates among them.
    snapped
        Rows for each different coordinate, on average: above 2 or so, points were moved to a street node or a list of
        sites, and a fine map shows the list.
    """

    xy: FloatArray
    count: IntArray
    share: FloatArray
    suspect: BoolArray
    rows: int
    places: int

    @property
    def snapped(self) -> float:
        """Rows to a coordinate, on average."""
        return self.rows / self.places if self.places else 0.0

    def text(self, lang: Lang) -> str:
        """The finding in one sentence."""
        zh, en = self.explain().means
        return zh if lang == "zh" else en

    def explain(self) -> Explanation:
        """What the finding means and what it does not."""
        if len(self.xy):
            place = f"({self.xy[0, 0]:.6g}, {self.xy[0, 1]:.6g})"
            zh = f"{len(self.xy)} 个坐标疑为默认定位,最大的 {place} 占 {self.rows} 行的 {self.share[0]:.1%}。"
            en = f"{len(self.xy)} coordinates look like defaults; the largest, {place}, holds {self.share[0]:.1%} of {self.rows} rows."
        else:
            zh, en = "没有发现疑似默认定位的坐标。", "No coordinate looks like a default."
        return Explanation(
            method=("默认定位检测", "default geocode detection"),
            means=(zh, en),
            means_not=(
                "这不证明位置有误:一个真实的繁忙地点(医院、车站)也可能如此,请核对后再排除。",
                "This does not prove them wrong: a truly busy place (a hospital, a station) can look the same; check before leaving it out.",
            ),
            source="gis.hotspots.default_geocode",
            parameters={"least_share": LEAST_SHARE, "times": TIMES, "least_rows": LEAST_ROWS},
        )


def default_geocodes(
    xy: npt.ArrayLike,
    *,
    least_share: float = LEAST_SHARE,
    times: float = TIMES,
    least_rows: int = LEAST_ROWS,
    decimals: int = 6,
) -> DefaultGeocodes:
    """Coordinates with too many rows to be one place among others.

    Parameters
    ----------
    xy
        Shape (n, 2), degrees or metres; rows with NaN belong to no place.
    least_share
        A default holds at least this share of the rows, above 0 and at most 1.
    times
        And at least so many times as many rows as the tenth most frequent coordinate (the least frequent, where there are
        fewer), so that a city of few busy places does not alarm.
    least_rows
        And at least so many rows.
    decimals
        Coordinates equal to so many decimals are one: 6 is a tenth of a metre in degrees.

    Raises
    ------
    ShapeError
        Not two columns.
    InputError
        A share out of range, or ``times`` not above 1.
    """
    at = np.asarray(xy, dtype=np.float64)
    if at.ndim != 2 or at.shape[1] != 2:
        raise ShapeError(
            zh=f"需要形状为 (n, 2) 的坐标,收到 {at.shape}。",
            en=f"Coordinates of shape (n, 2) are needed, got {at.shape}.",
        )
    if not 0 < least_share <= 1 or times <= 1:
        raise InputError(
            zh=f"默认定位的最小占比 {least_share:g} 应在 0 与 1 之间,倍数 {times:g} 应大于 1。",
            en=f"The least share {least_share:g} must lie between 0 and 1, and {times:g} times must be above 1.",
        )
    known = np.isfinite(at).all(axis=1)
    places, first, place, count = np.unique(
        np.round(at[known], decimals), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    rows = int(known.sum())
    ranked = np.sort(count)[::-1]
    usual = ranked[min(_RANK, len(ranked)) - 1] if len(ranked) else 0
    odd = (
        (count >= max(least_rows, least_share * rows)) & (count >= times * usual)
        if len(ranked) > 1
        else count >= np.inf
    )
    chosen = np.flatnonzero(odd)
    chosen = chosen[np.lexsort((chosen, -count[chosen]))]
    suspect = np.zeros(len(at), dtype=bool)
    suspect[known] = odd[place.reshape(-1)]
    return DefaultGeocodes(
        xy=at[known][first[chosen]],
        count=count[chosen].astype(np.int64),
        share=count[chosen] / max(rows, 1),
        suspect=suspect,
        rows=rows,
        places=len(places),
    )
