"""The door of every request: who asks, whether they may, and where. A route that is not in the table is shut.

Views and API ask here for the viewer and never look at sessions or roles themselves. It decides nothing about rows:
the store filters those by the viewer it is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis.errors import AuthError, NotFoundError, ScopeError
from gis.exports.shapes import NO_PUBLIC
from webmap.security.csrf import require_same_site, require_token
from webmap.security.limits import Limits
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.audit import AuditEntry
from webmap.store.sessions import Account

COOKIE = "wangge_session"
Decide = Callable[[Mapping[str, Any]], str]


POINT_EXPORTS = NO_PUBLIC | {"incidents"}
"""Exports that tell where single incidents or cameras are."""


def _layer_action(values: Mapping[str, Any]) -> str:
    return "see_cameras" if values.get("name") == "cameras" else "see_map"


def _vector_action(values: Mapping[str, Any]) -> str:
    return {"cameras": "see_cameras", "incidents": "see_points"}.get(str(values.get("layer")), "see_map")


def _export_action(values: Mapping[str, Any]) -> str:
    if values.get("layer") in POINT_EXPORTS:
        return "export_points"
    if values.get("layer") == "key_areas":
        return "see_key_areas"
    return "see_plans" if values.get("layer") in ("patrol", "beats") else "export"


ANYBODY = frozenset(
    {
        "static",
        "auth.sign_in_page",
        "auth.sign_in",
        "auth.oidc_start",
        "auth.oidc_back",
        "public.page",
        "public.data",
        "public.areas",
        "street.worker",
        "street.manifest",
        "street.icon",
        "street.icon_drawn",
        "report.worker",
        "report.manifest",
        "receipt.page",
        "receipts.follow",
        "receipts.move",
        "alarms.receive",
        "open311.discovery",
        "open311.services",
        "open311.definition",
        "open311.create",
        "open311.token",
        "open311.several",
        "open311.one",
    }
)
"""Routes that need no sign-in: they show nothing of the district, or nothing without a receipt or a key."""

VISITORS = frozenset(
    {"report.page", "report.ground", "reports.session", "reports.check", "reports.send", "reports.photo"}
)
"""Routes that let somebody without an account report, where the operator switched that on."""

VISITOR = Viewer("public", "reporter", ())
"""Whoever reports without an account. Of cases these routes tell no more than their own, and what is near in coarse words."""

SIGNED_IN = frozenset(
    {
        "auth.sign_out",
        "auth.account",
        "auth.change_password",
        "auth.revoke_session",
        "auth.start_totp",
        "auth.confirm_totp",
        "views.saved",
        "views.save",
        "views.delete",
        "notifications.told",
        "notifications.read",
    }
)
"""Routes that concern the account itself, whatever its roles."""

ACTIONS: dict[str, str | Decide] = {
    "pages.index": "see_map",
    "side_page.page": "see_map",
    "layers.boot": "see_map",
    "layers.areas": "see_map",
    "layers.layer": _layer_action,
    **dict.fromkeys(
        (
            "cameras.views",
            "cameras.depth",
            "cameras.coverage",
            "cameras.areas",
            "cameras.blind_spots",
            "cameras.resilience",
            "cameras.what_if",
            "cameras.sites",
            "cameras.register",
            "cameras.history",
            "cameras.tables",
            "cameras.masks",
            "register.page",
            "trial.page",
        ),
        "see_cameras",
    ),
    "cameras.put_mask": "mask_cameras",
    "cameras.remove_mask": "mask_cameras",
    "results.summary": "see_analyses",
    "results.incidents": "see_points",
    "results.export": _export_action,
    "results.standalone": "export_points",
    "tiles.heat": "see_analyses",
    "tiles.heat_tile": "see_analyses",
    "tiles.vector_tile": _vector_action,
    "live.changes": "see_map",
    "live.live": "see_map",
    "profile.profile": "see_analyses",
    "profile.compare": "see_analyses",
    **dict.fromkeys(("hotspots.areas", "hotspots.lines", "hotspots.trend_layer"), "see_analyses"),
    "hotspots.cameras": "see_cameras",
    "hotspots.brief": "export",
    "results.style": "export",
    **dict.fromkeys(("forecasts.coming", "forecasts.listed", "forecasts.one", "forecasts.make"), "see_analyses"),
    "patrol.plans": "see_plans",
    "patrol.latest": "see_plans",
    "patrol.plan": "see_plans",
    "patrol.gpx": "see_plans",
    "patrol.ical": "see_plans",
    "patrol.kml": "see_plans",
    "patrol.workbook": "see_plans",
    "patrol.sheet": "see_plans",
    **dict.fromkeys(
        (
            "plan_life.life",
            "plan_life.explain",
            "plan_life.done",
            "plan_life.dosage",
            "plan_life.newer",
            "street.choose",
            "street.page",
        ),
        "see_plans",
    ),
    **dict.fromkeys(
        (
            *("plan_life.make", "plan_life.edit", "plan_life.replan", "plan_life.discard", "plan_life.one_more"),
            *("case_patrols.plans", "case_patrols.send"),
        ),
        "make_plans",
    ),
    **dict.fromkeys(("plan_life.publish", "plan_life.start", "plan_life.close", "plan_life.withdraw"), "publish_plans"),
    **dict.fromkeys(("plan_life.session", "plan_life.check_in"), "check_in"),
    **dict.fromkeys(("rosters.roster", "roster_page.page"), "see_plans"),
    "rosters.effect": "see_analyses",
    **dict.fromkeys(
        (
            *("rosters.put_template", "rosters.remove_template", "rosters.due", "rosters.copy"),
            *("rosters.put_pattern", "rosters.remove_pattern", "rosters.put_groups", "rosters.remove_groups"),
            *("rosters.put_holidays", "rosters.remove_holidays"),
        ),
        "make_plans",
    ),
    **dict.fromkeys(VISITORS, "report_events"),
    "receipts.order": "see_events",
    **dict.fromkeys(("workorders.receive", "orders_page.page"), "dispatch_events"),
    **dict.fromkeys(("photos.photos", "photos.add", "photos.photo", "casefiles.document"), "see_own_events"),
    "casefiles.archive": "export_points",
    "events.create": "report_events",
    **dict.fromkeys(
        (
            *("events.page", "events.work_list", "events.states", "events.one", "events.moves", "events.duplicates"),
            *("events.transition", "events.transitions", "routing.units"),
        ),
        "see_own_events",
    ),
    **dict.fromkeys(("routing.rules", "routing.preview", "desk.routing"), "see_events"),
    **dict.fromkeys(("desk.work", "desk.case", "around.nearby"), "see_own_events"),
    **dict.fromkeys(("desk.board", "board.figures", "board.file"), "see_analyses"),
    "routing.put_rules": "manage_routing",
    **dict.fromkeys(("side.dispute_page", "side.dispute", "side.move_dispute", "side.committees"), "see_own_disputes"),
    "side.register": "register_disputes",
    **dict.fromkeys(("side.due", "side.checklists", "side.schedules", "side.schedule"), "see_inspections"),
    **dict.fromkeys(("side.plan", "side.end"), "plan_inspections"),
    "side.check": "report_events",
    **dict.fromkeys(("side.orders", "side.order", "side.move_order"), "see_own_orders"),
    "side.give": "supervise_units",
    **dict.fromkeys(("keyareas.areas", "keyareas.shapes", "keyareas.area"), "see_key_areas"),
    **dict.fromkeys(("keyareas.move", "keyareas.measure", "keyareas.check"), "see_key_areas"),
    "keyareas.propose": "propose_key_areas",
    "keyareas.effect": "see_analyses",
    "auth.audit_log": "read_audit",
}
"""What each route asks of a role; where an answer depends on the route's values, a function of them."""

AFTER_PASSWORD_CHANGE = frozenset({"auth.sign_out", "auth.account", "auth.change_password"})
"""All that an account may do whose password was given by somebody else."""

READS = {
    "results.incidents": "incidents",
    **dict.fromkeys(
        ("events.page", "events.work_list", "events.one", "events.duplicates", "desk.case", "around.nearby"), "events"
    ),
    **dict.fromkeys(("side.dispute_page", "side.dispute"), "disputes"),
} | {name: "cameras" for name, action in ACTIONS.items() if action == "see_cameras"}
"""Routes that show exact points, and of what: each view is one row of the audit log."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install_gate(app: Flask, services: Services, *, open_to: frozenset[str] = frozenset()) -> None:
    """Put the door before every route.

    Parameters
    ----------
    open_to
        More routes that anybody may ask, such as those of the health of the server.
    """
    limits = Limits(services.config)

    @app.before_request
    def enter() -> AnyResponse | None:
        endpoint = request.endpoint
        if endpoint is None:
            # No such page: the answer is the same for everybody.
            return None
        limits.check(endpoint, request.remote_addr or "")
        if any("\x00" in str(value) for value in (request.view_args or {}).values()):
            # No record has such an id; PostgreSQL would answer as if it were out of reach, which asks for another try.
            raise NotFoundError(zh="没有这个地址。", en="There is no such address.")
        if endpoint not in open_to and endpoint != "static":
            services.hold()
        if request.method not in SAFE:
            require_same_site(request)
        if endpoint in ANYBODY or endpoint in open_to:
            return None
        account = services.store.sessions.who(token(), now=services.clock())
        if account is None and endpoint in VISITORS and services.config.public_reports == "on":
            limits.check_visitor(endpoint, request.remote_addr or "")
            g.viewer = VISITOR
            return None
        if account is None:
            return _to_sign_in()
        g.account = account
        if request.method not in SAFE:
            require_token(request, token())
        return _admit(account, endpoint)

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        services.let_go()

    @app.after_request
    def note_reads(response: Response) -> Response:
        subject = _points_read(request.endpoint or "", request.view_args or {})
        if subject and response.status_code in (200, 304):
            services.note_read(
                AuditEntry(
                    "points.read",
                    viewer().actor,
                    services.clock(),
                    subject=subject,
                    area=request.args.get("area", ""),
                    detail={"path": request.path, "query": request.query_string.decode("ascii", "replace")[:500]},
                )
            )
        return response


def _points_read(endpoint: str, values: Mapping[str, Any]) -> str:
    """Whose exact places an answer shows; empty where it shows none."""
    if endpoint == "layers.layer" and values.get("name") == "cameras":
        return "cameras"
    if endpoint == "tiles.vector_tile" and values.get("layer") in ("cameras", "incidents"):
        return str(values["layer"])
    return READS.get(endpoint, "")


def _admit(account: Account, endpoint: str) -> AnyResponse | None:
    """Set the viewer of this request, or send the reader where they may go.

    Raises
    ------
    ScopeError
        The account may not do it.
    """
    if account.must_change and endpoint not in AFTER_PASSWORD_CHANGE:
        return _to_account()
    if endpoint in SIGNED_IN:
        return None
    if endpoint not in ACTIONS:
        raise ScopeError(zh="没有此项权限。", en="This is not granted to anybody.")
    if endpoint == "pages.index" and "see_map" not in account.actions:
        return redirect("/account")
    action = action_of(endpoint, request.view_args or {})
    g.viewer = account.viewer(action)
    if endpoint == "results.export" and action == "see_plans":
        # A plan as a file needs both: to see it, and to take files away.
        account.viewer("export")
    return None


def token() -> str:
    """The session token that the browser sent; empty without one."""
    return request.cookies.get(COOKIE, "")


def account() -> Account:
    """Who is signed in.

    Raises
    ------
    AuthError
        Nobody is.
    """
    if "account" not in g:
        raise _nobody()
    found: Account = g.account
    return found


def is_visitor() -> bool:
    """Whether this request comes from somebody without an account."""
    return "account" not in g


def viewer() -> Viewer:
    """Who asks, limited to the areas in which they may do what this route does.

    Raises
    ------
    AuthError
        The route did not pass the door.
    """
    if "viewer" not in g:
        raise _nobody()
    found: Viewer = g.viewer
    return found


def nameless() -> Viewer:
    """The viewer of this request without a name, from here on: its line in the log of requests has none either."""
    g.viewer = replace(viewer(), actor="")
    return viewer()


def action_of(endpoint: str, values: Mapping[str, Any]) -> str:
    """What a route asks of a role; empty where it asks nothing."""
    asked = ACTIONS.get(endpoint, "")
    return asked if isinstance(asked, str) else asked(values)


def _is_page() -> bool:
    return not request.path.startswith(("/api/", "/export/", "/tiles/", "/live"))


def _to_sign_in() -> AnyResponse:
    if not _is_page():
        raise _nobody()
    here = request.full_path.rstrip("?")
    return redirect(f"/sign-in?{_query(next=here)}" if here != "/" else "/sign-in")


def _to_account() -> AnyResponse:
    if not _is_page():
        raise ScopeError(zh="请先修改初始密码。", en="Change your first password before anything else.")
    return redirect("/account")


def _query(**values: str) -> str:
    return urlencode(values)


def _nobody() -> AuthError:
    return AuthError(zh="请先登录。", en="Please sign in.")
