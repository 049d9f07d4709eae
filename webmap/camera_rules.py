"""The district's rules for cameras, for pages, API and commands: its tables, and ground that must not be watched.

Every change is written into the audit log. What the tables mean is decided in :mod:`gis.cameras`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import shapely

from gis.cameras import tables
from gis.cameras.optics import PixelBand
from gis.errors import GeometryError, NotFoundError, WanggeError
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer
from webmap.store.audit import AuditEntry


def rows(services: Services, name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of a table: the district's own, or the defaults.

    Raises
    ------
    NotFoundError
        No such table.
    """
    kind = tables.kind_of(name)
    kept = services.keep("camera tables", LOCAL_OPERATOR, services.store.camera_tables.all)
    return tuple(kept[name]) if name in kept else kind.default


def put(services: Services, name: str, given: Sequence[tables.Row], *, viewer: Viewer) -> tuple[Mapping[str, str], ...]:
    """Keep a table; without rows the defaults hold again.

    Raises
    ------
    NotFoundError
        No such table.
    InputError
        Rows that make no sense, each with its reason.
    """
    kind = tables.kind_of(name)
    tidy = tables.tidy(name, given) if given else ()
    services.store.camera_tables.put(name, tidy, viewer=viewer, now=services.clock())
    _note(services, "camera_table.put", viewer, name, rows=len(given))
    return tidy or kind.default


def bands(services: Services) -> tuple[PixelBand, ...]:
    """The district's pixel bands, the most demanding first."""
    return tables.bands_of(rows(services, "bands"))


def targets(services: Services) -> tuple[tables.Target, ...]:
    """What each class of points is there to see."""
    return tables.targets_of(rows(services, "targets"))


def reach(services: Services) -> dict[str, tuple[float, float]]:
    """Widest angle and longest range by kind of place."""
    return tables.reach_of(rows(services, "reach"))


def costs(services: Services) -> dict[str, float]:
    """Costs of siting by mount; one that the district's table leaves out is our default."""
    return tables.costs_of(tables.TABLES["site_costs"].default) | tables.costs_of(rows(services, "site_costs"))


def told(services: Services) -> dict[str, Any]:
    """Every table with its names, columns and rows, and whether the district changed it; JSON-safe."""
    own = services.store.camera_tables.all()
    return {
        name: {
            "zh": kind.zh, "en": kind.en, "columns": list(kind.columns), "own": name in own,
            "rows": [_plain(row) for row in rows(services, name)],
        }
        for name, kind in tables.TABLES.items()
    }  # fmt: skip


def masks_table(services: Services, viewer: Viewer) -> gpd.GeoDataFrame:
    """Ground in the viewer's areas that must not be watched: ``id``, ``camera`` (empty for all), ``name``, ``reason``."""
    table = services.store.cameras.masks()
    if viewer.is_unlimited:
        return table
    return table[shapely.intersects(table.geometry.to_numpy(), services.window(viewer))].reset_index(drop=True)


def put_mask(
    services: Services, mask: str, document: Any, *, name: str, reason: str, camera: str = "", viewer: Viewer
) -> None:
    """Keep a zone of GeoJSON that must not be watched, by one camera or by all.

    Raises
    ------
    GeometryError, InputError, NotFoundError, ScopeError
        As :meth:`webmap.store.cameras.CameraRecords.put_mask`.
    """
    try:
        shape = shapely.geometry.shape(document)
    except Exception as error:  # shapely raises half a dozen classes here
        raise GeometryError(
            zh="遮挡区应为 GeoJSON 多边形。", en="A mask is a polygon of GeoJSON."
        ) from error  # fmt: skip
    services.store.cameras.put_mask(
        mask, shape, name=name, reason=reason, camera=camera, viewer=viewer, now=services.clock()
    )
    _note(services, "camera_mask.put", viewer, mask, camera=camera, name=name)


def import_masks(services: Services, document: Any, *, viewer: Viewer) -> tuple[list[str], list[tuple[int, str, str]]]:
    """Keep every zone of a GeoJSON collection; the id and name come from its properties or its place in the file.

    Returns
    -------
    kept, rejected
        Ids; and place in the file (from 1) with the reason in both languages.
    """
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise GeometryError(zh="文件不是 GeoJSON 要素集。", en="The file is no GeoJSON collection of features.")
    kept: list[str] = []
    rejected: list[tuple[int, str, str]] = []
    for number, feature in enumerate(features, start=1):
        told = (feature.get("properties") if isinstance(feature, dict) else None) or {}
        mask = str(told.get("id") or (feature.get("id") if isinstance(feature, dict) else "") or f"mask-{number}")
        try:
            put_mask(
                services, mask, feature.get("geometry") if isinstance(feature, dict) else None,
                name=str(told.get("name") or mask), reason=str(told.get("reason") or ""),
                camera=str(told.get("camera") or ""), viewer=viewer,
            )  # fmt: skip
        except WanggeError as error:
            rejected.append((number, error.zh, error.en))
        else:
            kept.append(mask)
    return kept, rejected


def remove_mask(services: Services, mask: str, *, viewer: Viewer) -> None:
    """Drop a zone.

    Raises
    ------
    NotFoundError
        There is none of this id.
    """
    if mask not in set(services.store.cameras.masks()["id"]):
        raise NotFoundError(zh=f"没有编号为 {mask} 的遮挡区。", en=f"There is no mask {mask}.")
    services.store.cameras.remove_mask(mask, viewer=viewer, now=services.clock())
    _note(services, "camera_mask.remove", viewer, mask)


def _plain(row: Mapping[str, str]) -> dict[str, Any]:
    """A row with its numbers as numbers."""
    numbers = {"px_per_m", "share", "availability", "angle", "range_m", "cost"}
    return {key: float(value) if key in numbers else value for key, value in row.items()}


def _note(services: Services, action: str, viewer: Viewer, subject: str, **detail: Any) -> None:
    services.store.audit.note_now(
        AuditEntry(action, viewer.actor, services.clock(), subject=subject, area="", detail=detail)
    )
