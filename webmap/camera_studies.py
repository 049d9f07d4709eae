"""Questions about cameras: what if one moves, what nobody sees, what a failure costs, what the register owes.

It puts library calls in order and keeps answers per version; nothing it works out is written into the register.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.cameras.blind_spots import REASONS, blind_spots
from gis.cameras.buildings import Occluders
from gis.cameras.compliance import RegisterCheck, RegisterRules, Sight, check_register
from gis.cameras.polygons import solid
from gis.cameras.private_ground import PrivateGround
from gis.cameras.resilience import losses, simulated, single_points, without
from gis.cameras.views import views_of
from gis.cameras.visible import EMPTY, visible_polygons
from gis.crs import project, unproject
from gis.errors import FilterError, NotFoundError
from gis.incidents import IncidentFilter
from webmap import camera_rules, cameras
from webmap.camera_sites import SiteQuestion
from webmap.services import Services, reports_only
from webmap.store import LOCAL_OPERATOR, Viewer

AVAILABILITIES = (0.98, 0.95)
"""Availability that key areas and key sectors are held to."""

MOST_CHANGES = 50
NEW_PX = 2560.0
"""Pixels across of a new camera on trial: one of four megapixels, as most that are bought. Our own choice, told on the page."""


@dataclass(frozen=True)
class Changed:
    """A camera as it would be; an id that is not in the register is a new one.

    Parameters
    ----------
    lon, lat
        EPSG:4326.
    azimuth, angle, range_m, height_m
        NaN for what the register or the defaults say.
    """

    id: str
    lon: float
    lat: float
    azimuth: float = float("nan")
    angle: float = float("nan")
    range_m: float = float("nan")
    height_m: float = float("nan")


@dataclass(frozen=True)
class CameraQuestion:
    """What is asked about cameras beside the incidents.

    Parameters
    ----------
    band
        Code of a pixel band that must be reached; empty for all that is seen.
    light
        ``day`` or ``night``.
    basis
        ``sure`` or ``may``.
    changes, off
        Cameras on trial, and ids of those to be switched off.
    sites
        What is asked of siting.
    """

    band: str = ""
    light: str = "day"
    basis: str = "sure"
    changes: tuple[Changed, ...] = ()
    off: tuple[str, ...] = ()
    sites: SiteQuestion = field(default_factory=lambda: SiteQuestion(count=10))


def what_if(
    services: Services, viewer: Viewer, changes: Sequence[Changed], asked: IncidentFilter, *, off: Sequence[str] = (),
    band: str = "", light: str = "day",
) -> tuple[dict[str, Any], gpd.GeoDataFrame]:  # fmt: skip
    """What would be seen if some cameras stood or looked elsewhere, were added, or were off.

    Parameters
    ----------
    band, light
        What counts as seen, before and after: with at least the density of a pixel band, by ``day`` or ``night``.

    Returns
    -------
    answer, views
        ``before`` and ``after`` (measures with denominators) and ``problems``, JSON-safe; and what the changed cameras
        would see: ``id``, ``basis``, ``lon``, ``lat`` (moved off a wall by ``moved_m``), ``seen_m2``, EPSG:4326.

    Raises
    ------
    FilterError
        No change, too many, two of one camera, a position outside the viewer's ground, or no such light.
    NotFoundError
        A camera to switch off is not in the viewer's register, or no such band.
    """
    if (not changes and not off) or len(changes) + len(off) > MOST_CHANGES:
        raise FilterError(
            zh=f"请给出 1 至 {MOST_CHANGES} 处改动。", en=f"Tell 1 to {MOST_CHANGES} changes."
        )  # fmt: skip
    if len({each.id for each in changes}) < len(changes):
        raise FilterError(zh="同一台摄像机只能改动一次。", en="A camera is changed only once.")
    held = cameras.register(services, viewer)
    now = cameras.coverage(services, viewer, "sure", band=band, light=light, asked=asked)
    row_of = {str(each): row for row, each in enumerate(held.areas.ids)}
    unknown = sorted(set(off) - set(row_of))
    if unknown:
        raise NotFoundError(zh=f"没有摄像机 {unknown[0]}。", en=f"There is no camera {unknown[0]}.")
    frame = _changed_rows(held, row_of, changes)
    crs = services.metric(LOCAL_OPERATOR)
    xy = project(frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float), crs)
    if not shapely.intersects(held.window, shapely.points(xy)).all():
        raise FilterError(zh="摄像机位置不在您的管辖范围内。", en="A position lies outside your areas.")
    snapped = cameras.placed(frame, xy, cameras.occluders(services))
    areas = cameras.seen_by(services, frame, snapped.xy, band=band, light=light)
    seen = solid(shapely.intersection(areas.sure, held.window))
    moves = {row_of[each]: seen[row] for row, each in enumerate(frame["id"]) if each in row_of}
    added = [seen[row] for row, each in enumerate(frame["id"]) if each not in row_of]
    after = now.changed(moves | {row_of[each]: EMPTY for each in off}, added)
    shown = np.where(areas.unknown, solid(shapely.intersection(areas.may, held.window)), seen)
    lon, lat = unproject(snapped.xy, crs) if len(frame) else (np.zeros(0), np.zeros(0))
    table = pd.DataFrame(
        {
            "id": frame["id"].to_numpy(), "basis": np.where(areas.unknown, "may", "sure"), "lon": lon, "lat": lat,
            "moved_m": np.round(np.nan_to_num(snapped.moved_m), 1), "seen_m2": np.round(shapely.area(seen), 1),
        }
    )  # fmt: skip
    answer = {
        "before": cameras.measures(now),
        "after": cameras.measures(after),
        "problems": [{"id": each.id, "zh": each.zh, "en": each.en} for each in areas.problems],
    }
    return answer, cameras.drawn(services, table, shown)


def _changed_rows(held: cameras.Register, row_of: Mapping[str, int], changes: Sequence[Changed]) -> pd.DataFrame:
    """Register rows with the changes in them; a new camera is a fixed one of ``NEW_PX`` with the defaults."""
    rows = []
    for each in changes:
        known: dict[Any, Any] = {"id": each.id, "camera_type": "fixed", "resolution_px": NEW_PX}
        if each.id in row_of:
            known = held.frame.iloc[row_of[each.id]].to_dict()
        told = {
            name: getattr(each, name)
            for name in ("azimuth", "angle", "range_m", "height_m")
            if not np.isnan(getattr(each, name))
        }
        rows.append({**known, "lon": each.lon, "lat": each.lat, **told})
    return pd.DataFrame(rows, columns=None if rows else ["id", "lon", "lat", "camera_type"])


def blind_table(services: Services, viewer: Viewer, asked: IncidentFilter, *, limit: int = 100) -> gpd.GeoDataFrame:
    """Ranked blind spots with what they hold and why nobody sees them, EPSG:4326; see :mod:`gis.cameras.blind_spots`."""
    question = reports_only(asked)

    def make() -> gpd.GeoDataFrame:
        found = blind_spots(
            cameras.coverage(services, viewer, "sure", asked=question),
            seen_anyway=_reasons(services, viewer),
            limit=limit,
        )
        tree = services.tree(viewer)
        table = found.drop(columns="geometry").round({"area_m2": 0, "street_m": 0, "score": 2, "reason_share": 3})
        table["name_zh"] = [tree.name(code, "zh") for code in found["cell"]]
        table["name_en"] = [tree.name(code, "en") for code in found["cell"]]
        table["why_zh"] = [REASONS[each][0] for each in found["reason"]]
        table["why_en"] = [REASONS[each][1] for each in found["reason"]]
        return cameras.drawn(services, table, found["geometry"].to_numpy(dtype=object))

    return services.keep(("blind spots", question, limit), viewer, make)


def _reasons(services: Services, viewer: Viewer) -> dict[str, Any]:
    """Ground by what keeps it from being seen; see :data:`gis.cameras.blind_spots.REASONS`."""
    held = cameras.register(services, viewer)
    nothing = Occluders.build(np.array([], dtype=object))
    views, told, _ = views_of(held.frame, held.snapped.xy)
    open_views = visible_polygons(replace(views, near_m=np.zeros(len(views))), nothing)
    working = held.working[views.camera] & ~told.unknown[views.camera]
    at = shapely.points(held.snapped.xy[held.working])
    return {
        "off": held.seen("sure", working=False),
        "direction": np.where(held.areas.unknown & held.working, held.areas.may, EMPTY),
        "blocked": open_views[working],
        "turned": shapely.buffer(at, told.range_m[held.working]),
    }


def resilience(
    services: Services, viewer: Viewer, asked: IncidentFilter, *, off: Sequence[str] = (), most: int = 20
) -> dict[str, Any]:
    """What failures cost: the cameras that lose most, places that hang on one, coverage on nine days in ten; JSON-safe.

    Parameters
    ----------
    off
        Ids of cameras to be switched off for maintenance: coverage before and after.
    """
    question = reports_only(asked)
    held = cameras.register(services, viewer)
    now = cameras.coverage(services, viewer, "sure", asked=question)

    def make() -> dict[str, Any]:
        table = losses(now).head(most)
        names = held.frame["name"].to_numpy()
        single = single_points(now, "places")
        return {
            "losses": [
                {"id": str(held.areas.ids[row["row"]]), "name": str(names[row["row"]]), **{k: round(float(v), 1) for k, v in row.items() if k != "row"}}
                for row in table.to_dict("records")
            ],
            "single": {"places": int((single >= 0).sum()), "of": len(single), "cameras": len(np.unique(single[single >= 0]))},
            "availability": [
                {"p": p, "rows": simulated(now, p, runs=400, seed=1).round(1).to_dict("records")} for p in AVAILABILITIES
            ],
        }  # fmt: skip

    answer = dict(services.keep(("resilience", question, most), viewer, make))
    if off:
        row_of = {str(each): row for row, each in enumerate(held.areas.ids)}
        unknown = sorted(set(off) - set(row_of))
        if unknown:
            raise NotFoundError(zh=f"没有摄像机 {unknown[0]}。", en=f"There is no camera {unknown[0]}.")
        after = without(now, [row_of[each] for each in off])
        answer["maintenance"] = {"off": list(off), "before": cameras.measures(now), "after": cameras.measures(after)}
    return answer


def check(services: Services, viewer: Viewer) -> RegisterCheck:
    """The register held against the rules for public-safety video, as of today."""
    today = services.today()

    def make() -> RegisterCheck:
        held = cameras.register(services, viewer)
        rules = RegisterRules(district=services.settings().get("code", "")[:6], reach=camera_rules.reach(services))
        sight = Sight(held.areas.sure, held.areas.may, _private_ground(services))
        return check_register(held.frame, on=today, rules=rules, sight=sight)

    return services.keep(("register check", today), viewer, make)


def _private_ground(services: Services) -> PrivateGround:
    """Ground before excluded places and homes of the whole district, whoever asks."""

    def make() -> PrivateGround:
        crs = services.metric(LOCAL_OPERATOR)
        buildings, places = services.layer("buildings", LOCAL_OPERATOR), services.layer("places", LOCAL_OPERATOR)
        xy = project(places["lon"].to_numpy(dtype=float), places["lat"].to_numpy(dtype=float), crs)
        return PrivateGround.of(
            buildings.geometry.to_crs(crs).to_numpy(), buildings["kind"].tolist(),
            places=xy, place_kinds=places["kind"].tolist(),
        )  # fmt: skip

    return services.keep("private ground", LOCAL_OPERATOR, make)


def history(services: Services, viewer: Viewer, camera: str) -> list[dict[str, Any]]:
    """Every status of a camera with its days, oldest first; JSON-safe."""
    spans = services.store.cameras.history(camera, viewer=viewer)
    ends = [*(each.since for each in spans[1:]), services.clock()][: len(spans)]
    return [
        {"status": each.status, "since": each.since.isoformat(), "days": round(max(end - each.since, timedelta()) / timedelta(days=1), 1)}
        for each, end in zip(spans, ends, strict=True)
    ]  # fmt: skip
