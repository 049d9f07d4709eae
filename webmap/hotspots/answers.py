"""Hot spots as tables and plain values: for the map, the API, exports and the brief, each number with its denominator.

It renders what was found and computes nothing anew.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.exports.geojson import plain
from gis.hotspots import METHODS
from gis.hotspots.explain import Bilingual, Explanation
from gis.hotspots.parameter_names import parameter_name
from gis.incidents import IncidentFilter, taxonomy
from webmap.hotspots.found import Found, Tell, hot_spots
from webmap.hotspots.question import HotSpotQuestion
from webmap.hotspots.watched import Watch, watched
from webmap.services import Period, Services
from webmap.store import LOCAL_OPERATOR, Viewer

MOST_GRIDS = 40
"""A patrol cannot be asked for more grids than this at once; the ones with most incidents are told."""

CROWDED_SHARE = 0.4
"""A hot spot that holds more of all incidents than this is a town rather than a corner."""


def layer(
    services: Services,
    viewer: Viewer,
    asked: IncidentFilter,
    question: HotSpotQuestion,
    tell: Tell | None = None,
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """The hot spots, those dissolved last, in degrees and without cameras; and what is told of them as a whole."""
    found = hot_spots(services, viewer, asked, question, tell)
    return table_of(services, viewer, found), about(services, viewer, found)


def cameras_of(
    services: Services, viewer: Viewer, asked: IncidentFilter, question: HotSpotQuestion, camera_viewer: Viewer
) -> dict[str, Any]:
    """By id of each hot spot, the dissolved ones too: which cameras surely see some of it, and the share they see; JSON-safe."""
    table = table_of(services, viewer, hot_spots(services, viewer, asked, question), camera_viewer)
    rows = zip(table["id"], table["camera_ids"], table["seen_share"], strict=True)
    return {str(spot): {"cameras": len(ids), "ids": ids, "seen_share": share} for spot, ids, share in rows}


def table_of(services: Services, viewer: Viewer, found: Found, camera_viewer: Viewer | None = None) -> gpd.GeoDataFrame:
    """One row a hot spot with all its evidence, EPSG:4326; without columns of cameras where no viewer of them is named.

    Columns are those of ``Found.table``, with ``method``, ``place_zh`` and ``place_en`` (the grid with most incidents),
    ``top`` (categories with names and counts), ``grids`` (codes and counts, most first, ``MOST_GRIDS`` at most) and, for
    who may know, ``cameras``, ``camera_ids`` and ``seen_share``.
    """
    gone = found.gone.assign(rank=pd.NA, p=np.nan, expected=np.nan, ratio=np.nan, pai=np.nan, per_km2=np.nan, key="")
    gone = gone.assign(hours="", categories="")
    now = found.table.assign(change=found.table["change"].astype(str))
    whole = pd.concat([now, gone], ignore_index=True) if len(gone) else now
    table = gpd.GeoDataFrame(whole, geometry="geometry", crs=found.table.crs)
    grids = [grids_of(services, viewer, found, str(row.id), row.geometry) for row in table.itertuples()]
    tree = services.tree(viewer)
    first = [each[0][0] if each else "" for each in grids]
    rows = found.reports.frame.drop_duplicates("category")
    schemes = dict(zip(rows["category"].tolist(), rows["scheme"].tolist(), strict=True))
    table = table.assign(
        method=found.question.method,
        place_zh=[tree.name(code, "zh") if code else "" for code in first],
        place_en=[tree.name(code, "en") if code else "" for code in first],
        top=[_top(text, schemes) for text in table["categories"]],
        grids=grids,
        rank=table["rank"].astype("Int64"),
    )
    seen = watched(services, camera_viewer, table)
    if camera_viewer is not None:
        told = [each or Watch((), 0.0) for each in seen]
        table = table.assign(
            cameras=[len(each.ids) for each in told],
            camera_ids=[list(each.ids) for each in told],
            seen_share=[round(each.share, 4) for each in told],
        )
    return table.to_crs("EPSG:4326")


def grids_of(services: Services, viewer: Viewer, found: Found, spot: str, shape: Any) -> list[tuple[str, int | None]]:
    """The grids of a hot spot with its incidents in each, most first; of one that dissolved, those it overlaps most, uncounted."""
    cells = services.cells(viewer, "", found.asked.area)
    rows = found.reports.grid[(found.spot == spot) & (found.reports.grid >= 0)]
    if len(rows):
        counts = np.bincount(rows, minlength=len(cells))
    else:
        moved = cells.geometry.to_crs(services.metric(LOCAL_OPERATOR))
        counts = np.asarray(moved.intersection(shape).area // 1, dtype=np.int64)
    order = np.lexsort((cells["code"].to_numpy().astype(str), -counts))
    held = [int(row) for row in order[:MOST_GRIDS] if counts[row] > 0]
    return [(str(cells["code"].iloc[row]), int(counts[row]) if len(rows) else None) for row in held]


def features_of(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same with what a map needs: rounded numbers, grids and categories as objects, a point inside for its mark."""
    shown = table.drop(columns="categories")
    inside = shapely.point_on_surface(table.geometry.to_numpy())
    shown["lon"], shown["lat"] = np.round(shapely.get_x(inside), 6), np.round(shapely.get_y(inside), 6)
    for name, digits in (("expected", 2), ("ratio", 2), ("pai", 2), ("area_km2", 4), ("per_km2", 2)):
        shown[name] = shown[name].astype(float).round(digits)
    shown["grids"] = [[{"code": code, "count": count} for code, count in each] for each in shown["grids"]]
    return shown


def about(services: Services, viewer: Viewer, found: Found) -> dict[str, Any]:
    """Period, comparison, denominators, what was set aside, choices and explanation; JSON-safe."""
    cells, geocodes = found.cells, found.cells.geocodes
    counted = int((cells.place >= 0).sum())
    default_share = float(geocodes.suspect.sum()) / geocodes.rows if geocodes.rows else 0.0
    return {
        "method": found.question.method,
        **dict(zip(("method_zh", "method_en"), METHODS[found.question.method], strict=True)),
        "period": period_told(found.reports.period, services.zone),
        "versus": found.question.versus,
        "before": period_told(found.before, services.zone) if found.before else None,
        "before_note": _pair(found.before_note),
        "found_by": list(found.asked.found_by),
        "area": found.asked.area,
        "incidents": len(found.reports.frame),
        "counted": counted,
        "held": int(found.table["count"].sum()),
        "of": services.tally(viewer, found.asked).total,
        "cells": len(cells.cells),
        "hot_spots": len(found.table),
        "hot_cells": int(np.asarray(cells.figures.hot).sum()),
        "defaults": {
            "places": len(geocodes.xy),
            "incidents": int(geocodes.suspect.sum()),
            "share": round(default_share, 4),
            "set_aside": found.question.options.drop_defaults,
        },
        "choices": [_pair(each) for each in cells.choices],
        "notes": [_pair(each) for each in (*cells.notes, *crowded(found))],
        "p_zh": cells.p_meaning[0],
        "p_en": cells.p_meaning[1],
        **explained(found.explanation),
        "optimized": _bands(found),
    }


def crowded(found: Found) -> tuple[Bilingual, ...]:
    """A word where one hot spot is the town itself against empty land around it."""
    counted = int((found.cells.place >= 0).sum())
    if found.table.empty or not counted or found.asked.area:
        return ()
    share = float(found.table["count"].max()) / counted
    if share < CROWDED_SHARE:
        return ()
    return (
        (
            f"最大的热点含全部事件的 {share:.0%}:与空旷地带相比,整个城区都偏高。请在筛选中选一个街道,查看城区内部的差别。",
            f"The largest hot spot holds {share:.0%} of all incidents: against open land the whole town is high. Choose one street "
            "in the filter to see the differences within it.",
        ),
    )


def explained(told: Explanation) -> dict[str, Any]:
    """The two sentences, method, source and the parameters with their names in both languages; JSON-safe."""
    text = told.as_dict()
    named = [
        {
            "name": name,
            "zh": parameter_name(name, "zh"),
            "en": parameter_name(name, "en"),
            "value": plain(value) if isinstance(value, int | float) else str(value),
        }
        for name, value in told.parameters.items()
    ]
    return {"explanation": text | {"parameters": named}}


def period_told(period: Period, zone: str) -> dict[str, Any]:
    """A period as ISO times, first and last local day, and days."""
    since, until = (pd.Timestamp(moment).tz_convert(zone) for moment in (period.since, period.until))
    last = (until - pd.Timedelta(seconds=1)).date()
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "first_day": since.date().isoformat(),
        "last_day": last.isoformat(),
        "days": round(period.days, 2),
    }


def _bands(found: Found) -> dict[str, Any] | None:
    """The figures behind the choice of squares and band; None for methods that choose none."""
    chosen = found.cells.optimized
    if chosen is None:
        return None
    return {
        "cell_m": chosen.cells.side_m,
        "band_m": chosen.band_m,
        "peak": chosen.peak,
        "bands_m": [round(float(each), 1) for each in chosen.bands_m],
        "moran_z": [round(float(each), 1) for each in chosen.moran_z],
        "outliers": int(chosen.outlier.sum()),
    }


def _top(text: str, schemes: dict[str, str]) -> list[dict[str, Any]]:
    rows = [each.rsplit(" ", 1) for each in text.split("; ") if each]
    return [
        {
            "code": code,
            "zh": taxonomy.name(schemes.get(code, ""), code, "zh"),
            "en": taxonomy.name(schemes.get(code, ""), code, "en"),
            "count": int(count),
        }
        for code, count in rows
    ]


def _pair(told: Bilingual | None) -> dict[str, str] | None:
    return None if told is None else {"zh": told[0], "en": told[1]}
