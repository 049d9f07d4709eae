"""A team's tour for a GPS device (GPX 1.1) and for a calendar (iCalendar, RFC 5545). Always WGS-84; places, never people."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from gis.calendar import SHIFTS
from gis.errors import Lang, NotFoundError

_GPX = "http://www.topografix.com/GPX/1/1"


def write_gpx(plan: dict[str, Any], team: int, *, lang: Lang = "zh") -> bytes:
    """Stops as waypoints in order, and the way as a route.

    Parameters
    ----------
    plan
        A plan document; ``gis.patrol.Plan.to_dict`` with the teams' ``line`` in degrees.
    team
        Position of the team.

    Raises
    ------
    NotFoundError
        The plan has no such team.
    """
    tour = team_of(plan, team)
    ElementTree.register_namespace("", _GPX)
    root = ElementTree.Element(f"{{{_GPX}}}gpx", version="1.1", creator="Wangge")
    about = ElementTree.SubElement(root, f"{{{_GPX}}}metadata")
    _text(about, "name", tour_title(plan, tour, lang))
    for order, stop in enumerate(tour["stops"], start=1):
        point = _point(root, "wpt", stop["lon"], stop["lat"])
        if stop.get("arrive"):
            _text(point, "time", stop["arrive"])
        _text(point, "name", f"{order:02d} {stop_name(stop, lang)}")
        _text(point, "desc", stop[f"why_{lang}"])
    route = ElementTree.SubElement(root, f"{{{_GPX}}}rte")
    _text(route, "name", team_name(tour, lang))
    for lon, lat in way_of(tour):
        _point(route, "rtept", lon, lat)
    return xml_of(root)


def _point(parent: ElementTree.Element, name: str, lon: float, lat: float) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{_GPX}}}{name}", lat=f"{lat:.7f}", lon=f"{lon:.7f}")


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{_GPX}}}{name}").text = printable(text)


def way_of(tour: dict[str, Any]) -> list[list[float]]:
    """A team's way as degrees: its drawn line, or from stop to stop where none was drawn."""
    return tour.get("line") or [[stop["lon"], stop["lat"]] for stop in tour["stops"]]


def tour_title(plan: dict[str, Any], tour: dict[str, Any], lang: Lang) -> str:
    """Team, day and shift, as a file of the tour is headed."""
    return f"{team_name(tour, lang)} {plan['date']} {shift_name(plan, lang)}"


def xml_of(root: ElementTree.Element) -> bytes:
    """The document of a root element, UTF-8 with its declaration."""
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def printable(text: str) -> str:
    """Without the control characters that XML 1.0 forbids."""
    return "".join(c for c in text if c in "\t\n\r" or ord(c) >= 32)


def write_ical(plan: dict[str, Any], team: int, *, now: datetime, lang: Lang = "zh") -> bytes:
    """One event a stop, times in UTC, the same identifiers whenever the same plan is exported.

    Parameters
    ----------
    now
        Moment of the export (DTSTAMP).

    Raises
    ------
    NotFoundError
        The plan has no such team.
    """
    tour = team_of(plan, team)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wangge//Patrol//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_escape(team_name(tour, lang))}")
    for order, stop in enumerate(tour["stops"], start=1):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{plan['id']}-{team}-{order}@wangge",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART:{_stamp(datetime.fromisoformat(stop['arrive']))}",
            f"DTEND:{_stamp(datetime.fromisoformat(stop['leave']))}",
            f"SUMMARY:{_escape(f'{order}. {stop_name(stop, lang)}')}",
            f"DESCRIPTION:{_escape(stop[f'why_{lang}'])}",
            f"GEO:{stop['lat']:.6f};{stop['lon']:.6f}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_fold(line) for line in lines).encode("utf-8")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r", "").replace("\n", "\\n")


def _fold(line: str) -> str:
    """Lines of at most 75 octets, cut between characters (RFC 5545, 3.1)."""
    parts: list[str] = []
    current = ""
    for character in line:
        room = 75 if not parts else 74
        if len((current + character).encode("utf-8")) > room:
            parts.append(current)
            current = ""
        current += character
    parts.append(current)
    return "\r\n ".join(parts) + "\r\n"


def team_of(plan: dict[str, Any], team: int) -> dict[str, Any]:
    """One team's tour.

    Raises
    ------
    NotFoundError
        The plan has no such team.
    """
    if not 0 <= team < len(plan["teams"]):
        raise NotFoundError(zh=f"方案里没有第 {team + 1} 队。", en=f"The plan has no team {team + 1}.")
    found: dict[str, Any] = plan["teams"][team]
    return found


def team_name(tour: dict[str, Any], lang: Lang) -> str:
    """The team's name in one language."""
    return str((tour.get("name_en") if lang == "en" else "") or tour["name"])


def team_own(tour: dict[str, Any], lang: Lang) -> str:
    """Mode, hours, break and whatever else a team has of its own, in words; empty where the plan says nothing of it."""
    return str(tour.get(f"own_{lang}") or "")


def shift_name(plan: dict[str, Any], lang: Lang) -> str:
    """The shift's name in one language; its key where it is none that we know."""
    shift = SHIFTS.get(str(plan["shift"]))
    return str(plan["shift"]) if shift is None else (shift.name_zh if lang == "zh" else shift.name_en)


def stop_name(stop: dict[str, Any], lang: Lang) -> str:
    """The stop's name in one language."""
    return str((stop.get("name_en") if lang == "en" else "") or stop["name_zh"])
