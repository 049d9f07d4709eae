"""What belongs to cameras beside the register's row: the history of their status, and zones that must not be watched.

The register itself is the layer ``cameras``. Nothing here is a picture, a link to one, or a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import Connection, Integer, cast, delete, func, insert, literal, select

from gis.errors import GeometryError, InputError, NotFoundError
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.models import CAMERA_MASKS, CAMERA_STATUS, CAMERAS
from webmap.store.scoping import require_unlimited, sees_located
from webmap.store.viewer import Viewer

LONGEST = 200
"""Characters of a mask's name or reason."""


@dataclass(frozen=True)
class StatusSpan:
    """One status of a camera and since when, UTC."""

    status: str
    since: datetime


class CameraRecords:
    """Status histories and masks of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def history(self, camera: str, *, viewer: Viewer) -> list[StatusSpan]:
        """Every status that a camera had, oldest first; empty for a camera that never told one.

        Raises
        ------
        NotFoundError
            The viewer sees no such camera.
        """
        with self._database.reading() as connection:
            self._require(connection, camera, viewer)
            query = select(CAMERA_STATUS.c.status, CAMERA_STATUS.c.since).where(CAMERA_STATUS.c.camera == camera)
            return [StatusSpan(*row) for row in connection.execute(query.order_by(CAMERA_STATUS.c.change))]

    def masks(self) -> gpd.GeoDataFrame:
        """Zones that must not be watched: ``id``, ``camera`` (empty for all), ``name``, ``reason``, EPSG:4326."""
        names = ("id", "camera", "name", "reason")
        query = select(*(CAMERA_MASKS.c[name] for name in (*names, "geometry"))).order_by(CAMERA_MASKS.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
        shapes = shapely.from_wkb(np.array([row[-1] for row in rows], dtype=object))
        return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")

    def put_mask(
        self,
        mask_id: str,
        shape: shapely.Geometry,
        *,
        name: str,
        reason: str,
        viewer: Viewer,
        now: datetime,
        camera: str = "",
    ) -> None:
        """Keep a zone; one of the same id is replaced.

        Parameters
        ----------
        shape
            Polygon or multipolygon, EPSG:4326.
        camera
            The one that must not watch it; all of them unless told.

        Raises
        ------
        GeometryError
            No valid ground on earth.
        InputError
            Id or name is empty, or a text too long.
        NotFoundError
            There is no such camera.
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "设置遮挡区", "set masks")
        _check(mask_id, shape, name, reason)
        values: dict[str, Any] = {
            "id": mask_id, "camera": camera, "name": name.strip(), "reason": reason.strip(),
            "geometry": shapely.to_wkb(shape, output_dimension=2, byte_order=1), "since": now,
        }  # fmt: skip
        with self._database.writing() as connection:
            if camera:
                self._require(connection, camera, viewer)
            connection.execute(delete(CAMERA_MASKS).where(CAMERA_MASKS.c.id == mask_id))
            connection.execute(insert(CAMERA_MASKS).values(values))
            note_change(connection, "camera_masks", "put", viewer=viewer, now=now, ref=mask_id)

    def remove_mask(self, mask_id: str, *, viewer: Viewer, now: datetime) -> None:
        """Drop a zone.

        Raises
        ------
        NotFoundError
            There is none of this id.
        ScopeError
            The viewer is limited to some areas.
        """
        require_zone(now)
        require_unlimited(viewer, "删除遮挡区", "remove masks")
        with self._database.writing() as connection:
            if not connection.execute(delete(CAMERA_MASKS).where(CAMERA_MASKS.c.id == mask_id)).rowcount:
                raise NotFoundError(zh=f"没有编号为 {mask_id} 的遮挡区。", en=f"There is no mask {mask_id}.")
            note_change(connection, "camera_masks", "remove", viewer=viewer, now=now, ref=mask_id)

    def _require(self, connection: Connection, camera: str, viewer: Viewer) -> None:
        query = select(CAMERAS.c.id).where(CAMERAS.c.id == camera, sees_located(viewer, CAMERAS))
        if connection.scalar(query) is None:
            raise NotFoundError(zh=f"没有编号为 {camera} 的摄像机。", en=f"There is no camera {camera}.")


def note_status(connection: Connection, change: int, now: datetime) -> None:
    """Write down every status that differs from the last one known, inside the transaction that changed the register."""
    newest = (
        select(CAMERA_STATUS.c.camera, func.max(CAMERA_STATUS.c.change).label("change"))
        .group_by(CAMERA_STATUS.c.camera)
        .subquery()
    )
    last = (
        select(CAMERA_STATUS.c.camera, CAMERA_STATUS.c.status)
        .join(newest, (newest.c.camera == CAMERA_STATUS.c.camera) & (newest.c.change == CAMERA_STATUS.c.change))
        .subquery()
    )
    told = (
        select(CAMERAS.c.id, cast(literal(change), Integer), CAMERAS.c.status, literal(now, CAMERA_STATUS.c.since.type))
        .select_from(CAMERAS.outerjoin(last, last.c.camera == CAMERAS.c.id))
        .where(CAMERAS.c.status != func.coalesce(last.c.status, ""))
    )
    connection.execute(insert(CAMERA_STATUS).from_select(["camera", "change", "status", "since"], told))


def _check(mask_id: str, shape: shapely.Geometry, name: str, reason: str) -> None:
    if not mask_id.strip() or not name.strip() or max(len(each) for each in (mask_id, name, reason)) > LONGEST:
        raise InputError(
            zh=f"遮挡区应有编号和名称,文字不超过 {LONGEST} 字。",
            en=f"A mask has an id and a name, of at most {LONGEST} characters.",
        )
    solid = shapely.get_type_id(shape) in (3, 6) and not shapely.is_empty(shape) and shapely.is_valid(shape)
    if not solid or not (np.abs(shapely.bounds(shape)) <= [180, 90, 180, 90]).all():
        raise GeometryError(
            zh=f"遮挡区“{name}”应为有效的多边形(经纬度)。", en=f"Mask '{name}' must be a valid polygon in degrees."
        )
