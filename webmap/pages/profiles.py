"""Charts in time, JSON-safe: trend, hour-by-weekday matrix, totals by code, and two periods compared.

Every part travels with its period, its total and what it is a part of. It draws nothing.
"""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import FilterError
from gis.exports.geojson import plain
from gis.hotspots.compare import compare_grids, compare_total
from gis.incidents import IncidentFilter
from gis.incidents.columns import Tally
from gis.incidents.profile import HourMatrix, exposure_days, trend, week_hours
from webmap.filters import day_start
from webmap.pages.summaries import period_of
from webmap.services import Period, Services, reports_only
from webmap.store import Viewer

ALPHA = 0.05
"""Level of the false-discovery control over the grids."""


def profile(services: Services, viewer: Viewer, asked: IncidentFilter) -> dict[str, Any]:
    """Trend, matrix, categories and sources of the incidents that answer a filter; reports alone unless told otherwise, as the hot grids.

    ``found_by`` says what is counted, ``total`` how many, ``incidents`` how many answer the filter with what patrols found themselves.
    """
    whole, asked = asked, reports_only(asked)
    # The answers share one store with everything else that is kept per version and viewer.
    return services.keep(("profile", whole), viewer, lambda: _profile(services, viewer, asked, whole))


def comparison(services: Services, viewer: Viewer, asked: IncidentFilter, base: IncidentFilter) -> dict[str, Any]:
    """Each grid, and the whole area, in the asked period against the base period, under one filter.

    Parameters
    ----------
    base
        Only its period is read; all else is that of ``asked``, and reports alone unless told otherwise, as the hot grids are counted.

    Raises
    ------
    FilterError
        The periods overlap, or one of them lies outside the data.
    """
    asked = reports_only(asked)
    then = replace(asked, since=base.since, until=base.until)
    key = ("compare", asked, then)
    return services.keep(key, viewer, lambda: _comparison(services, viewer, asked, then))


def _profile(services: Services, viewer: Viewer, asked: IncidentFilter, whole: IncidentFilter) -> dict[str, Any]:
    period, tally = services.period(viewer, asked), services.tally(viewer, asked)
    told = {
        "period": period_of(period),
        "found_by": list(asked.found_by),
        "total": tally.total,
        "incidents": services.tally(viewer, whole).total,
        "of": services.tally(viewer, IncidentFilter()).total,
    }
    moments, counts = _days(tally, period, services.zone)
    bins = trend(moments, since=period.since, until=period.until, zone=services.zone, counts=counts)
    timed = np.array(services.columns().tag_field("time_precision"), dtype=object) != "day"
    matrix = HourMatrix(
        count=tally.slots[timed].sum(axis=0).reshape(7, 24),
        slots=week_hours(period.since, period.until, zone=services.zone),
        day_only=int(tally.tags[~timed].sum()),
    )
    return {
        **told,
        "trend": told
        | {
            "bin": bins.bin,
            "bins": [
                {"from": first.isoformat(), "to": last.isoformat(), "count": count, "days": days, "whole": whole}
                for first, last, count, days, whole in zip(
                    bins.first,
                    bins.last,
                    bins.count.tolist(),
                    bins.days.round(4).tolist(),
                    bins.whole.tolist(),
                    strict=True,
                )
            ],
        },
        "matrix": told
        | {
            "counts": matrix.count.tolist(),
            "slots": matrix.slots.round(3).tolist(),
            "timed": int(matrix.count.sum()),
            "day_only": matrix.day_only,
        },
        "categories": told | {"rows": _rows(services.counts_by(viewer, asked, "category"))},
        "sources": told | {"rows": _rows(services.counts_by(viewer, asked, "source"))},
    }


def _comparison(services: Services, viewer: Viewer, asked: IncidentFilter, base: IncidentFilter) -> dict[str, Any]:
    now, then = _covered(services, viewer, _told(asked)), _covered(services, viewer, _told(base))
    if now.since < then.until and then.since < now.until:
        raise FilterError(zh="两个时段有重叠,无法对比。", en="The two periods overlap; they cannot be compared.")
    days, base_days = _exposure(services, asked, now), _exposure(services, asked, then)
    cells = services.cells(viewer, "", asked.area)
    rows = compare_grids(
        services.counts_of(viewer, asked, cells),
        services.counts_of(viewer, base, cells),
        days=days,
        base_days=base_days,
        alpha=ALPHA,
    )
    total = compare_total(
        services.tally(viewer, asked).total, services.tally(viewer, base).total, days=days, base_days=base_days
    )
    return {
        "period": period_of(now) | {"exposure_days": round(days, 3), "asked_days": round(_told(asked).days, 3)},
        "base_period": period_of(then)
        | {"exposure_days": round(base_days, 3), "asked_days": round(_told(base).days, 3)},
        "found_by": list(asked.found_by),
        "alpha": ALPHA,
        "of": services.tally(viewer, IncidentFilter()).total,
        "grids": len(rows),
        "judged": int(rows["q"].notna().sum()),
        "rose": int((rows["change"] == "rose").sum()),
        "fell": int((rows["change"] == "fell").sum()),
        "in_grids": int(rows["count"].sum()),
        "base_in_grids": int(rows["base"].sum()),
        "total": {key: plain(value) for key, value in vars(total).items()},
        "rows": _by_evidence(rows.assign(code=list(cells["code"]))),
    }


def _by_evidence(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Grids as JSON, the clearest change first."""
    ordered = rows.sort_values(["q", "p", "code"], na_position="last").to_dict("records")
    return [{str(key): plain(value) for key, value in row.items()} for row in ordered]


def _told(asked: IncidentFilter) -> Period:
    """The period of a comparison, which must be closed at both ends.

    Raises
    ------
    FilterError
        An end is open.
    """
    if asked.since is None or asked.until is None:
        raise FilterError(
            zh="对比的两个时段都需要开始和结束日期(from、to、from2、to2)。",
            en="Both periods of a comparison need their first and last day (from, to, from2, to2).",
        )
    return Period(asked.since, asked.until)


def _covered(services: Services, viewer: Viewer, asked: Period) -> Period:
    """The part of a period that the data cover, by whole local days: where nothing was recorded, zero says nothing.

    Raises
    ------
    FilterError
        The data cover none of it.
    """
    data = services.date_range(viewer)
    if data is None:
        raise FilterError(zh="没有可对比的数据。", en="There are no data to compare.")
    local = ZoneInfo(services.zone)
    first = data.since.astimezone(local).date()
    last = (data.until - timedelta(minutes=1)).astimezone(local).date()
    since = max(asked.since, day_start(first, services.zone))
    until = min(asked.until, day_start(last + timedelta(days=1), services.zone))
    if until <= since:
        day = f"{asked.since.astimezone(local):%Y-%m-%d}"
        raise FilterError(
            zh=f"{day} 起的时段没有数据;数据为 {first} 至 {last}。",
            en=f"There are no data for the period from {day}; they run from {first} to {last}.",
        )
    return Period(since.astimezone(UTC), until.astimezone(UTC))


def _exposure(services: Services, asked: IncidentFilter, period: Period) -> float:
    """Days of a period in which incidents could answer the filter.

    Raises
    ------
    FilterError
        The period has none of the asked weekdays and hours.
    """
    days = exposure_days(period.since, period.until, zone=services.zone, hours=asked.hours, weekdays=asked.weekdays)
    if days <= 0:
        raise FilterError(
            zh="所选星期和小时在其中一个时段内没有出现。",
            en="One of the periods has none of the chosen weekdays and hours.",
        )
    return days


def _rows(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Most frequent first; codes of equal count in order of the alphabet."""
    return [{"code": code, "count": count} for code, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))]


def _days(tally: Tally, period: Period, zone: str) -> tuple["pd.Series[pd.Timestamp]", npt.NDArray[np.int64]]:
    """Noon of each local day that has incidents, moved into the period where that cuts the day, and their counts."""
    noons = [day_start(day, zone) + timedelta(hours=12) for day, _ in tally.days]
    last = period.until - timedelta(microseconds=1)
    moments = pd.Series([min(max(noon, period.since), last) for noon in noons], dtype="datetime64[us, UTC]")
    return moments, np.array([count for _, count in tally.days], dtype=np.int64)
