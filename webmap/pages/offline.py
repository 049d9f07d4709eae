"""A page header for folium in which every link is local, or the page is not made.

folium and its plugins name their scripts and styles by outside addresses while they render. This header takes each one by
its name, puts our own copy in its place, leaves out what the page does not use, and fails closed on anything unknown.
"""

from typing import Any
from urllib.parse import urlsplit

import branca.element
from jinja2 import Template

from gis.errors import ConfigError

LOCAL = {
    "leaflet": "/static/vendor/leaflet/leaflet.js",
    "leaflet_css": "/static/vendor/leaflet/leaflet.css",
}
"""Our copy of what folium calls by this name."""

UNUSED = frozenset(
    {
        "jquery",
        "bootstrap",
        "awesome_markers",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers_font_css",
        "awesome_markers_css",
        "awesome_rotate_css",
    }
)
"""What folium adds to every map and this page has no use for."""


class LocalHeader(branca.element.Element):  # type: ignore[misc]
    """Stands in for a figure's header; renders its children one after another, as branca does."""

    _template = Template("{% for name, child in this._children.items() %}{{ child.render(**kwargs) }}\n{% endfor %}")

    def __init__(self, figure: branca.element.Figure) -> None:
        super().__init__()
        self._parent = figure

    def add_child(self, child: Any, name: str | None = None, index: int | None = None) -> Any:
        """Add an element; links become local, are left out, or are refused.

        Raises
        ------
        ConfigError
            A link to the outside that nobody accounted for.
        """
        if isinstance(child, branca.element.JavascriptLink | branca.element.CssLink):
            key = name or child.get_name()
            if key in UNUSED:
                return self
            child.url = LOCAL.get(key, child.url)
            if is_outside(child.url):
                raise ConfigError(
                    zh=f"页面会访问外部地址 {child.url}({key}),已停止。",
                    en=f"The page would call {child.url} ({key}); refused.",
                )
        return super().add_child(child, name=name, index=index)


def is_outside(url: str) -> bool:
    """Whether an address leaves this server."""
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme not in ("", "data")
