"""The report of each import: which file, how many rows went in and did not, under which datum.

It keeps what the report says and nothing of the rejected rows themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from gis.errors import StoreError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import canonical, own_id, parsed
from webmap.store.models import IMPORTS
from webmap.store.scoping import sees_code
from webmap.store.viewer import Viewer


@dataclass(frozen=True)
class ImportRecord:
    """One import.

    Parameters
    ----------
    id
        Given by the client, or made from report and moment.
    kind, file
        Layer and file name.
    rows_in, rows_ok, rows_rejected
        Rows read, kept and refused.
    datum
        The datum the file was read in.
    at, actor
        When (UTC) and by whom.
    report
        The whole report.
    """

    id: str
    kind: str
    file: str
    rows_in: int
    rows_ok: int
    rows_rejected: int
    datum: str
    at: datetime
    actor: str
    report: dict[str, Any]


class Imports:
    """The import reports of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, report: Mapping[str, Any], *, viewer: Viewer, now: datetime) -> str:
        """Keep the report of an import (``ImportReport.as_dict()``).

        Returns
        -------
        id
            Of the stored report; the same report at the same moment is kept once.

        Raises
        ------
        InputError
            The report is not JSON.
        StoreError
            Its id is taken by another report.
        """
        require_zone(now)
        text = canonical(dict(report), what_zh="导入报告", what_en="the import report")
        import_id = own_id(report, "import", f"{now.timestamp()}{text}")
        values = {name: int(report.get(name) or 0) for name in ("rows_in", "rows_ok", "rows_rejected")}
        names = {name: str(report.get(name) or "") for name in ("kind", "file")}
        scope = canonical(list(viewer.areas), what_zh="权限区域", what_en="the scope")
        with self._database.writing() as connection:
            known = connection.scalar(select(IMPORTS.c.report).where(IMPORTS.c.id == import_id))
            if known is not None and known != text:
                raise StoreError(zh=f"导入编号 {import_id} 已被占用。", en=f"Import id {import_id} is taken.")
            if known is None:
                row = values | names | {"id": import_id, "datum": _datum(report), "report": text, "scope": scope}
                connection.execute(insert(IMPORTS).values(**row, at=now, actor=viewer.actor))
                note_change(connection, "imports", "add", viewer=viewer, now=now, ref=import_id)
        return import_id

    def list(self, viewer: Viewer, *, kind: str = "") -> list[ImportRecord]:
        """Imports made by those who see no more than the viewer, latest first."""
        query = select(IMPORTS).order_by(IMPORTS.c.at.desc(), IMPORTS.c.id)
        if kind:
            query = query.where(IMPORTS.c.kind == kind)
        with self._database.reading() as connection:
            return [
                _record(row)
                for row in connection.execute(query).mappings()
                if _may_see(connection, viewer, row["scope"])
            ]


def _may_see(connection: Connection, viewer: Viewer, scope: str) -> bool:
    areas = parsed(scope) or [""]
    return all(sees_code(connection, viewer, code) for code in areas)


def _datum(report: Mapping[str, Any]) -> str:
    datum = report.get("datum") or ""
    return str(datum.get("datum", "")) if isinstance(datum, Mapping) else str(datum)


def _record(row: Any) -> ImportRecord:
    values = {key: value for key, value in row.items() if key != "scope"}
    return ImportRecord(**(values | {"report": parsed(row["report"])}))
