"""The check of the stored streets, and its report layer. It changes nothing in the store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis.crs import metric_crs
from gis.errors import InputError
from gis.roads import StreetCheck, check_streets
from webmap.services import Services
from webmap.store import Viewer


@dataclass(frozen=True)
class StoredStreetCheck:
    """What was found, and the report layer if one was written."""

    check: StreetCheck
    report: Path | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe summary, geometry left out."""
        return {
            "modes": {name: told.as_dict() for name, told in self.check.reports.items()},
            "findings": self.check.findings.drop(columns="geometry").to_dict("records"),
            "report": str(self.report) if self.report else None,
        }


def check_stored_streets(services: Services, *, viewer: Viewer, report: Path | None = None) -> StoredStreetCheck:
    """Check the stored streets against the district as it is today.

    Raises
    ------
    InputError
        There are no streets, or the report cannot be written.
    """
    streets = services.layer("streets", viewer)
    if streets.empty:
        raise InputError(
            zh="还没有道路。请先运行 wangge import streets;没有道路时按直线距离排班。",
            en="There are no streets yet. Run: wangge import streets FILE. Without them plans go by straight lines.",
        )
    areas = services.areas(viewer)
    if areas.empty:
        west, south, east, north = streets.total_bounds
        found = check_streets(streets, crs=metric_crs((west + east) / 2, (south + north) / 2))
    else:
        found = check_streets(streets, crs=services.metric(viewer), district=areas.geometry.union_all())
    if report is not None and len(found.findings):
        from gis.exports.files import write_layer

        write_layer(found.findings, report, layer="street_findings", format="gpkg")
    return StoredStreetCheck(found, report if len(found.findings) else None)
