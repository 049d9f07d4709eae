"""The report form: a web page and an installable phone page that works without a network. The service worker keeps it.

What is told goes to ``webmap.api.reports``. Nothing of a person is on it, and the device's position is asked for once, by a button.
"""

import hashlib
import json
from functools import lru_cache
from importlib.resources import files

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from webmap.api import asking
from webmap.api.reports import reporter
from webmap.auth import gate
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages.street import ICONS
from webmap.pages.views import script_safe
from webmap.reporting import choices
from webmap.reporting.ground import ground as ground_of
from webmap.security.csrf import csrf_token

pages = Blueprint("report", __name__)

SCOPE = "/report/"
_MODULES = ("page", "cards", "category", "drafts", "photos", "place", "words")
_KEPT = (
    "/static/report/page.css",
    *(f"/static/report/{name}.js" for name in _MODULES),
    "/static/js/photo_mask.js",
    "/static/vendor/leaflet/leaflet.js",
    "/static/vendor/leaflet/leaflet.css",
    "/patrol/icon.svg",
    *(f"/patrol/icon-{side}.png" for side in ICONS),
    f"{SCOPE}manifest.webmanifest",
)
_SHOWN = ("report.", "source.", "level.", "map.zoom", "photo.")


@pages.get("/report/")
def page() -> Response:
    """The form."""
    services, lang, who = asking.services(), asking.lang(), reporter()
    settings, text = services.settings(), catalog(lang)
    district = settings.get(f"name_{lang}") or settings.get("name_zh", "")
    account = None if gate.is_visitor() else gate.account()
    told = {
        "who": who.mark,
        "zone": services.zone,
        "area": district if who.viewer.is_unlimited else text["report.your_area"],
        "sources": [{"code": source.code, "found_by": source.found_by} for source in who.sources],
        "groups": choices.groups(lang, public=who.is_public),
    }
    body = render_template(
        "report.html",
        lang=lang,
        tag=TAGS[lang],
        text=text,
        district=district,
        sources=who.sources,
        told=script_safe(told),
        texts=script_safe({key: value for key, value in text.items() if key.startswith(_SHOWN)}),
        account=account,
        home=account is not None and "see_map" in account.actions,
        csrf=csrf_token(gate.token()),
    )
    response = make_response(body)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


@pages.get("/report/ground.json")
def ground() -> Response:
    """Outlines, streets and names for the map of the form."""
    services, viewer = asking.services(), asking.viewer()
    places = not gate.is_visitor()
    return asking.cached(
        lambda: jsonify(services.keep(("ground", places), viewer, lambda: ground_of(services, viewer, places=places))),
        parts=[places],
    )


@pages.get("/report/sw.js")
def worker() -> Response:
    """The service worker, with the files it keeps and a version made of them."""
    response = Response(worker_script(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/report/manifest.webmanifest")
def manifest() -> Response:
    """What a phone must know to install the page; nothing of the district is in it."""
    lang = asking.lang()
    text = catalog(lang)
    drawn = [{"src": f"/patrol/icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png"} for side in ICONS]
    told = {
        "id": SCOPE,
        "name": text["report.title"],
        "short_name": text["report.short"],
        "lang": TAGS[lang],
        "start_url": SCOPE,
        "scope": SCOPE,
        "display": "standalone",
        "background_color": "#f2f5f8",
        "theme_color": "#0b4f8f",
        "icons": [
            {"src": "/patrol/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            *drawn,
            {**drawn[-1], "purpose": "maskable"},
        ],
    }
    response = Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def worker_script() -> str:
    """The service worker as text; its version changes with any file that it keeps."""
    static = files("webmap") / "static"
    script = (static / "report" / "sw.js").read_text("utf-8")
    kept = [static.joinpath(*path.split("/")[2:]) for path in _KEPT if path.startswith("/static/")]
    digest = hashlib.sha256(script.encode("utf-8"))
    for path in kept:
        digest.update(path.read_bytes())
    version = digest.hexdigest()[:12]
    return script.replace("__VERSION__", version).replace("__ASSETS__", json.dumps(_KEPT))
