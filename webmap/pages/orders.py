"""The page on which a desk brings in a file of 12345 work orders; what it sends is in ``webmap.api.workorders``."""

from flask import Blueprint, Response, make_response, render_template, request

from webmap.api import asking
from webmap.auth import gate
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages.views import script_safe
from webmap.security.csrf import csrf_token

pages = Blueprint("orders_page", __name__)


@pages.get("/workorders")
def page() -> Response:
    """The page; it holds no order."""
    services, lang = asking.services(), asking.lang()
    settings, text = services.settings(), catalog(lang)
    response = make_response(
        render_template(
            "orders.html",
            lang=lang,
            tag=TAGS[lang],
            text=text,
            district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
            csrf=csrf_token(gate.token()),
            texts=script_safe({key: value for key, value in text.items() if key.startswith("orders.")}),
        )
    )
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response
