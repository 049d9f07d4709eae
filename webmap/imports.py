"""From a file to the store: read, fix the datum by what fits the district, locate, upsert, keep the report.

Bad rows go to a rejects file and the rest goes in. It never decides alone that a datum is right: the report says
which one was taken, how sure that is, and what decided it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError, Lang
from gis.grid.tiling import check_areas
from gis.join.assign import assign_levels
from gis.join.datum import propose_datum
from gis.layers import DatumChoice, ImportReport, LayerResult, RawPoints, ReadOptions, read_layer, write_rejects
from gis.schemas import LAYERS, POINT_LAYERS
from webmap.filters import day_start
from webmap.services import Services
from webmap.store import Upserted, Viewer

Progress = Callable[[str, int, int], None]
LOCATED = ["grid", "community", "street", "district"]


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did.

    Parameters
    ----------
    report
        What was read, mapped, dropped, masked, fixed and rejected.
    stored
        Rows inserted, updated and left as they were; None after a dry run.
    rejects
        The file with one line a rejected row; None without rejects.
    findings
        Topology findings of an area import.
    """

    report: ImportReport
    stored: Upserted | None
    rejects: Path | None
    findings: gpd.GeoDataFrame | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe summary."""
        stored = self.stored
        return self.report.as_dict() | {
            "stored": None
            if stored is None
            else {"inserted": stored.inserted, "updated": stored.updated, "unchanged": stored.unchanged},
            "rejects_file": str(self.rejects) if self.rejects else None,
            "topology_findings": None if self.findings is None else len(self.findings),
        }


def import_file(
    services: Services,
    path: Path,
    kind: str,
    *,
    viewer: Viewer,
    options: ReadOptions,
    rejects: Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Bring one file into the store.

    Parameters
    ----------
    kind
        One of ``gis.schemas.LAYERS``.
    rejects
        Where rejected rows go; beside the file by default, ``NAME.rejects.csv``.
    dry_run
        Read, check and report, but store nothing.

    Raises
    ------
    InputError
        The file as a whole cannot be used. Single bad rows are rejected, not raised.
    """
    if kind not in LAYERS:
        raise InputError(
            zh=f"不能导入“{kind}”;可导入:{', '.join(LAYERS)}。",
            en=f"'{kind}' is no layer; choose one of {', '.join(LAYERS)}.",
        )
    areas = services.areas(viewer)
    result = read_layer(path, kind, options=_fitted(options, areas, services, viewer), progress=progress)
    rejects_file = _write_rejects(result, path, rejects, options.lang)
    findings = check_areas(result.frame) if kind == "areas" and not result.frame.empty else None
    if dry_run:
        return ImportOutcome(result.report, None, rejects_file, findings)
    stored = _store(services, kind, result, areas, viewer, progress)
    if kind in ("areas", "incidents"):
        # Done here, with its progress shown, rather than by the first reader of the map.
        services.columns(progress)
    services.store.imports.add(result.report.as_dict(), viewer=viewer, now=services.clock())
    return ImportOutcome(result.report, stored, rejects_file, findings)


def locate_incidents(services: Services, viewer: Viewer) -> int:
    """Give every stored incident its grid, community, street and district anew; returns how many moved.

    Each incident is located in the areas of its own day, so that a boundary change does not rewrite history.
    """
    everything = services.store.incidents.read(viewer, None)
    located = locate(services, viewer, everything)
    moved = _differs(everything, located)
    if moved.any():
        fresh = pd.concat([everything[["id"]].reset_index(drop=True), located[LOCATED].reset_index(drop=True)], axis=1)
        services.store.incidents.set_located(fresh[moved], now=services.clock(), viewer=viewer)
    return int(moved.sum())


def locate(services: Services, viewer: Viewer, points: pd.DataFrame) -> pd.DataFrame:
    """Codes of the areas that hold each point on its day (today where it has none); columns ``LOCATED``, in row order."""
    found = pd.DataFrame("", index=points.index, columns=LOCATED)
    if points.empty:
        return found
    for since, until in services.area_epochs(viewer):
        rows = _of_days(points, since, until, services.zone)
        areas = services.store.areas.read(viewer, on=since or date.min)
        if not rows.any() or areas.empty:
            continue
        located = assign_levels(points["lon"].to_numpy()[rows], points["lat"].to_numpy()[rows], areas)
        found.loc[rows, LOCATED] = located[LOCATED].to_numpy()
    return found


def _of_days(points: pd.DataFrame, since: date | None, until: date | None, zone: str) -> npt.NDArray[np.bool_]:
    """Which points fall into a half-open span of days; points without a time belong to the open end."""
    if "occurred_at" not in points.columns:
        return np.full(len(points), until is None)
    start = pd.Timestamp(day_start(since, zone)) if since else pd.Timestamp.min.tz_localize("UTC")
    end = pd.Timestamp(day_start(until, zone)) if until else pd.Timestamp.max.tz_localize("UTC")
    moments = points["occurred_at"]
    return np.asarray((moments >= start) & (moments < end))


def _differs(before: pd.DataFrame, after: pd.DataFrame) -> npt.NDArray[np.bool_]:
    old, new = before[LOCATED].reset_index(drop=True), after[LOCATED].reset_index(drop=True)
    return np.asarray((old != new).any(axis=1))


def _fitted(options: ReadOptions, areas: gpd.GeoDataFrame, services: Services, viewer: Viewer) -> ReadOptions:
    """The options, told where the district lies and how to propose a datum."""
    fitted = replace(options, zone=services.zone)
    if areas.empty:
        return fitted
    west, south, east, north = (float(edge) for edge in areas.total_bounds)

    def propose(points: RawPoints) -> DatumChoice:
        streets = services.layer("streets", viewer)
        return propose_datum(points, areas, None if streets.empty else streets)

    return replace(
        fitted, place=(west, south, east, north), near=((west + east) / 2, (south + north) / 2), propose=propose
    )


def _write_rejects(result: LayerResult, path: Path, rejects: Path | None, lang: Lang) -> Path | None:
    if result.rejects.empty:
        return None
    target = rejects or path.with_name(f"{path.name}.rejects.csv")
    write_rejects(result.rejects, target, lang)
    return target


def _store(
    services: Services,
    kind: str,
    result: LayerResult,
    areas: gpd.GeoDataFrame,
    viewer: Viewer,
    progress: Progress | None,
) -> Upserted:
    now = services.clock()
    if kind == "areas":
        # Levels that the file does not speak of stay; what it changes in those it does begins today.
        known = set(areas["level"]) & set(result.frame["level"])
        stored = services.store.areas.replace(
            result.frame, viewer=viewer, now=now, from_day=services.today() if known else None
        )
        locate_incidents(services, viewer)
        return stored
    frame = result.frame
    if kind in POINT_LAYERS:
        bare = frame.drop(columns=[name for name in LOCATED if name in frame.columns])
        frame = pd.concat([bare, locate(services, viewer, frame)], axis=1)
    tell = None if progress is None else lambda done, total: progress("store", done, total)
    return services.store.layer(kind).upsert(frame, viewer=viewer, now=now, progress=tell)
