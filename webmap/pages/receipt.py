"""The page on which anybody with a receipt follows a case; what is told is decided in :mod:`webmap.reporting.following`.

The receipt stands behind the ``#`` of the address: it is in no log and in no referrer.
"""

from flask import Blueprint, Response, make_response, render_template, request

from webmap.api import asking
from webmap.auth import gate
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages.views import script_safe
from webmap.security.csrf import csrf_token

pages = Blueprint("receipt", __name__)


@pages.get("/receipt")
def page() -> Response:
    """The page; it knows no case."""
    services, lang = asking.services(), asking.lang()
    settings, text = services.settings(), catalog(lang)
    account = services.store.sessions.who(gate.token(), now=services.clock())
    actions = frozenset() if account is None else account.actions
    orders = "see_events" in actions
    told = {"zone": services.zone, "orders": orders, "csrf": csrf_token(gate.token())}
    shown = {key: value for key, value in text.items() if key.startswith(("receipt.", "report."))}
    response = make_response(
        render_template(
            "receipt.html",
            lang=lang,
            tag=TAGS[lang],
            text=text,
            district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
            orders=orders,
            reports="report_events" in actions or services.config.public_reports == "on",
            told=script_safe(told),
            texts=script_safe(shown),
        )
    )
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response
