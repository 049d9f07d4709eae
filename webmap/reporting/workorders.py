"""12345 work orders as cases: read, masked, each made once by its number; what cannot be used comes back with row and reason.

It keeps no row of the file but what becomes a case, and no column of people.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gis.errors import InputError, Lang, NotFoundError, ScopeError, StoreError
from gis.layers import ImportReport, ReadOptions, write_rejects
from gis.layers.codelists import OURS
from gis.layers.work_orders import read_work_orders
from webmap.cases import intake
from webmap.imports import fitted
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import WORK_ORDER
from webmap.store.events import Event

SOURCE = "12345"
MOST_TEXT = 2000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class OrdersOutcome:
    """What an import of work orders did.

    Parameters
    ----------
    made, known
        Cases that are new, and orders that had one already.
    rejects
        Columns ``gis.layers.report.REJECT_COLUMNS``: rows that the file or the district refuses.
    rejects_file
        Where they were written; None without any.
    masked
        How many names, numbers and rooms of each kind were masked in texts.
    """

    report: ImportReport
    made: int
    known: int
    rejects: pd.DataFrame
    masked: dict[str, int]
    rejects_file: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe summary."""
        return self.report.as_dict() | {
            "made": self.made,
            "known": self.known,
            "rows_rejected": self.report.rows_rejected + self._refused,
            "masked_text": self.masked,
            "rejects": self.rejects.to_dict("records"),
            "rejects_file": str(self.rejects_file) if self.rejects_file else None,
        }

    @property
    def _refused(self) -> int:
        """Rows that were read well and that the district refused."""
        return self.report.rows_ok - self.made - self.known


def import_orders(
    services: Services,
    path: Path,
    *,
    viewer: Viewer,
    case_viewer: CaseViewer,
    options: ReadOptions,
    name: str = "",
    rejects: Path | None = None,
    dry_run: bool = False,
    keep_rejects: bool = True,
    progress: Progress | None = None,
) -> OrdersOutcome:
    """Make a case of each work order of a file that has none yet.

    Parameters
    ----------
    viewer, case_viewer
        Who imports, limited to the areas in which it may.
    name
        What the file is called in the report; its own name without.
    rejects
        Where refused rows go; beside the file by default, ``NAME.rejects.csv``.
    dry_run
        Read, check and count, but make nothing.
    keep_rejects
        Write refused rows to a file.

    Raises
    ------
    InputError
        The file as a whole cannot be used. Single rows are rejected, not raised.
    """
    areas = services.areas(viewer)
    fit = replace(fitted(options, areas, services, viewer), lang=options.lang)
    result = read_work_orders(path, areas=_names(areas), options=fit)
    made = known = 0
    counts: Counter[str] = Counter()
    refused: list[dict[str, Any]] = []
    rows: list[Any] = list(result.frame.itertuples())
    for at, row in enumerate(rows):
        told = _as_event(row)
        try:
            if _is_known(services, row.number):
                known += 1
                continue
            event = _inside(services, told)
            if not dry_run:
                intake.create(services, told, viewer=case_viewer)
            counts.update(event.body.get("masked", {}))
            made += 1
        except (InputError, ScopeError) as error:
            refused.append(_rejected(row, "refused", error.zh, error.en))
        except StoreError as error:
            # Another import was faster with this number; a store that is busy is told as what it is.
            if not _is_known(services, row.number):
                raise error
            known += 1
        finally:
            if progress is not None:
                progress(at + 1, len(rows))
    everything = pd.concat([result.rejects, pd.DataFrame(refused, columns=result.rejects.columns)], ignore_index=True)
    everything = everything.sort_values("row", kind="stable", ignore_index=True)
    report = replace(result.report, file=name or result.report.file)
    outcome = OrdersOutcome(report, made, known, everything, dict(counts))
    if keep_rejects and not everything.empty:
        target = write_rejects(everything, rejects or path.with_name(f"{path.name}.rejects.csv"), options.lang)
        outcome = replace(outcome, rejects_file=target)
    if not dry_run:
        told = {name: value for name, value in outcome.as_dict().items() if name not in ("rejects", "rejects_file")}
        services.store.imports.add(told, viewer=viewer, now=services.clock())
    return outcome


def text_of(outcome: OrdersOutcome, lang: Lang) -> str:
    """The outcome as lines for a person."""
    told = outcome.as_dict()
    dropped = "、".join(outcome.report.dropped_personal) or "-"
    if lang == "zh":
        lines = [
            f"{outcome.report.file}:{told['rows_in']} 行,新建 {outcome.made} 件,已有 {outcome.known} 件,退回 {told['rows_rejected']} 行",
            f"已删除的人员列:{dropped};文字中遮盖 {sum(outcome.masked.values())} 处",
        ]
    else:
        lines = [
            f"{outcome.report.file}: {told['rows_in']} rows, {outcome.made} new cases, {outcome.known} known, {told['rows_rejected']} rejected",
            f"Columns of people dropped: {dropped}; {sum(outcome.masked.values())} masks in texts",
        ]
    if outcome.rejects_file is not None:
        lines.append(("退回的行:" if lang == "zh" else "Rejected rows: ") + str(outcome.rejects_file))
    return "\n".join(lines)


def order_id(number: str) -> str:
    """Id of the case of a work order: it follows from the number, so that two imports at once make one case."""
    return f"order-{hashlib.sha256(number.encode()).hexdigest()[:32]}"


def _names(areas: pd.DataFrame) -> dict[str, str]:
    """Codes and names of grids, communities and streets to their code; a name of two areas says nothing."""
    found: dict[str, str] = {}
    for level in ("grid", "community", "street"):
        rows = areas[(areas["level"] == level) & (areas["kind"] != "special")]
        for column in ("name_zh", "name_en"):
            counted = rows[column].value_counts()
            once = rows[rows[column].isin(counted[counted == 1].index) & (rows[column] != "")]
            for name, code in zip(once[column], once["code"], strict=True):
                found.setdefault(name, code)
        found |= {code: code for code in rows["code"]}
    return found


def _as_event(row: Any) -> dict[str, Any]:
    place = {"area": row.area} if math.isnan(row.lon) else {"lon": float(row.lon), "lat": float(row.lat)}
    return {
        "id": order_id(row.number),
        "scheme": OURS,
        "category": row.category,
        "occurred_at": row.occurred_at.isoformat(),
        "source": SOURCE,
        "found_by": "report",
        "text": str(row.text)[:MOST_TEXT],
        "address": str(row.address)[:200],
        "work_order": row.number[:64],
        "attributes": {"category_told": row.category_told[:100]} if row.category_told else {},
    } | place


def _inside(services: Services, told: dict[str, Any]) -> Event:
    placed = intake.placed(services, intake.event_of(told, now=services.clock()))
    if not placed.area:
        raise InputError(zh="位置在本区之外。", en="The place lies outside the district.")
    return placed


def _is_known(services: Services, number: str) -> bool:
    try:
        services.store.cases.by_key(WORK_ORDER, number[:64])
    except NotFoundError:
        return False
    return True


def _rejected(row: Any, code: str, zh: str, en: str) -> dict[str, Any]:
    return {"row": row.row, "reason_code": code, "field": "", "value": "", "reason_zh": zh, "reason_en": en}
