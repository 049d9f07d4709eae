"""Targets by point class held against a coverage: how much of what is asked for is seen, and how many cameras work.

It judges nothing beyond the numbers: a target is reached or not, or there is nothing to be seen.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.cameras.coverage import Coverage
from gis.cameras.tables import Target

_UNIT = {"area": "_m2", "street": "_m"}


def target_table(
    coverage: Coverage,
    targets: Sequence[Target],
    *,
    point_class: npt.NDArray[np.str_],
    working: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Every target beside what is seen.

    Ground and places count as seen whichever camera sees them; cameras count in their own class.

    Parameters
    ----------
    coverage
        With the targets ``places``.
    point_class, working
        Of every camera of the register, shape (n,).

    Returns
    -------
    table
        ``point_class``, ``measure``, ``kinds``, ``of`` (denominator), ``seen``, ``share``, ``asked``, ``reached``;
        ``cameras``, ``working``, ``availability``, ``asked_availability``, ``available``. ``share``, ``reached``,
        ``availability`` and ``available`` are None where there is nothing to be counted.
    """
    return pd.DataFrame([_row(coverage, each, point_class, working) for each in targets], dtype=object)


def _row(
    coverage: Coverage, target: Target, point_class: npt.NDArray[np.str_], working: npt.NDArray[np.bool_]
) -> dict[str, object]:
    of, seen = _seen(coverage, target)
    mine = point_class == target.point_class
    cameras, up = int(mine.sum()), int((mine & working).sum())
    share = seen / of if of > 0 else None
    availability = up / cameras if cameras else None
    return {
        "point_class": target.point_class, "measure": target.measure, "kinds": ";".join(target.kinds),
        "of": round(of, 1), "seen": round(seen, 1), "share": None if share is None else round(share, 4),
        "asked": target.share, "reached": None if share is None else bool(share >= target.share - 1e-9),
        "cameras": cameras, "working": up, "availability": None if availability is None else round(availability, 4),
        "asked_availability": target.availability,
        "available": None if availability is None else bool(availability >= target.availability - 1e-9),
    }  # fmt: skip


def _seen(coverage: Coverage, target: Target) -> tuple[float, float]:
    if target.measure == "places":
        kinds = coverage.targets("places").set_index("kind")
        chosen = kinds[kinds.index.isin(target.kinds)] if target.kinds else kinds
        return float(chosen["of"].sum()), float(chosen["seen1"].sum())
    whole, unit = coverage.table("all").iloc[0], _UNIT[target.measure]
    return float(whole[f"{target.measure}{unit}"]), float(whole[f"{target.measure}1{unit}"])
