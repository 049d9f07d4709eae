"""Alarms of sensors and cameras as cases at a place: signed by their source, from a device that is known, one case a burst.

An alarm tells a device, a kind and a moment. It brings no picture, no plate and no words, and one that does is refused whole.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gis.errors import ConflictError, InputError, NotFoundError
from gis.layers.codelists import OURS
from webmap.cases import intake
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CLOCK

KINDS = {
    "smoke": "F01",
    "fire_lane": "09012",
    "gas": "F03",
    "electric": "F04",
    "flood": "F08",
    "collapse": "F07",
    "chemical": "F11",
    "rail_fence": "R01",
    "rail_object": "R04",
    "rail_trespass": "R02",
    "manhole": "01023",
    "lamp": "01037",
    "rubbish": "06010",
    "camera_offline": "V01",
    "picture": "V02",
}
"""Kinds of alarms and the category of our list that each becomes. None of them is of a person."""

FIELDS = frozenset({"device", "kind", "at"})
"""Everything that an alarm may tell."""

LATE, AHEAD = timedelta(days=1), timedelta(minutes=10)
"""An alarm is taken for so long after its moment, and so long before it where the device's clock runs ahead."""

SOURCE = "sensor"


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Parameters
    ----------
    source
        Who sent it, as it signed.
    device
        Id of a camera or place of the store.
    kind
        One of ``KINDS``.
    at
        When, with zone.
    """

    source: str
    device: str
    kind: str
    at: datetime


def read_alarm(source: str, told: Any, now: datetime) -> Alarm:
    """An alarm as its source told it.

    Raises
    ------
    InputError
        Something is missing, is none of ours, or should not be there at all.
    """
    if not isinstance(told, Mapping) or not all(
        isinstance(value, str) and len(value) <= 100 for value in told.values()
    ):
        raise InputError(
            zh="报警应为 JSON 对象:device、kind、at。", en="An alarm is a JSON object of device, kind and at."
        )
    extra = sorted(set(told) - FIELDS)
    if extra:
        # Names of fields are told, never what stood in them.
        raise InputError(
            zh=f"报警只含 device、kind、at;不接收其他内容(共 {len(extra)} 项,如图片、车牌、人员信息)。",
            en=f"An alarm has device, kind and at; {len(extra)} other fields are not taken (no pictures, plates or people).",
        )
    if told.get("kind") not in KINDS:
        raise InputError(
            zh=f"报警类型只能是:{'、'.join(KINDS)}。", en=f"The kind of an alarm is one of {', '.join(KINDS)}."
        )
    try:
        at = datetime.fromisoformat(told.get("at", ""))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not now - LATE <= at <= now + AHEAD:
        raise InputError(
            zh="at 应为带时区的时间,不早于一天前,不晚于现在。",
            en="at is a moment with a zone, not more than a day ago and not ahead.",
        )
    if not told.get("device"):
        raise InputError(zh="报警缺少 device。", en="The alarm has no device.")
    return Alarm(source, told["device"], told["kind"], at)


def place_of(services: Services, device: str) -> tuple[float, float]:
    """Where a device stands: longitude and latitude of the camera or place of this id.

    Raises
    ------
    NotFoundError
        The store knows no such camera or place.
    """
    for layer in ("cameras", "places"):
        frame = services.layer(layer, LOCAL_OPERATOR)
        known = frame["id"] == device
        if layer == "cameras" and "device_id" in frame:
            known |= frame["device_id"] == device
        if known.any():
            row = frame[known].iloc[0]
            return float(row["lon"]), float(row["lat"])
    raise NotFoundError(
        zh=f"没有编号为 {device} 的摄像机或场所。", en=f"There is no camera or place with the id {device}."
    )


def event_ids(alarm: Alarm, minutes: int) -> tuple[str, str]:
    """Ids of the case that an alarm becomes and of the one that an alarm of the span before would have become.

    They follow from device, kind and span, so that two servers that get an alarm at once make one case.
    """
    span = int(alarm.at.timestamp() // (minutes * 60))
    here, before = (
        hashlib.sha256("\0".join((alarm.device, alarm.kind, str(minutes), str(each))).encode()).hexdigest()[:32]
        for each in (span, span - 1)
    )
    return f"alarm-{here}", f"alarm-{before}"


def as_event(alarm: Alarm, event_id: str, lon: float, lat: float) -> dict[str, Any]:
    """An alarm as a report of a case, in the words of ``POST /api/events``."""
    return {
        "id": event_id,
        "scheme": OURS,
        "category": KINDS[alarm.kind],
        "occurred_at": alarm.at.isoformat(),
        "source": SOURCE,
        "found_by": "report",
        "lon": lon,
        "lat": lat,
        "attributes": {"device": alarm.device, "kind": alarm.kind, "by": alarm.source},
    }


def keep(services: Services, alarm: Alarm) -> tuple[str, bool]:
    """Make the case of an alarm, or find the one it belongs to.

    Returns
    -------
    event, is_new
        Id of the case, and whether it is new.

    Raises
    ------
    NotFoundError
        The device is unknown.
    InputError
        It stands outside the district.
    """
    minutes = services.config.alarm_minutes
    lon, lat = place_of(services, alarm.device)
    here, before = event_ids(alarm, minutes)
    for known in (here, before):
        first = _moment_of(services, known)
        if first is not None and abs(alarm.at - first) < timedelta(minutes=minutes):
            return known, False
    try:
        intake.create(services, as_event(alarm, here, lon, lat), viewer=CLOCK)
    except ConflictError:
        # Another worker was faster: its alarm has the same id and another second.
        return here, False
    return here, True


def _moment_of(services: Services, event_id: str) -> datetime | None:
    try:
        return services.store.cases.get(event_id, CLOCK).occurred_at
    except NotFoundError:
        return None
