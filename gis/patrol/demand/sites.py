"""Stops that other desks ask for: sites of open events, and ground that no camera sees. Their tables come in; none is read here."""

import hashlib

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from gis.crs import project, unproject
from gis.patrol.demand.hours import ShiftClock, hours_open
from gis.patrol.demand.located import located, require_coordinates, text_of
from gis.patrol.demand.settings import DemandOptions
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
_TEXTS = ("id", "stop", "name_zh", "name_en", "why_zh", "why_en", "grid")


def event_stops(
    events: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    metric: pyproj.CRS,
    shift_s: float,
    clock: ShiftClock | None,
    options: DemandOptions,
) -> pd.DataFrame:
    """One visit to each open event that has a place: those due first, then the oldest; no more than the options say.

    Parameters
    ----------
    events
        Open events: ``id``, ``lon``, ``lat``; where known ``name_zh``, ``name_en`` (what it is), ``occurred_at`` and
        ``due_at`` (with zone), ``grid``. One without a place is passed over: nobody can go there.
    clock
        Where given, a visit begins before the event is due; one that is overdue already may be made at any time.
    """
    require_columns(events, ["id", "lon", "lat"], layer="events")
    placed = events[events["lon"].notna() & events["lat"].notna()]
    due, since = _moments(placed, "due_at"), _moments(placed, "occurred_at")
    order = pd.DataFrame({"due": due, "since": since, "id": placed["id"].astype(str)}).sort_values(
        ["due", "since", "id"], na_position="last", kind="stable"
    )
    chosen = placed.loc[order.index[: options.max_events]]
    due, since = due.loc[chosen.index], since.loc[chosen.index]
    lon, lat = require_coordinates(chosen, zh="个事件", en="events")
    xy = project(lon, lat, metric).reshape(-1, 2)
    grid, outside = located(lon, lat, areas, chosen.get("grid"))
    ids = chosen["id"].astype(str)
    told = [_why_event(*row, len(placed), clock) for row in zip(ids, since, due, strict=True)]
    closes = [_due_s(moment, clock, shift_s - options.event_dwell_s) for moment in due]
    names = text_of(chosen, "name_zh", "事件 " + ids)
    table = pd.DataFrame(
        {
            "id": "event:" + ids,
            "stop": "event:" + ids,
            "visit": 1,
            "x": xy[:, 0],
            "y": xy[:, 1],
            "lon": lon,
            "lat": lat,
            "name_zh": names,
            "name_en": text_of(chosen, "name_en", names if "name_zh" in chosen else "event " + ids),
            "kind": "event",
            "why_zh": [zh for zh, _ in told],
            "why_en": [en for _, en in told],
            "worth": options.event_worth,
            "dwell_s": options.event_dwell_s,
            "open_s": 0.0,
            "close_s": np.array(closes, dtype=np.float64),
            "must": options.event_must,
            "grid": grid,
            "outside": outside,
            "origin": "event",
        }
    )
    return table.astype(dict.fromkeys(_TEXTS, "str"))


def blind_stops(
    blind: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, metric: pyproj.CRS, shift_s: float, options: DemandOptions
) -> pd.DataFrame:
    """One visit to each of the first blind spots by rank, at a point well inside it.

    Parameters
    ----------
    blind
        ``rank``, ``score`` (parts per ten thousand of what blind spots are measured by), ``reason``, ``geometry`` with a
        CRS; where known ``why_zh``, ``why_en`` (the reason in words), ``reason_share``, ``incidents`` and
        ``incidents_share``, ``name_zh``, ``name_en``.
    """
    require_columns(blind, ["rank", "score", "reason", "geometry"], layer="blind spots")
    chosen = blind.sort_values("rank", kind="stable").head(options.max_blind_spots).reset_index(drop=True)
    shapes = chosen.geometry.to_crs(metric).to_numpy() if len(chosen) else np.zeros(0, dtype=object)
    xy = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    lon, lat = unproject(xy, metric)
    grid, outside = located(lon, lat, areas)
    # By place, not by rank: the same spot keeps its id when the ranks change. The id goes to phones and says nothing of cameras.
    ids = [f"place:{hashlib.sha256(f'{e:.0f}.{n:.0f}'.encode()).hexdigest()[:10]}" for e, n in xy]
    told = [_why_blind(row, len(blind)) for row in chosen.to_dict("records")]
    zh = text_of(chosen, "name_zh", pd.Series("", index=chosen.index))
    en = text_of(chosen, "name_en", zh)
    table = pd.DataFrame(
        {
            "id": ids,
            "stop": ids,
            "visit": 1,
            "x": xy[:, 0],
            "y": xy[:, 1],
            "lon": lon,
            "lat": lat,
            "name_zh": [f"{name}盲区 {rank}" for name, rank in zip(zh, chosen["rank"], strict=True)],
            "name_en": [f"{name} blind spot {rank}".strip() for name, rank in zip(en, chosen["rank"], strict=True)],
            "kind": "blind_spot",
            "why_zh": [one for one, _ in told],
            "why_en": [other for _, other in told],
            "worth": options.blind_weight * chosen["score"].to_numpy(dtype=np.float64) / 100,
            "dwell_s": options.blind_dwell_s,
            "open_s": 0.0,
            "close_s": max(shift_s - options.blind_dwell_s, 0.0),
            "must": False,
            "grid": grid,
            "outside": outside,
            "origin": "blind_spot",
        }
    )
    return table.astype(dict.fromkeys(_TEXTS, "str"))


def _moments(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        return pd.Series(pd.NaT, index=table.index, dtype="datetime64[us, UTC]")
    return pd.to_datetime(table[name], utc=True)


def _due_s(due: pd.Timestamp, clock: ShiftClock | None, last: float) -> float:
    """The latest start, in seconds from shift start: before the event is due, where that is not past already."""
    if clock is None or pd.isna(due):
        return max(last, 0.0)
    left = (due.to_pydatetime() - clock.window[0]).total_seconds()
    return max(min(last, left) if left >= 0 else last, 0.0)


def _why_event(
    name: str, since: pd.Timestamp, due: pd.Timestamp, whole: int, clock: ShiftClock | None
) -> tuple[str, str]:
    zh, en = f"事件台未办结事件 {name}(共 {whole} 件有位置)", f"open event {name} of the desk ({whole} have a place)"
    if clock is not None and not pd.isna(since):
        hours = hours_open(clock, since.to_pydatetime())
        zh, en = zh + f",至接班已 {hours:.1f} 小时", en + f", {hours:.1f} h old at shift start"
    if clock is not None and not pd.isna(due):
        left = (due.to_pydatetime() - clock.window[0]).total_seconds() / 3600
        zh += f",距时限 {left:.1f} 小时" if left >= 0 else f",已超时限 {-left:.1f} 小时"
        en += f", due {left:.1f} h into the shift" if left >= 0 else f", overdue by {-left:.1f} h"
    return zh, en


def _why_blind(row: dict[str, object], whole: int) -> tuple[str, str]:
    score = float(row["score"])  # type: ignore[arg-type]
    zh = f"摄像机盲区第 {row['rank']} 位(共 {whole} 处),得分 {score:.2f}/10000"
    en = f"camera blind spot no. {row['rank']} of {whole}, score {score:.2f} of 10,000"
    reason = str(row["reason"])
    part = f" {float(row['reason_share']):.0%}" if "reason_share" in row else ""  # type: ignore[arg-type]
    zh += f":{row.get('why_zh', reason)}" + (f"(占{part})" if part else "")
    en += f": {row.get('why_en', reason)}" + (f" ({part.strip()} of it)" if part else "")
    if "incidents" in row and "incidents_share" in row:
        held, share = float(row["incidents"]), float(row["incidents_share"])  # type: ignore[arg-type]
        zh, en = zh + f";其内上报 {held:.0f} 起(全区的 {share:.2%})", en + f"; {held:.0f} reports in it ({share:.2%})"
    return zh, en
