"""What happened, as a forecast learns from it: place, civil day and category of each incident, oldest first.

Days are counted in the district's own civil time, so that an hour is an hour of the day there. Where many rows lie on one
coordinate that looks like a default, they are set aside before anything is learnt, and counted. It knows no person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ShapeError
from gis.hotspots.default_geocode import DefaultGeocodes, default_geocodes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1)


def civil_days(moment: datetime) -> float:
    """Days since 1970-01-01 of a moment's own clock face, whatever its zone: noon is .5 everywhere."""
    return (moment.replace(tzinfo=None) - EPOCH).total_seconds() / 86_400.0


@dataclass(frozen=True, eq=False)
class History:
    """Incidents in order of time.

    Parameters
    ----------
    day
        Shape (n,), civil days since 1970-01-01, fractions are hours; rising.
    site
        Shape (n,), which of ``sites`` each lies on.
    sites
        Shape (m, 2), different coordinates, metres.
    kind
        Shape (n,), which of ``categories`` each is of.
    categories
        Every category that occurs.
    timed
        Shape (n,), whether the hour is known; where it is not, the incident counts but answers no hour.
    focus
        The category that is forecast; empty for all together. Models that pool still see the others.
    set_aside
        Default geocodes that were left out; None where nobody looked.
    kept
        Decayed counts that several models ask for; None keeps nothing. See :meth:`keeping`.
    """

    day: FloatArray
    site: IntArray
    sites: FloatArray
    kind: IntArray
    categories: tuple[str, ...]
    timed: BoolArray
    focus: str = ""
    set_aside: DefaultGeocodes | None = field(default=None, repr=False)
    kept: dict[object, FloatArray] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.day)

    @property
    def mine(self) -> BoolArray:
        """Shape (n,), incidents of the category that is forecast."""
        if not self.focus:
            return np.ones(len(self.day), dtype=bool)
        return self.kind == self.categories.index(self.focus)

    def of(self, category: str) -> "History":
        """The same incidents, to forecast one category of them; empty for all together.

        Raises
        ------
        InputError
            No incident is of this category.
        """
        if category and category not in self.categories:
            raise InputError(
                zh=f"历史数据中没有类别“{category}”。", en=f"No incident of the history is of category '{category}'."
            )
        return replace(self, focus=category)

    def keeping(self) -> "History":
        """The same incidents, with decayed counts made once for all models that ask for the same: for a choice."""
        return replace(self, kept={})

    def before(self, day: float) -> "History":
        """What had happened before a civil day; categories and focus stay."""
        n = int(np.searchsorted(self.day, day, side="left"))
        return replace(self, day=self.day[:n], site=self.site[:n], kind=self.kind[:n], timed=self.timed[:n])

    def since(self, day: float) -> "History":
        """What happened on or after a civil day."""
        n = int(np.searchsorted(self.day, day, side="left"))
        return replace(self, day=self.day[n:], site=self.site[n:], kind=self.kind[n:], timed=self.timed[n:])


def make_history(
    xy_m: npt.ArrayLike,
    day: npt.ArrayLike,
    category: Sequence[str] | npt.ArrayLike | None = None,
    *,
    timed: npt.ArrayLike | None = None,
    keep_defaults: bool = False,
) -> History:
    """Incidents put in order of time, default geocodes set aside.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres in the CRS of the cells; rows with NaN are left out.
    day
        Shape (n,), civil days since 1970-01-01 (:func:`civil_days`); rows with NaN are left out.
    category
        Shape (n,), text; none for incidents of one kind.
    timed
        Shape (n,), whether the hour is known; all by default.
    keep_defaults
        Learn from coordinates that look like defaults too.

    Raises
    ------
    ShapeError
        The arrays do not fit together.
    """
    xy, when = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2), np.asarray(day, dtype=np.float64).ravel()
    kinds = np.full(len(when), "") if category is None else np.asarray(category, dtype=np.str_).ravel()
    known_hour = np.ones(len(when), dtype=bool) if timed is None else np.asarray(timed, dtype=bool).ravel()
    if not len(xy) == len(when) == len(kinds) == len(known_hour):
        raise ShapeError(
            zh=f"坐标 {len(xy)}、时间 {len(when)}、类别 {len(kinds)} 的个数不同。",
            en=f"{len(xy)} coordinates, {len(when)} times and {len(kinds)} categories do not fit together.",
        )
    found = None if keep_defaults else default_geocodes(xy, decimals=1)
    kept = np.isfinite(xy).all(axis=1) & np.isfinite(when)
    if found is not None:
        kept &= ~found.suspect
    rows = np.flatnonzero(kept)
    rows = rows[np.argsort(when[rows], kind="stable")]
    sites, site = np.unique(xy[rows], axis=0, return_inverse=True)
    names, kind = np.unique(kinds[rows], return_inverse=True)
    return History(
        day=when[rows],
        site=site.reshape(-1).astype(np.int64),
        sites=sites,
        kind=kind.reshape(-1).astype(np.int64),
        categories=tuple(str(name) for name in names),
        timed=known_hour[rows],
        set_aside=found,
    )
