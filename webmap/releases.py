"""What anybody may see: counts of closed months by area and group of categories, small ones withheld, each released once.

A month is counted when it is first asked for after its closing and kept as it was then, so that a late report cannot be
seen as the difference of two answers. It knows no request, and it never reads a single report.
"""

import json
import os
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from gis.errors import NotFoundError
from gis.incidents import IncidentFilter, taxonomy
from gis.incidents.privacy import PublicTable, released_months, suppress
from webmap.columns import columns_folder
from webmap.filters import day_start
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR

LEVELS = ("community", "street", "district")
"""Levels that are shown; grids are counted and never shown."""

OTHER = "other"

GROUPS = ("linkage", "dispute", "order", "safety", "decision", OTHER)
"""The platform's five modules; what is rare besides them is one group, since rare groups would be withheld everywhere."""

_PLACE = ("grid", *LEVELS)


def months(services: Services) -> list[date]:
    """First days of the months that may be seen, oldest first."""
    span = services.date_range(LOCAL_OPERATOR)
    if span is None:
        return []
    return released_months(services.local(span.since).date(), services.today())


def release(services: Services, month: date) -> dict[str, Any]:
    """The counts of a month, as they were released.

    Raises
    ------
    NotFoundError
        The month is not closed, or holds no data.
    StoreError
        The release cannot be kept; then it is not shown either.
    """
    if month not in months(services):
        raise NotFoundError(zh="该月份尚未公布。", en="That month is not released.")
    path = _folder(services) / f"{month:%Y-%m}-k{services.config.public_k}.json"
    try:
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        kept = _count(services, month)
        _keep(path, kept)
    return kept


def _folder(services: Services) -> Path:
    return columns_folder(services.store, services.config.columns).with_suffix(".releases")


def _keep(path: Path, told: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{uuid4().hex[:8]}.part")
    part.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    # The first of two workers wins, so that both tell the same.
    try:
        os.link(part, path)
    except FileExistsError:
        told.clear()
        told.update(json.loads(path.read_text("utf-8")))
    finally:
        part.unlink()


def _count(services: Services, month: date) -> dict[str, Any]:
    after = (month + timedelta(days=32)).replace(day=1)
    asked = IncidentFilter(
        since=day_start(month, services.zone), until=day_start(after, services.zone), found_by=("report",)
    )
    columns, question = services.selection(LOCAL_OPERATOR, asked)
    groups, group_of = _groups(columns.tag_field("scheme"), columns.tag_field("category"))
    counts = columns.cross(question, group_of, len(groups))
    labels = [_labels(columns.places, depth) for depth in range(1, len(_PLACE))]
    tables = suppress(counts, labels, k=services.config.public_k)
    shown = {
        level: _rows(table, columns.places, label, depth)
        for depth, (level, table, label) in enumerate(zip(LEVELS, tables[1:], labels, strict=True), start=1)
    }
    return {
        "month": f"{month:%Y-%m}",
        "days": (after - month).days,
        "k": services.config.public_k,
        "groups": groups,
        "levels": shown,
    }


def _groups(schemes: Sequence[str], categories: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The modules of the category table, and the module of each tag."""
    modules = {(str(row.scheme), str(row.code)): str(row.module) for row in taxonomy.categories().itertuples()}
    found = [modules.get(pair, OTHER) for pair in zip(schemes, categories, strict=True)]
    number = {name: position for position, name in enumerate(GROUPS)}
    return list(GROUPS), np.array([number.get(name, number[OTHER]) for name in found], dtype=np.int64)


def _labels(places: Sequence[tuple[str, ...]], depth: int) -> np.ndarray:
    """For each place the area of a coarser level, told with all that holds it, so that levels nest."""
    return np.array(["/".join(reversed(place[depth:])) for place in places], dtype=object).astype(str)


def _rows(
    table: PublicTable, places: Sequence[tuple[str, ...]], labels: np.ndarray, depth: int
) -> list[dict[str, Any]]:
    code_of = {str(label): place[depth] for label, place in zip(labels, places, strict=True)}
    return [
        {
            "code": code_of[str(area)],
            "counts": [None if hidden else int(n) for n, hidden in zip(row, gone, strict=True)],
        }
        for area, row, gone in zip(table.areas, table.values, table.hidden, strict=True)
    ]
