"""Stops at hot grids: which grids, where in them, how much each is worth, and why. Repeated through the shift.

It reads counts and reports and never looks at who was there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from gis.crs import project, unproject
from gis.errors import InputError
from gis.patrol.demand.hours import ShiftClock, hour_factors
from gis.patrol.demand.settings import DemandOptions
from gis.schemas import require_columns

Row = Mapping[Any, Any]
FloatArray = npt.NDArray[np.float64]
_WORKED = {True: ("工作日", "working days"), False: ("非工作日", "days off")}


@dataclass(frozen=True, eq=False)
class Reports:
    """What is known of reports: the incidents behind the counts, the days they took, the shift's clock, a forecast."""

    incidents: pd.DataFrame | None = None
    days: float | None = None
    clock: ShiftClock | None = None
    forecast: pd.DataFrame | None = None


def hot_stops(
    hot: pd.DataFrame, areas: gpd.GeoDataFrame, metric: pyproj.CRS, reports: Reports, options: DemandOptions
) -> pd.DataFrame:
    """One row a chosen grid: where, how much, why."""
    chosen = _chosen(_risks(hot, reports, options), options)
    outlines = areas.drop_duplicates("code").set_index("code")
    lost = [code for code in chosen["code"] if code not in outlines.index]
    if lost:
        raise InputError(
            zh=f"{len(lost)} 个热点网格在区域图层中没有边界:{'、'.join(lost[:10])}。",
            en=f"{len(lost)} hot grids have no polygon in the areas: {', '.join(lost[:10])}.",
        )
    mine = outlines.loc[chosen["code"].tolist()]
    polygons = mine.geometry.to_crs(metric).to_numpy()
    xy = shapely.get_coordinates(shapely.point_on_surface(polygons))
    count = chosen["count"].to_numpy(dtype=np.float64)
    near, reach = count, np.ones(len(count))
    if reports.incidents is not None:
        xy, near = _densest_spots(chosen["code"].tolist(), polygons, xy, reports.incidents, metric, options.reach_m)
        # Where nobody reported, a forecast is taken as spread over the grid.
        spread = np.minimum(np.pi * options.reach_m**2 / np.maximum(shapely.area(polygons), 1.0), 1.0)
        reach = np.where(count > 0, np.minimum(near / np.maximum(count, 1.0), 1.0), spread)
    chosen = chosen.assign(near=near, worth=100 * (chosen["by_report"] * near + chosen["by_forecast"] * reach))
    lon, lat = unproject(xy, metric)
    why = [_why(row, chosen.attrs, reports, options) for row in chosen.to_dict("records")]
    names = mine["name_zh"].astype(str).tolist() if "name_zh" in mine else chosen["code"].tolist()
    english = mine["name_en"].fillna("").astype(str).tolist() if "name_en" in mine else [""] * len(mine)
    foreseen = chosen["by_forecast"] > chosen["by_report"] * chosen["count"]
    table = pd.DataFrame(
        {
            "stop": [f"grid:{code}" for code in chosen["code"]],
            "x": xy[:, 0],
            "y": xy[:, 1],
            "lon": lon,
            "lat": lat,
            "name_zh": names,
            "name_en": [en or zh for en, zh in zip(english, names, strict=True)],
            "kind": "hot_grid",
            "why_zh": [zh for zh, _ in why],
            "why_en": [en for _, en in why],
            "worth": chosen["worth"].to_numpy(),
            "dwell_s": options.dwell_s,
            "must": chosen["code"].isin(options.grids).to_numpy(),
            "grid": chosen["code"].astype("str").tolist(),
            "outside": False,
            "origin": np.where(foreseen, "forecast", "hot_spot"),
        }
    )
    return table.astype(dict.fromkeys(("stop", "name_zh", "name_en", "why_zh", "why_en", "grid", "origin"), "str"))


def repeated(grids: pd.DataFrame, shift_s: float, options: DemandOptions) -> pd.DataFrame:
    """Each stop once in every part of the shift, worth less each time; the last part takes what is left of the shift."""
    parts = max(1, int(shift_s // options.every_s))
    visits = []
    for part in range(parts):
        end = shift_s if part == parts - 1 else (part + 1) * options.every_s
        again_zh, again_en = (f",第 {part + 1} 次巡查", f", visit {part + 1}") if parts > 1 else ("", "")
        visits.append(
            grids.assign(
                id=grids["stop"] + f"#{part + 1}",
                visit=part + 1,
                must=grids["must"] & (part == 0),
                worth=grids["worth"] * options.keep**part,
                open_s=part * options.every_s,
                close_s=end - options.dwell_s,
                why_zh=grids["why_zh"] + again_zh,
                why_en=grids["why_en"] + again_en,
            )
        )
    return pd.concat(visits)


def _risks(hot: pd.DataFrame, reports: Reports, options: DemandOptions) -> pd.DataFrame:
    """The grids with their part of the district's risk: ``by_report`` for each report, and ``by_forecast`` for the grid.

    ``attrs`` hold the denominators: all reports, the reports that know their hour, and the sum of the forecast.
    """
    table = hot.copy()
    table["code"] = table["code"].astype(str)
    table["hot"] = table["hot"].fillna(value=False).astype(bool) if "hot" in table else False
    table = table.assign(same=-1, timed=-1, factor=1.0, expected=0.0)
    attrs: dict[Any, Any] = {"reports": float(table["count"].sum()), "same": 0, "timed": 0, "expected": 0.0}
    if reports.clock is not None and reports.incidents is not None:
        found = hour_factors(reports.incidents, table["code"].tolist(), reports.clock, prior=options.hours_prior)
        table = table.assign(**{name: found[name].to_numpy() for name in ("same", "timed", "factor")})
        attrs |= {"same": found.attrs["same"], "timed": found.attrs["timed"]}
    if reports.forecast is not None:
        table = _with_forecast(table, reports.forecast)
        attrs["expected"] = float(table["expected"].sum())
    ahead = options.forecast_weight if attrs["expected"] > 0 else 0.0
    weighted = float((table["count"] * table["factor"]).sum())
    table["by_report"] = (1 - ahead) * table["factor"] / weighted if weighted > 0 else 0.0
    table["by_forecast"] = ahead * table["expected"] / attrs["expected"] if ahead else 0.0
    table["risk"] = table["by_report"] * table["count"] + table["by_forecast"]
    table.attrs = attrs
    return table


def _with_forecast(table: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    require_columns(forecast, ["code", "expected"], layer="forecast")
    expected = pd.to_numeric(forecast["expected"]).to_numpy(dtype=np.float64, na_value=np.nan)
    bad = forecast.loc[~np.isfinite(expected) | (expected < 0), "code"].astype(str).tolist()
    lost = sorted(set(forecast["code"].astype(str)) - set(table["code"]))
    if bad or lost:
        raise InputError(
            zh=f"预测表有 {len(bad)} 个网格数值缺失或为负、{len(lost)} 个网格不在热点表中:{'、'.join((bad + lost)[:10])}。",
            en=f"In the forecast {len(bad)} grids have a missing or negative number and {len(lost)} are not among the hot "
            f"grids: {', '.join((bad + lost)[:10])}.",
        )
    by_code = pd.Series(expected, index=forecast["code"].astype(str)).groupby(level=0).sum()
    return table.assign(expected=by_code.reindex(table["code"]).fillna(0.0).to_numpy())


def _chosen(table: pd.DataFrame, options: DemandOptions) -> pd.DataFrame:
    """Grids that a planner chose, then significant grids by risk, then the others by risk; of these none without a report or a forecast."""
    attrs = table.attrs
    chosen = table["code"].isin(options.grids)
    if lost := sorted(set(options.grids) - set(table["code"])):
        raise InputError(
            zh=f"所选网格不在本区域内:{'、'.join(lost[:10])}。",
            en=f"Chosen grids are not in this area: {', '.join(lost[:10])}.",
        )
    some = table[(table["risk"] > 0) & ~chosen]
    some = some[some["hot"]] if options.significant_only else some
    picked = pd.concat([_by_risk(table[chosen]), _by_risk(some).head(options.max_grids)]).reset_index(drop=True)
    picked.attrs = attrs
    return picked


def _by_risk(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(["hot", "risk", "rank"], ascending=[False, False, True], kind="stable")


def _densest_spots(
    codes: list[str],
    polygons: npt.NDArray[np.object_],
    fallback: FloatArray,
    incidents: pd.DataFrame,
    metric: pyproj.CRS,
    reach_m: float,
) -> tuple[FloatArray, FloatArray]:
    """For each grid the middle of its densest ``reach_m`` circle of reports, and how many lie in it.

    The middle, not a report's own point, so that a stop tells nobody's address.
    """
    require_columns(incidents, ["lon", "lat", "grid"], layer="incidents")
    reports = incidents[incidents["grid"].isin(codes) & incidents["lon"].notna() & incidents["lat"].notna()]
    if "found_by" in reports:
        reports = reports[reports["found_by"] != "patrol"]
    points = project(reports["lon"].to_numpy(), reports["lat"].to_numpy(), metric)
    members = reports.reset_index(drop=True).groupby("grid").indices
    xy, near = fallback.copy(), np.zeros(len(codes))
    for place, code in enumerate(codes):
        if code not in members:
            continue
        own = points[members[code]]
        tree = cKDTree(own)
        around = tree.query_ball_point(own, reach_m, return_length=True)
        best = own[np.lexsort((own[:, 1], own[:, 0], -around))[0]]
        circle = own[tree.query_ball_point(best, reach_m)]
        middle = circle.mean(axis=0)
        xy[place] = middle if shapely.intersects_xy(polygons[place], *middle) else best
        near[place] = len(circle)
    return xy, near


def _why(row: Row, sums: Mapping[Any, Any], reports: Reports, options: DemandOptions) -> tuple[str, str]:
    """Rank, reports with their denominators, hours, forecast, significance; in both languages."""
    count, whole, days = float(row["count"]), sums["reports"], reports.days
    part = count / whole if whole else 0.0
    zh = f"热点第 {row['rank']} 位:" + (f"近 {days:g} 天" if days else "")
    zh += f"上报 {count:.0f} 起(全区 {whole:.0f} 起的 {part:.1%})"
    en = f"hot grid no. {row['rank']}: {count:.0f} of {whole:.0f} reports ({part:.1%})"
    en += f" in {days:g} days" if days else ""
    if reports.incidents is not None:
        zh += f",其中停留点 {options.reach_m:g} 米内 {row['near']:.0f} 起"
        en += f", {row['near']:.0f} within {options.reach_m:g} m of the stop"
    if reports.clock is not None and reports.incidents is not None:
        kind_zh, kind_en = _WORKED[reports.clock.is_working_day]
        zh += f";{kind_zh}同时段 {row['same']}/{row['timed']} 起(全区 {sums['same']:.0f}/{sums['timed']:.0f}),权重 ×{row['factor']:.2f}"
        en += (
            f"; {row['same']} of its {row['timed']} timed reports in these hours of {kind_en} "
            f"(district {sums['same']:.0f} of {sums['timed']:.0f}), weight x{row['factor']:.2f}"
        )
    if reports.forecast is not None:
        zh += f";预测本班 {row['expected']:.2f} 起(全区 {sums['expected']:.2f} 起)"
        en += f"; {row['expected']:.2f} of {sums['expected']:.2f} reports forecast for this shift"
    q = float(row.get("q", np.nan))
    if row["hot"]:
        shown = "" if not np.isfinite(q) else "q<0.001" if q < 0.001 else f"q={q:.3f}"
        zh += ",聚集显著" + (f"({shown})" if shown else "")
        en += ", a significant cluster" + (f" ({shown})" if shown else "")
    if str(row["code"]) in options.grids:
        return f"按热点指定;{zh}", f"chosen as part of a hot spot; {en}"
    return zh, en
