"""A table made ready to leave: geometry in the asked datum, times as text with their offset, only publishable columns."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import from_wgs84, parse_datum
from gis.errors import CrsError, ScopeError
from gis.schemas import TABLES

NO_PUBLIC = frozenset(
    {"cameras", "views", "coverage", "coverage_depth", "blind_spots", "camera_sites", "camera_check", "camera_trial"}
)
"""Layers that never leave in a public export: where cameras stand and what they see is not published."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table ready to write: shapes in ``datum``, plain columns, and whether the shapes are points."""

    table: pd.DataFrame
    shapes: np.ndarray
    datum: str
    is_points: bool

    @property
    def epsg(self) -> int | None:
        """The EPSG number of the datum; GCJ-02 and BD-09 have none."""
        known = {"wgs84": 4326, "cgcs2000": 4490}
        if self.datum in known:
            return known[self.datum]
        return int(self.datum.removeprefix("EPSG:")) if self.datum.startswith("EPSG:") else None


def prepare(frame: pd.DataFrame, *, layer: str, datum: str, zone: str, public: bool) -> Prepared:
    """Make a table ready to write.

    Parameters
    ----------
    frame
        A GeoDataFrame in EPSG:4326, or a table with ``lon`` and ``lat``; neither is changed.
    layer
        A name of ``gis.schemas.TABLES`` where publication is ruled, or that of a result.

    Raises
    ------
    CrsError
        The table is not in EPSG:4326, or the datum is unknown.
    ScopeError
        The layer may not be published.
    """
    datum = parse_datum(datum)
    if public and layer in NO_PUBLIC:
        raise ScopeError(zh="摄像机点位不得公开导出。", en="Camera points may not leave in a public export.")
    shapes, is_points = _shapes(frame)
    moved = shapely.transform(shapes, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum)))
    table = pd.DataFrame(frame.drop(columns=[name for name in ("geometry", "lon", "lat") if name in frame.columns]))
    if public and layer in TABLES:
        hidden = [column.name for column in TABLES[layer].columns if not column.publish]
        table = table.drop(columns=[name for name in hidden if name in table.columns])
    for name in table.columns:
        if isinstance(table[name].dtype, pd.DatetimeTZDtype):
            table[name] = local_times(table[name], zone)
    return Prepared(table.reset_index(drop=True), moved, datum, is_points)


def local_times(times: pd.Series, zone: str) -> pd.Series:
    """Times as ISO 8601 text in the district's zone, offset included; missing ones are empty."""
    local = times.dt.tz_convert(ZoneInfo(zone))
    text = [moment.isoformat(timespec="minutes") if moment is not pd.NaT else "" for moment in local]
    return pd.Series(text, index=times.index, dtype="str")


def _shapes(frame: pd.DataFrame) -> tuple[np.ndarray, bool]:
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.crs is not None and frame.crs.to_epsg() not in (4326, 4490):
            raise CrsError(zh="导出前图层应为 EPSG:4326。", en="A layer is wanted in EPSG:4326 before it is exported.")
        shapes = frame.geometry.to_numpy()
        return shapes, bool(len(shapes)) and bool((shapely.get_type_id(shapes) == 0).all())
    return shapely.points(frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float)), True
