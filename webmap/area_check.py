"""The topology check of the stored areas, with a safe repair. It mends only what cannot be mended wrongly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd

from gis.grid.tiling import check_areas, repair_areas
from webmap.imports import locate_incidents
from webmap.services import Services
from webmap.store import Viewer


@dataclass(frozen=True)
class AreaCheck:
    """Findings that are left, findings that were mended, and the report layer if one was written."""

    left: gpd.GeoDataFrame
    mended: gpd.GeoDataFrame
    report: Path | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe summary, geometry left out."""
        keep = ["kind", "code", "other", "area_m2", "message_zh", "message_en", "repairable"]
        return {
            "left": self.left[keep].to_dict("records"),
            "mended": self.mended[keep].to_dict("records"),
            "report": str(self.report) if self.report else None,
        }


def check_stored_areas(
    services: Services, *, viewer: Viewer, repair: bool = False, report: Path | None = None
) -> AreaCheck:
    """Check the areas valid today; with ``repair`` store the mended boundaries as of today.

    Raises
    ------
    InputError
        The report cannot be written.
    """
    areas = services.areas(viewer)
    found = check_areas(areas)
    mended = found.iloc[:0]
    if repair and found["repairable"].any():
        areas, mended = repair_areas(areas)
        now = services.clock()
        today = now.astimezone(ZoneInfo(services.zone)).date()
        services.store.areas.replace(areas, viewer=viewer, now=now, from_day=today)
        locate_incidents(services, viewer)
        found = check_areas(areas)
    if report is not None and len(found):
        from gis.exports.files import write_layer

        write_layer(found, report, layer="area_findings", format="gpkg")
    return AreaCheck(left=found, mended=mended, report=report if len(found) else None)
