"""Patrol plans: as JSON, as a sheet to print, as GPX, KML and iCal for the street, as a workbook for the office."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis.errors import NotFoundError
from gis.exports.plan_files import write_kml, write_plan_xlsx
from gis.exports.route import write_gpx, write_ical
from webmap.api import asking
from webmap.pages.sheets import team_sheet_page

api = Blueprint("patrol", __name__)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@api.get("/api/plans.json")
def plans() -> Response:
    """Plans that are kept, newest first."""
    return asking.cached(
        lambda: jsonify(asking.services().plans(asking.viewer(), drafts=asking.sees_drafts())),
        parts=[asking.sees_drafts()],
    )


@api.get("/api/plans/latest.json")
def latest() -> Response:
    """The newest plan, or null."""
    return asking.cached(lambda: jsonify(_latest()), parts=[asking.sees_drafts(), asking.camera_areas()])


@api.get("/api/plans/<plan_id>.json")
def plan(plan_id: str) -> Response:
    """One plan."""
    return asking.cached(lambda: jsonify(readers_plan(plan_id)), parts=[asking.sees_drafts(), asking.camera_areas()])


@api.get("/plans/<plan_id>/teams/<int:team>.gpx")
def gpx(plan_id: str, team: int) -> Response:
    """A team's tour for a GPS device, WGS-84."""
    found = _plan_of_team(plan_id, team)
    return _file(write_gpx(found, team, lang=asking.lang()), "application/gpx+xml", f"patrol-{team + 1}.gpx")


@api.get("/plans/<plan_id>/teams/<int:team>.kml")
def kml(plan_id: str, team: int) -> Response:
    """A team's tour for a map program, WGS-84."""
    found = _plan_of_team(plan_id, team)
    return _file(
        write_kml(found, team, lang=asking.lang()), "application/vnd.google-earth.kml+xml", f"patrol-{team + 1}.kml"
    )


@api.get("/plans/<plan_id>.xlsx")
def workbook(plan_id: str) -> Response:
    """The whole plan as an Excel workbook, one sheet a team."""
    found = readers_plan(plan_id)
    return _file(write_plan_xlsx(found, zone=asking.services().zone, lang=asking.lang()), _XLSX, "patrol.xlsx")


@api.get("/plans/<plan_id>/teams/<int:team>.ics")
def ical(plan_id: str, team: int) -> Response:
    """A team's stops for a calendar."""
    found = _plan_of_team(plan_id, team)
    data = write_ical(found, team, now=asking.services().clock(), lang=asking.lang())
    return _file(data, "text/calendar", f"patrol-{team + 1}.ics")


@api.get("/plans/<plan_id>/teams/<int:team>/sheet")
def sheet(plan_id: str, team: int) -> Response:
    """A team's assignment as a page to print."""
    found = _plan_of_team(plan_id, team)
    return team_sheet_page(asking.services(), asking.viewer(), found, team, lang=asking.lang())


def readers_plan(plan_id: str = "") -> dict[str, Any]:
    """A plan as the reader may know it; the newest without an id. Drafts and blind spots are not for everybody.

    Raises
    ------
    NotFoundError
        No such plan, or none yet.
    """
    return asking.for_reader(asking.services().plan(asking.viewer(), plan_id, drafts=asking.sees_drafts()))


def _latest() -> dict[str, Any] | None:
    newest = asking.services().latest_plan(asking.viewer(), drafts=asking.sees_drafts())
    return None if newest is None else asking.for_reader(newest)


def _plan_of_team(plan_id: str, team: int) -> dict[str, Any]:
    found = readers_plan(plan_id)
    if not 0 <= team < len(found["teams"]):
        raise NotFoundError(zh=f"方案里没有第 {team + 1} 队。", en=f"The plan has no team {team + 1}.")
    return found


def _file(data: bytes, mimetype: str, name: str) -> Response:
    asking.note_export("patrol", name.rsplit(".", 1)[-1])
    response = Response(data, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
