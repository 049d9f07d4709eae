"""The map's skeleton by folium: an empty Leaflet map over the district, every asset local. Layers come by script.

It places no data and asks the store for nothing.
"""

import re
from dataclasses import dataclass

import folium

from webmap.pages.offline import LocalHeader

MAP_NAME = "map_wangge"


@dataclass(frozen=True)
class Skeleton:
    """The three parts of folium's page, with the nonce on every script and style."""

    head: str
    body: str
    script: str


def skeleton(bounds: tuple[float, float, float, float], token: str) -> Skeleton:
    """A Leaflet map fitted to the district.

    Parameters
    ----------
    bounds
        West, south, east, north, degrees.
    token
        The nonce of this page.

    Raises
    ------
    ConfigError
        folium asks for an outside asset that nobody accounted for.
    """
    west, south, east, north = bounds
    view = folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        zoom_start=12,
        tiles=None,
        prefer_canvas=True,
        control_scale=False,
        zoom_control=False,
        max_zoom=19,
        min_zoom=8,
    )
    view._id = MAP_NAME.removeprefix("map_")  # noqa: SLF001 - folium names the map by it and offers no other way
    figure = view.get_root()
    figure.header = LocalHeader(figure)
    figure.render()
    return Skeleton(
        head=with_nonce(figure.header.render(), token),
        body=figure.html.render(),
        script=figure.script.render(),
    )


def with_nonce(html: str, token: str) -> str:
    """The nonce on every script and style element."""
    return re.sub(r"<(script|style)(?=[\s>])", rf'<\1 nonce="{token}"', html)
