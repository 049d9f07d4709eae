"""Which areas a key area is held against: of its kind, as busy and on the same trend before, and not next to it.

The rule looks at what was before alone, never at what followed, so that nobody can choose the comparison by its result.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.errors import InputError, Lang
from gis.schemas import require_columns

COLUMNS = ("unit", "kind", "km2", "early", "late")
"""Of a unit of ground: name, kind, ground in km2, incidents in the first and in the second half of the span before."""


@dataclass(frozen=True)
class MatchRule:
    """How alike a comparison area has to be. All values are our choice.

    Parameters
    ----------
    level_factor
        Its incidents per km2 before lie within this factor of the area's.
    trend_factor
        Second half over first half of the span before lies within this factor of the area's.
    least, most
        With fewer there is no comparison; with more the most alike are taken.
    """

    level_factor: float = 2.0
    trend_factor: float = 2.0
    least: int = 3
    most: int = 20

    def __post_init__(self) -> None:
        if not (1 < self.level_factor < np.inf and 1 < self.trend_factor < np.inf and 1 <= self.least <= self.most):
            raise InputError(
                zh="对照规则:两个倍数须大于 1,最少个数不小于 1 且不超过最多个数。",
                en="A rule of comparison: both factors above 1, and at least one area, no more than the most.",
            )

    def text(self, lang: Lang) -> str:
        """The rule in words."""
        if lang == "zh":
            return (
                f"对照区为同类网格,不在缓冲区内;整治前每平方公里事件数相差不超过 {self.level_factor:g} 倍,前后半段变化相差不超过 "
                f"{self.trend_factor:g} 倍;取最相近的至多 {self.most} 个,少于 {self.least} 个不作比较。"
            )
        return (
            f"Comparison areas are grids of the same kind outside the buffer, whose incidents per km2 before lie within a factor of "
            f"{self.level_factor:g} and whose change from the first to the second half before lies within {self.trend_factor:g}; the "
            f"{self.most} most alike are taken, and fewer than {self.least} are no comparison."
        )


@dataclass(frozen=True, eq=False)
class Comparison:
    """The areas that were found, and what became of the candidates.

    Parameters
    ----------
    units
        Names, the most alike first; empty where there are fewer than the rule's least.
    candidates, of_kind, of_level, of_trend
        How many there were, how many of them were of the kind, of these as busy, and of these on the trend.
    """

    units: tuple[str, ...]
    candidates: int
    of_kind: int
    of_level: int
    of_trend: int


def comparison_areas(area: pd.DataFrame, candidates: pd.DataFrame, *, rule: MatchRule | None = None) -> Comparison:
    """The areas to compare with.

    Parameters
    ----------
    area
        ``COLUMNS``, one row a unit of the key area; they are taken together, with the kind of the most ground.
    candidates
        ``COLUMNS``, one row each; none of the area or of its buffer.

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        The area has no ground, or a number is missing or negative.

    Notes
    -----
    Distance is that of the logarithms of level and trend, each over that of its factor; half an incident is added to every count. Of
    equals the lower name. Matching on the level before makes the comparison fall back as the area does (regression to the mean);
    where the long-run levels differ it does so in part only (Daw and Hatfield 2018, Health Services Research 53(6)).
    """
    rule = rule or MatchRule()
    ours, others = _checked(area, "area"), _checked(candidates, "candidates")
    if not ours["km2"].sum() > 0:
        raise InputError(zh="重点地区没有面积。", en="The key area has no ground.")
    kind = ours.groupby("kind")["km2"].sum().sort_index().idxmax()
    whole = ours[["km2", "early", "late"]].sum().to_frame().T
    alike = others[(others["kind"] == kind) & (others["km2"] > 0)]
    level = np.abs(_level(alike) - _level(whole)[0]) / np.log(rule.level_factor)
    trend = np.abs(_trend(alike) - _trend(whole)[0]) / np.log(rule.trend_factor)
    # An area without incidents shows nothing, whatever its neighbour does.
    some = (alike["early"] + alike["late"]).to_numpy() > 0
    as_busy = (level <= 1 + 1e-12) & some
    found = as_busy & (trend <= 1 + 1e-12)
    table = pd.DataFrame({"unit": alike["unit"].to_numpy(), "far": level**2 + trend**2})[found]
    units = tuple(table.sort_values(["far", "unit"], kind="stable")["unit"].astype(str).head(rule.most))
    return Comparison(
        units=units if len(units) >= rule.least else (),
        candidates=len(others),
        of_kind=len(alike),
        of_level=int(as_busy.sum()),
        of_trend=int(found.sum()),
    )


def _level(table: pd.DataFrame) -> np.ndarray:
    return np.log((table["early"] + table["late"] + 0.5).to_numpy() / table["km2"].to_numpy())


def _trend(table: pd.DataFrame) -> np.ndarray:
    return np.log((table["late"] + 0.5).to_numpy() / (table["early"] + 0.5).to_numpy())


def _checked(table: pd.DataFrame, name: str) -> pd.DataFrame:
    require_columns(table, COLUMNS, layer=name)
    values = table[["km2", "early", "late"]].to_numpy(dtype=np.float64, na_value=np.nan)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(
            zh=f"“{name}”的面积或计数有缺失或负值。", en=f"In '{name}' ground or counts are missing or negative."
        )
    return table.astype({"km2": float, "early": float, "late": float, "unit": str, "kind": str})
