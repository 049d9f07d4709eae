"""What a request asks about cameras: pixel band, how to count, and cameras on trial. It reads the request and never the store."""

import math
from dataclasses import replace

from gis.cameras.candidates import Optic
from gis.cameras.tables import MOUNTS
from gis.errors import FilterError
from webmap import camera_sites
from webmap.api import asking
from webmap.camera_studies import CameraQuestion, Changed

_FIELDS = 7


def question() -> CameraQuestion:
    """``band``, ``light``, ``basis``, ``change``, ``off`` and what is asked of siting.

    Raises
    ------
    FilterError
        A change makes no sense.
    """
    return replace(counted(), changes=changes(), off=asking.texts("off"), sites=site_question())


def counted() -> CameraQuestion:
    """``band``, ``light`` and ``basis`` of the query: what counts as seen."""
    return CameraQuestion(
        band=asking.text("band"), light=asking.text("light") or "day", basis=asking.text("basis") or "sure"
    )


def changes() -> tuple[Changed, ...]:
    """Cameras as they would be: ``change=id,lon,lat[,azimuth,angle,range_m,height_m]``, empty for what is not told.

    Raises
    ------
    FilterError
        One of them is none.
    """
    return tuple(_changed(text, number) for number, text in enumerate(asking.texts("change"), start=1))


def site_question() -> camera_sites.SiteQuestion:
    """What the query asks of siting: a number of cameras unless it tells a budget or another goal.

    Raises
    ------
    FilterError, GeometryError
        Something of it makes no sense.
    """
    goal, budget = asking.text("goal") or "most", asking.number("budget")
    count = None
    if goal == "most" and (budget is None or asking.text("count")):
        count = asking.whole("count", 5, low=1, high=camera_sites.MOST_SITES)
    optic = {
        name: asking.required(name, default) for name, default in (("angle", 70.0), ("range", 60.0), ("height", 5.0))
    }
    costs = {mount: asking.number(f"cost_{mount}") for mount in MOUNTS}
    return camera_sites.SiteQuestion(
        goal=goal,
        count=count,
        budget=budget if goal == "most" else None,
        share=asking.required("share", 0.9),
        optic=Optic(optic["angle"], optic["range"], optic["height"]),
        costs=tuple((mount, cost) for mount, cost in costs.items() if cost is not None),
        backup=asking.required("backup", 0.0),
        area=asking.text("area"),
        forbidden=tuple(zone for document in asking.documents("forbidden") for zone in camera_sites.zone_of(document)),
        prove=asking.text("prove") in ("1", "true", "yes"),
    )


def _changed(text: str, number: int) -> Changed:
    parts = [part.strip() for part in text.split(",")]
    try:
        numbers = [float(part) if part else math.nan for part in parts[1:]]
    except ValueError:
        numbers = []
    wanted = 3 <= len(parts) <= _FIELDS and len(numbers) == len(parts) - 1
    if not wanted or not all(math.isfinite(each) for each in numbers[:2]) or any(math.isinf(each) for each in numbers):
        raise FilterError(
            zh=f"change 应为 编号,经度,纬度[,方位角,视角,距离,高度],而不是“{text}”。",
            en=f"change is id,lon,lat[,azimuth,angle,range_m,height_m], not '{text}'.",
        )
    return Changed(parts[0] or f"new-{number}", *numbers)
