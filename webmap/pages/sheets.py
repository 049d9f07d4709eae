"""A team's assignment as a printable page. The sheet itself is made by ``gis.exports.sheet``."""

from typing import Any
from urllib.parse import quote

import shapely
from flask import Response, request

from gis.errors import Lang
from gis.exports.qr import qr_svg
from gis.exports.sheet import sheet_map_svg, team_sheet
from webmap.i18n import TAGS
from webmap.pages.mapview import with_nonce
from webmap.security.headers import nonce
from webmap.services import Services
from webmap.store import Viewer


def team_sheet_page(services: Services, viewer: Viewer, plan: dict[str, Any], team: int, *, lang: Lang) -> Response:
    """The sheet of one team, with its map."""
    cells = services.cells(viewer)
    streets = services.layer("streets", viewer)
    near = around(plan["teams"][team])
    drawn = sheet_map_svg(
        plan,
        team,
        areas=cells[cells.geometry.intersects(near)],
        streets=streets[streets.geometry.intersects(near)],
        lang=lang,
    )
    page = team_sheet(plan, team, lang=lang, zone=services.zone, map_svg=drawn, qr=_code(plan, team, lang))
    response = Response(with_nonce(page, nonce()), mimetype="text/html")
    response.headers["Content-Language"] = TAGS[lang]
    return response


def _code(plan: dict[str, Any], team: int, lang: Lang) -> str:
    """A QR code of the team's page on this server, under the address by which the sheet was asked for."""
    label = "本队页面二维码" if lang == "zh" else "QR code of this team's page"
    return qr_svg(f"{request.url_root}patrol/{quote(str(plan['id']), safe='')}/{team}", label=label)


def around(team: dict[str, Any]) -> shapely.Geometry:
    """The ground that the map of a tour shows, degrees; empty for a team that has no stops (it dropped out)."""
    if not team["stops"]:
        return shapely.Point()
    points = shapely.multipoints([(stop["lon"], stop["lat"]) for stop in team["stops"]])
    return shapely.envelope(points).buffer(0.006)
