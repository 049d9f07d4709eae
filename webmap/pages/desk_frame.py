"""What the pages of the desks share: the frame around them, who may go where, and the names that their scripts need.

It decides nothing about cases: what an account may do with one is decided where the case is moved.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, make_response, render_template, request

from gis.dispatch import moves, states
from gis.errors import Lang
from gis.incidents import taxonomy
from webmap.api import asking
from webmap.auth import gate
from webmap.auth.permissions import OPERATOR
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.pages import choices
from webmap.pages.views import script_safe
from webmap.security.csrf import csrf_token
from webmap.security.headers import nonce
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.sessions import Account

SHARED = ("format", "i18n", "live", "state")
"""Scripts of the map page that the desks use as well."""

MODULES = (
    "board", "board_charts", "bulk", "case", "case_files", "case_map", "case_parts", "filters", "keys", "move_form", "notices", "patrol", "routing", "rows",
    "talk", "theme", "words", "work", "zone",
)  # fmt: skip
"""Scripts of the desks, each one job, under ``static/desk``."""

SOURCES = (
    "12345", "web", "phone", "grid", "inspection", "police", "camera", "sensor", "open311", "department",
)  # fmt: skip
"""Where cases come from, as filters and rules offer them."""

WAYS = {
    "work": ("/desk", "see_own_events", "desk.work"),
    "report": ("/report/", "report_events", "report.page"),
    "board": ("/desk/board", "see_analyses", "desk.board"),
    "routing": ("/desk/routing", "see_events", "desk.routing"),
    "side": ("/side", "see_own_orders", "side_page.page"),
    "map": ("/", "see_map", "pages.index"),
}
"""Pages of the header, what each asks of a role, and its route; nobody is shown a way that is shut or not there."""

PARTS = {
    "photos": ("photos.photos", ""),
    "case_pdf": ("casefiles.document", ""),
    "case_zip": ("casefiles.archive", "export_points"),
    "notifications": ("notifications.told", ""),
}
"""What a page shows where the application has it: its route, and what that asks of a role beyond seeing the case."""

_TEXTS = ("desk.", "case.", "board.", "routing.", "level.", "source.", "filter.", "place.", "status.", "theme.", "map.", "export.", "list.", "menu.", "street.sign_in", "module.", "weekday.")  # fmt: skip


def page(here: str, script: str, **values: Any) -> Response:
    """A page of the desks.

    Parameters
    ----------
    here
        The way of ``WAYS`` that is marked as the present one; ``case`` marks none.
    script
        Name of its first script.
    values
        More values for the template ``desk_<here>.html``.
    """
    services, viewer, lang, mine = asking.services(), asking.viewer(), asking.lang(), gate.account()
    text, settings = catalog(lang), services.settings()
    csrf = csrf_token(gate.token())
    body = render_template(
        f"desk_{here}.html",
        lang=lang,
        tag=TAGS[lang],
        text=text,
        here=here,
        script=script,
        ways=[
            {"key": key, "href": href}
            for key, (href, action, endpoint) in WAYS.items()
            if action in mine.actions and endpoint in current_app.view_functions
        ],
        other_lang=_in_other_language(lang),
        district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
        account=mine.display,
        boot=script_safe(boot(services, viewer, mine, lang) | {"csrf": csrf}),
        texts=script_safe({key: value for key, value in text.items() if key.startswith(_TEXTS)}),
        imports=script_safe({"imports": imports()}),
        nonce=nonce(),
        csrf=csrf,
        version=services.version(),
        **values,
    )
    response = make_response(body)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    if request.args.get("lang") in LANGS:
        response.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def boot(services: Services, viewer: Viewer, mine: Account, lang: Lang) -> dict[str, Any]:
    """Names and choices; nothing of any case. JSON-safe."""
    areas = services.areas(viewer)
    own = services.store.units.of_account(mine.name)
    return {
        "lang": lang,
        "zone": services.zone,
        "seq": services.store.change_seq(),
        "version": services.version(),
        "may": sorted(mine.actions),
        "areas": choices.area_rows(areas),
        "leaf": services.tree(viewer).leaf_level if len(areas) else "",
        "categories": [
            {"code": row.code, "name": row.zh if lang == "zh" else row.en, "module": row.module}
            for row in taxonomy.categories().itertuples()
            if row.scheme == "wangge"
        ],
        "sources": list(SOURCES),
        "states": [{"key": each.name, "zh": each.zh, "en": each.en, "live": each.live} for each in states().values()],
        "moves": named_moves(),
        "my_moves": sorted(moves_of(mine)),
        "parts": [
            part
            for part, (endpoint, action) in PARTS.items()
            if endpoint in current_app.view_functions and (not action or action in mine.actions)
        ],
        # The rules are one table for the whole district: who is limited to some areas reads them.
        "edits_rules": "manage_routing" in mine.actions and mine.viewer("manage_routing").is_unlimited,
        "units": [
            {"code": unit.code, "zh": unit.zh, "en": unit.en or unit.zh, "tier": unit.tier, "mine": unit.code in own}
            for unit in services.store.units.list()
        ],
    }


def named_moves() -> list[dict[str, Any]]:
    """Every move once, with all states that take it, and its first name where it has several."""
    found: dict[str, dict[str, Any]] = {}
    for move in moves():
        held = found.setdefault(
            move.name, {"key": move.name, "zh": move.zh, "en": move.en, "sources": [], "needs": list(move.needs)}
        )
        held["sources"] += [state for state in move.sources if state not in held["sources"]]
        held["needs"] += [need for need in move.needs if need not in held["needs"]]
    return list(found.values())


def moves_of(mine: Account) -> set[str]:
    """Moves that some role of an account may make; whether this case takes it is asked with the case."""
    roles = {grant.role for grant in mine.grants}
    return {move.name for move in moves() if OPERATOR in roles or roles & move.roles}


def imports() -> Mapping[str, str]:
    """The import map: the desks' own scripts and those of the map page that they use."""
    own = {f"desk/{name}": f"/static/desk/{name}.js" for name in MODULES}
    return own | {f"wangge/{name}": f"/static/js/{name}.js" for name in SHARED}


def _in_other_language(lang: Lang) -> str:
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*asked, ('lang', 'en' if lang == 'zh' else 'zh')])}"
