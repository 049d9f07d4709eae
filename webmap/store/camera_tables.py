"""The district's own tables for cameras, as rows of text. What a row must look like is decided in :mod:`gis.cameras.tables`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.models import CAMERA_TABLES
from webmap.store.scoping import require_unlimited
from webmap.store.viewer import Viewer


class CameraTables:
    """Tables that the district changed; one that is not here has its defaults."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, list[dict[str, str]]]:
        """Rows by name of the table."""
        with self._database.reading() as connection:
            rows = connection.execute(select(CAMERA_TABLES.c.name, CAMERA_TABLES.c.rows)).all()
        return {name: json.loads(text) for name, text in rows}

    def put(self, name: str, rows: Sequence[Mapping[str, str]], *, viewer: Viewer, now: datetime) -> None:
        """Keep a table instead of the one before; without rows the defaults hold again.

        Raises
        ------
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "修改摄像机规则表", "change tables of cameras")
        with self._database.writing() as connection:
            connection.execute(delete(CAMERA_TABLES).where(CAMERA_TABLES.c.name == name))
            if rows:
                text = json.dumps([dict(row) for row in rows], ensure_ascii=False)
                connection.execute(insert(CAMERA_TABLES).values(name=name, rows=text, since=now))
            note_change(connection, "camera_tables", "put", viewer=viewer, now=now, ref=name, count=len(rows))
