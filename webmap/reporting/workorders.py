"""12345 work orders as cases: each made once by its number, in its grid, with what cannot be used handed back by row and reason.

Files are read by :mod:`gis.dispatch.work_orders`, which leaves the people outside. No row is kept but what becomes a case.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gis.dispatch.work_orders import OrderReport, read_work_orders
from gis.errors import ConflictError, InputError, Lang, NotFoundError, ScopeError
from gis.layers import write_rejects
from gis.layers.codelists import OURS, in_scheme
from webmap.cases import intake
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import WORK_ORDER

KIND = "workorders"
SOURCE = "12345"

UNKNOWN = "S99"
"""The category of our list for one that no list knows; the words of the file are kept beside it."""

_MOST = {"work_order": 64, "text": 2000, "address": 200, "category": 100}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class OrdersOutcome:
    """What an import of work orders did.

    Parameters
    ----------
    made, known
        Cases that are new, and orders that had one already.
    refused
        Rows that were read well and that the district refuses.
    rejects
        Columns ``gis.layers.report.REJECT_COLUMNS``: every row that became no case, with every reason.
    rejects_file
        Where they were written; None without any.
    """

    report: OrderReport
    made: int
    known: int
    refused: int
    rejects: pd.DataFrame
    rejects_file: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe summary."""
        return vars(self.report) | {
            "kind": KIND,
            "made": self.made,
            "known": self.known,
            "rows_rejected": self.report.rows_rejected + self.refused,
            "rejects": self.rejects.to_dict("records"),
            "rejects_file": str(self.rejects_file) if self.rejects_file else None,
        }


def import_orders(
    services: Services,
    path: Path,
    *,
    viewer: Viewer,
    case_viewer: CaseViewer,
    datum: str = "wgs84",
    scheme: str = "",
    lang: Lang = "zh",
    name: str = "",
    most_rows: int = 0,
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
    datum, scheme
        As :func:`gis.dispatch.work_orders.read_work_orders` takes them.
    name
        What the file is called in the report; its own name without.
    most_rows
        More rows are refused as a whole; 0 takes any number.
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
    read = read_work_orders(path, zone=services.zone, datum=datum, scheme=scheme)
    if most_rows and read.report.rows_in > most_rows:
        raise InputError(
            zh=f"文件有 {read.report.rows_in:,} 行,网页一次最多 {most_rows:,} 行;请用 wangge import workorders。",
            en=f"The file has {read.report.rows_in:,} rows, more than {most_rows:,}; use wangge import workorders.",
        )
    names = _names(services.areas(viewer))
    ours = None if viewer.is_unlimited else frozenset(names.values())
    made = known = 0
    refused: list[dict[str, Any]] = []
    rows = [{str(key): value for key, value in row.items()} for row in read.orders.to_dict("records")]
    for at, row in enumerate(rows, 1):
        try:
            is_new = _kept(services, row, names, case_viewer, ours=ours, dry_run=dry_run)
            made, known = made + is_new, known + (not is_new)
        except (InputError, ScopeError) as error:
            refused.append(
                {
                    "row": row["row"],
                    "reason_code": "refused",
                    "field": "",
                    "value": "",
                    "reason_zh": error.zh,
                    "reason_en": error.en,
                }
            )
        if progress is not None:
            progress(at, len(rows))
    everything = pd.concat([read.rejects, pd.DataFrame(refused, columns=read.rejects.columns)], ignore_index=True)
    everything = everything.sort_values("row", kind="stable", ignore_index=True)
    report = replace(read.report, file=name or read.report.file)
    outcome = OrdersOutcome(report, made, known, len(refused), everything)
    if keep_rejects and not everything.empty:
        target = write_rejects(everything, rejects or path.with_name(f"{path.name}.rejects.csv"), lang)
        outcome = replace(outcome, rejects_file=target)
    if not dry_run:
        told = {key: value for key, value in outcome.as_dict().items() if key not in ("rejects", "rejects_file")}
        services.store.imports.add(told | {"datum": datum}, viewer=viewer, now=services.clock())
    return outcome


def text_of(outcome: OrdersOutcome, lang: Lang) -> str:
    """The outcome as lines for a person."""
    told, masks = outcome.as_dict(), sum(outcome.report.masked.values())
    dropped = ("、" if lang == "zh" else ", ").join(outcome.report.dropped_personal) or "-"
    if lang == "zh":
        lines = [
            f"{outcome.report.file}:{told['rows_in']} 行,新建 {outcome.made} 件,已有 {outcome.known} 件,退回 {told['rows_rejected']} 行",
            f"已删除的人员列:{dropped};文字中遮盖 {masks} 处",
        ]
    else:
        lines = [
            f"{outcome.report.file}: {told['rows_in']} rows, {outcome.made} new cases, {outcome.known} known, {told['rows_rejected']} rejected",
            f"Columns of people dropped: {dropped}; {masks} masks in texts",
        ]
    if outcome.rejects_file is not None:
        lines.append(("退回的行:" if lang == "zh" else "Rejected rows: ") + str(outcome.rejects_file))
    return "\n".join(lines)


def order_id(number: str) -> str:
    """Id of the case of a work order: it follows from the number, so that two imports at once make one case."""
    return f"order-{hashlib.sha256(number.encode()).hexdigest()[:32]}"


def _kept(
    services: Services,
    row: Mapping[str, Any],
    names: Mapping[str, str],
    viewer: CaseViewer,
    *,
    ours: frozenset[str] | None,
    dry_run: bool,
) -> bool:
    """Make the case of an order unless it has one; whether it is new.

    Parameters
    ----------
    ours
        Codes of the viewer's areas; None for the whole district.

    Raises
    ------
    InputError, ScopeError
        It makes no sense, or lies outside the district or the viewer's areas.
    """
    if _is_known(services, row["work_order"]):
        return False
    told = _as_event(row, names)
    event = intake.placed(services, intake.event_of(told, now=services.clock()))
    if event.lon is not None and not event.area:
        raise InputError(zh="位置在本区之外。", en="The place lies outside the district.")
    if event.lon is None and not event.area and not event.body["address"]:
        raise InputError(
            zh="没有坐标和地址,写明的网格、社区或街道也不认识。",
            en="There is neither a coordinate nor an address, and the grid, community or street that is named is unknown.",
        )
    if ours is not None and not {event.grid, event.community, event.street} & ours:
        raise InputError(zh="位置不在您的区域内。", en="The place lies outside your areas.")
    if dry_run:
        return True
    try:
        intake.create(services, told, viewer=viewer)
    except ConflictError:
        # Another import was faster with this number.
        return False
    return True


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


def _as_event(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """An order in the words of ``POST /api/events``: by its coordinates, else by the finest area that it names."""
    entry = in_scheme(row["scheme"], row["category"])
    area = next((names[row[level]] for level in ("grid", "community", "street") if row[level] in names), "")
    place = {"area": area} if math.isnan(row["lon"]) else {"lon": float(row["lon"]), "lat": float(row["lat"])}
    return {
        "id": order_id(row["work_order"]),
        "scheme": OURS,
        "category": entry.wangge if entry else UNKNOWN,
        "occurred_at": row["occurred_at"].isoformat(),
        "source": SOURCE,
        "found_by": row["found_by"],
        "urgency": row["urgency"],
        "text": row["text"][: _MOST["text"]],
        "address": row["address"][: _MOST["address"]],
        "work_order": row["work_order"][: _MOST["work_order"]],
        "attributes": {} if entry else {"category_told": row["category"][: _MOST["category"]]},
    } | place


def _is_known(services: Services, number: str) -> bool:
    try:
        services.store.cases.by_key(WORK_ORDER, number[: _MOST["work_order"]])
    except NotFoundError:
        return False
    return True
