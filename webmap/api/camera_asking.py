"""What a request asks about cameras: pixel band, how to count, and cameras on trial. It reads the request and never the store."""

import math

from gis.errors import FilterError
from webmap.api import asking
from webmap.camera_studies import CameraQuestion, Changed

_FIELDS = 7


def question() -> CameraQuestion:
    """``band``, ``basis``, ``change`` and ``off`` of the query.

    Raises
    ------
    FilterError
        A change makes no sense.
    """
    return CameraQuestion(
        band=asking.text("band"), basis=asking.text("basis") or "sure", changes=changes(), off=asking.texts("off")
    )


def changes() -> tuple[Changed, ...]:
    """Cameras as they would be: ``change=id,lon,lat[,azimuth,angle,range_m,height_m]``, empty for what is not told.

    Raises
    ------
    FilterError
        One of them is none.
    """
    return tuple(_changed(text, number) for number, text in enumerate(asking.texts("change"), start=1))


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
