"""The service around the library: records, pages, API and command line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webmap.services import Services


def create_app(services: "Services") -> "Flask":
    """The Flask application over open services.

    Parameters
    ----------
    services
        Store, configuration and library objects; the application holds nothing else.
    """
    from flask import Flask

    from webmap.api import (
        alarms,
        around,
        board,
        cameras,
        case_patrols,
        casefiles,
        events,
        forecasts,
        hotspots,
        key_areas,
        layers,
        live,
        notifications,
        openapi,
        patrol,
        photos,
        plan_life,
        profile,
        receipts,
        reports,
        results,
        rosters,
        routing,
        side_desks,
        tiles,
        workorders,
    )
    from webmap.api import views as saved_views
    from webmap.api.errors import install_errors
    from webmap.api.open311 import views as open311
    from webmap.auth.gate import install_gate
    from webmap.auth.views import auth
    from webmap.ops import health
    from webmap.ops.compression import install_compression
    from webmap.ops.metrics import Metrics
    from webmap.ops.requestlog import install_request_log
    from webmap.pages import desk, orders, public, receipt, register, report, roster, side, street, trial, views
    from webmap.security.headers import install_headers

    app = Flask("webmap", static_folder="static", static_url_path="/static")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["wangge"] = services
    # Hooks after a request run in reverse: encoding comes last, the line of the log before it.
    install_compression(app)
    install_request_log(app, Metrics(streams=lambda: services.changes.streams, version=services.version))
    install_headers(app, services.config)
    install_errors(app)
    install_gate(app, services, open_to=health.ENDPOINTS | {openapi.ENDPOINT})
    for blueprint in (
        views.pages,
        health.ops,
        auth,
        openapi.api,
        saved_views.api,
        cameras.api,
        layers.api,
        results.api,
        tiles.api,
        live.api,
        profile.api,
        hotspots.api,
        patrol.api,
        plan_life.api,
        forecasts.api,
        rosters.api,
        notifications.api,
        photos.api,
        casefiles.api,
        open311.api,
        events.api,
        routing.api,
        around.api,
        case_patrols.api,
        board.api,
        desk.pages,
        side_desks.api,
        key_areas.api,
        public.pages,
        register.pages,
        trial.pages,
        street.pages,
        roster.pages,
        reports.api,
        receipts.api,
        alarms.api,
        workorders.api,
        orders.pages,
        report.pages,
        receipt.pages,
        side.pages,
    ):
        app.register_blueprint(blueprint)
    return app
