"""Which time limit holds: a table of stages, categories and urgencies that a district edits; every row names its source.

The shipped table is a set of editable defaults: limits seen in tables of two cities and in a draft standard, read second-hand, and the
product's own where nothing was seen. It is no standard.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from gis.dispatch._units import Unit
from gis.dispatch.clocks import Limit
from gis.errors import ColumnError, InputError, NotFoundError

Stage = Literal["accept", "dispatch", "acknowledge", "handle", "check", "case"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""Stages with a clock; ``case`` is the whole, from accepting to resolving."""
URGENCIES = ("", "emergency", "utility", "complex")
"""Empty is the general case; ``utility`` is water, power, gas and heating."""
_SHIPPED = Path(__file__).resolve().parent / "time_limits.csv"
_COLUMNS = ("stage", "category", "urgency", "amount", "unit", "source")


@dataclass(frozen=True)
class TimeLimit:
    """One row.

    Parameters
    ----------
    category
        A code of our category list, its beginning with a star (``06*``), or ``*``.
    source
        Where the figure comes from, for the people who answer for it.
    """

    stage: Stage
    category: str
    urgency: str
    limit: Limit
    source: str

    def fits(self, stage: str, category: str, urgency: str) -> bool:
        """Whether the row speaks of such a case."""
        by_category = (
            category.startswith(self.category[:-1]) if self.category.endswith("*") else category == self.category
        )
        return self.stage == stage and by_category and self.urgency in ("", urgency)


class LimitTable:
    """The rows in force.

    Raises
    ------
    InputError
        Two rows of the same stage, category and urgency.
    """

    def __init__(self, rows: Iterable[TimeLimit]) -> None:
        self.rows = tuple(rows)
        keys = [(row.stage, row.category, row.urgency) for row in self.rows]
        double = sorted({" ".join(key).strip() for key in keys if keys.count(key) > 1})
        if double:
            raise InputError(
                zh=f"时限表中有重复的行:{'、'.join(double)}。",
                en=f"Rows occur twice in the time limits: {', '.join(double)}.",
            )

    def find(self, stage: Stage, category: str, *, urgency: str = "") -> TimeLimit:
        """The row that holds: the named urgency before the general case, then the longest category.

        Raises
        ------
        NotFoundError
            No row fits.
        """
        fitting = [row for row in self.rows if row.fits(stage, category, urgency)]
        if not fitting:
            raise NotFoundError(
                zh=f"时限表没有环节 {stage}、类别 {category} 的时限。",
                en=f"The table has no time limit for stage {stage} and category {category}.",
            )
        return max(fitting, key=lambda row: (row.urgency == urgency, not row.category.endswith("*"), len(row.category)))


def load_limits(path: Path) -> LimitTable:
    """Time limits from CSV in UTF-8: ``stage``, ``category``, ``urgency``, ``amount``, ``unit``, ``source``.

    Raises
    ------
    ColumnError
        A column is missing.
    InputError
        Lines that cannot be used, all of them with their number, or a row twice.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ColumnError(
                zh=f"时限表 {Path(path).name} 缺少列 {'、'.join(missing)}。",
                en=f"The table of limits {Path(path).name} lacks the columns {', '.join(missing)}.",
            )
        lines = [(reader.line_num, _row({k: (line[k] or "").strip() for k in _COLUMNS})) for line in reader]
    wrong = [str(number) for number, row in lines if row is None]
    if wrong:
        raise InputError(
            zh=f"时限表第 {'、'.join(wrong)} 行无法使用:stage 为 {'、'.join(STAGES)},须有 category、amount、unit 和 source。",
            en=f"Lines {', '.join(wrong)} of the time limits cannot be used: stage {', '.join(STAGES)}, with category, amount, unit, source.",
        )
    return LimitTable(row for _, row in lines if row is not None)


def _row(line: dict[str, str]) -> TimeLimit | None:
    stages: dict[str, Stage] = {stage: stage for stage in STAGES}
    units: dict[str, Unit] = {unit: unit for unit in get_args(Unit)}
    stage, unit = stages.get(line["stage"]), units.get(line["unit"])
    if stage is None or unit is None or not line["category"] or not line["source"] or line["urgency"] not in URGENCIES:
        return None
    try:
        limit = Limit(float(line["amount"]), unit)
    except (ValueError, InputError):
        return None
    return TimeLimit(stage, line["category"], line["urgency"], limit, line["source"])


@lru_cache(maxsize=1)
def shipped_limits() -> LimitTable:
    """The editable defaults; each row says whether its figure was seen somewhere or is ours."""
    return load_limits(_SHIPPED)
