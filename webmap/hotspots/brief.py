"""What the brief of one hot spot tells: facts with their denominators, hours by weekday, cameras for those who may know, words.

It gathers from what was found and lays nothing out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.crs import unproject
from gis.errors import Lang
from gis.exports.styles import CHANGES
from gis.hotspots.aoristic import HourProfile, hour_profile
from gis.incidents import IncidentFilter
from webmap.filters import hours_text
from webmap.hotspots import sketch
from webmap.hotspots.answers import about, table_of
from webmap.hotspots.found import Found, hot_spots, one_of
from webmap.hotspots.question import HotSpotQuestion
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer

CAMERAS_TOLD = 16
"""So many ids fit the page; the number of all stands before them."""

FOUND_BY: dict[Lang, dict[str, str]] = {
    "zh": {"report": "上报", "patrol": "巡查发现"},
    "en": {"report": "reported", "patrol": "found on patrol"},
}


@dataclass(frozen=True, eq=False)
class Brief:
    """Everything that the page tells.

    Parameters
    ----------
    told
        The row of the hot spot, as ``answers.table_of`` gives it.
    about
        Of the whole layer, as ``answers.about`` gives it.
    profile
        Weekdays by hours.
    sentence
        What the hot spot is, with denominators.
    ground
        What the map shows.
    """

    lang: Lang
    district: str
    told: pd.Series
    about: dict[str, Any]
    profile: HourProfile
    sentence: str
    ground: sketch.Ground
    grids: str
    slots: str
    made_at: datetime

    @property
    def change(self) -> str:
        """What became of it, in words."""
        return CHANGES[str(self.told["change"])][0 if self.lang == "zh" else 1]

    @property
    def colour(self) -> str:
        """As on the map."""
        return CHANGES[str(self.told["change"])][2]

    @property
    def cameras(self) -> str:
        """Number, share and some ids of the cameras that see it; empty for those who may not know."""
        if "camera_ids" not in self.told.index:
            return ""
        ids = list(self.told["camera_ids"])
        share = float(self.told["seen_share"])
        more = len(ids) - CAMERAS_TOLD
        some = " ".join(ids[:CAMERAS_TOLD])
        if self.lang == "zh":
            return f"{len(ids)} 台,可视面积 {share:.1%}" + (f":{some}" if ids else "") + (" 等" if more > 0 else "")
        tail = f" and {more} more" if more > 0 else ""
        return f"{len(ids)}, seeing {share:.1%} of its ground" + (f": {some}" if ids else "") + tail

    @property
    def parameters(self) -> str:
        """The parameters by their names."""
        chosen = self.about["explanation"]["parameters"]
        return ("、" if self.lang == "zh" else "; ").join(
            f"{each[self.lang]} {_plain(each['value'])}" for each in chosen
        )


def brief_of(
    services: Services,
    viewer: Viewer,
    asked: IncidentFilter,
    question: HotSpotQuestion,
    spot: str,
    *,
    lang: Lang,
    camera_viewer: Viewer | None,
) -> Brief:
    """The brief of a hot spot.

    Raises
    ------
    NotFoundError
        This period and method have none of that id.
    InputError
        As ``hot_spots``.
    """
    found = hot_spots(services, viewer, asked, question)
    one_of(found, spot)
    table = table_of(services, viewer, found, camera_viewer)
    row = table[table["id"] == spot].iloc[0]
    told = about(services, viewer, found)
    settings = services.settings()
    here = found.reports.frame[found.spot == spot]
    tree = services.tree(viewer)
    names = [f"{tree.name(code, lang)} ({count})" for code, count in row["grids"][:6]]
    rest = len(row["grids"]) - len(names)
    more = (f" 等 {len(row['grids'])} 个" if lang == "zh" else f" and {rest} more") if rest > 0 else ""
    return Brief(
        lang=lang,
        district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
        told=row,
        about=told,
        profile=hour_profile(here, zone=services.zone),
        sentence=sentence(row, told, lang),
        ground=_ground(services, viewer, found, spot, lang),
        grids=("、" if lang == "zh" else ", ").join(names) + more,
        slots=hours_text(asked, lang),
        made_at=services.clock().astimezone(ZoneInfo(services.zone)),
    )


def sentence(row: pd.Series, told: dict[str, Any], lang: Lang) -> str:
    """What the hot spot is in one sentence, each number with what it is a part of."""
    period, counted, before = told["period"], told["counted"], told["before"]
    count, share = int(row["count"]), int(row["count"]) / counted if counted else 0.0
    p = "<0.001" if row["p"] < 0.001 else f"={row['p']:.3f}"
    if lang == "zh":
        text = (
            f"{period['first_day']} 至 {period['last_day']} 共 {period['days']:g} 天,该处 {row['area_km2']:.2f} 平方公里内有 "
            f"{count} 起,占计入的 {counted} 起的 {share:.1%};按随机分布期望 {row['expected']:.1f} 起(校正后 p{p})"
        )
        text += f";上期同一地面 {int(row['before'])} 起({_change(row, lang)})" if before else ""
        return text + "。"
    text = (
        f"In the {period['days']:g} days from {period['first_day']} to {period['last_day']} its {row['area_km2']:.2f} km2 had {count} of "
        f"the {counted} incidents counted ({share:.1%}), where chance would bring {row['expected']:.1f} (corrected p{p})"
    )
    text += f"; the same ground had {int(row['before'])} in the period before ({_change(row, lang)})" if before else ""
    return text + "."


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _change(row: pd.Series, lang: Lang) -> str:
    p = float(row["change_p"])
    shown = "<0.001" if p < 0.001 else f"={p:.3f}"
    if lang == "zh":
        return f"双侧精确检验 p{shown}" + ("" if p < 0.05 else ",看不出变化")
    return f"two-sided exact p{shown}" + ("" if p < 0.05 else ", no evident change")


def _ground(services: Services, viewer: Viewer, found: Found, spot: str, lang: Lang) -> sketch.Ground:
    shapes = found.table.set_index("id").geometry
    mine = shapes[spot]
    left, bottom, right, top = sketch.view_box(mine, 4.0, 3.0)
    crs = services.metric(LOCAL_OPERATOR)
    reach = max(right - left, top - bottom)
    x, y = (left + right) / 2, (bottom + top) / 2
    lon, lat = unproject(np.array([[x - reach, y - reach], [x + reach, y + reach]]), crs)
    box = float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])
    streets = services.layer("streets", viewer, box)
    names = streets[f"name_{lang}"].fillna("") if len(streets) else []
    drawn = gpd.GeoDataFrame(
        {"kind": streets["kind"].to_numpy(), "name": np.asarray(names, dtype=object)},
        geometry=streets.geometry.to_crs(crs).to_numpy(),
        crs=crs,
    )
    grids = services.cells(viewer, "", found.asked.area)
    near: npt.NDArray[np.bool_] = np.asarray(shapely.intersects(grids.geometry.to_numpy(), shapely.box(*box)))
    return sketch.Ground(
        mine,
        shapes[shapes.index != spot].to_numpy(),
        grids[near].geometry.to_crs(crs).to_numpy(),
        drawn,
    )
