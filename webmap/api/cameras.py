"""Cameras: what each sees, what nobody sees, what would change, where the next one belongs. Nothing is computed here."""

from flask import Blueprint, Response, jsonify, request

from gis.errors import FilterError, InputError
from webmap import camera_rules, camera_sites, camera_studies, cameras
from webmap.api import asking, camera_asking
from webmap.api.geojson import feature_collection, features

api = Blueprint("cameras", __name__, url_prefix="/api/cameras")

LEVELS = ("district", "street", "community", "grid")


@api.get("/views.geojson")
def views() -> Response:
    """Visible areas of the working cameras; all round, marked ``may``, where the direction is not known."""
    band, light = asking.text("band"), asking.text("light") or "day"
    return asking.cached(
        lambda: feature_collection(cameras.views_table(asking.services(), asking.viewer(), band, light=light))
    )  # fmt: skip


@api.get("/depth.geojson")
def depth() -> Response:
    """Ground seen by one, by two, and by three or more cameras."""
    told = camera_asking.counted()
    return asking.cached(
        lambda: feature_collection(
            cameras.depth_table(asking.services(), asking.viewer(), told.basis, band=told.band, light=told.light)
        )
    )


@api.get("/coverage.json")
def coverage() -> Response:
    """Ground, streets, places and incidents that are seen by one, two, three cameras, with denominators."""
    asked, band, light = asking.incident_filter(), asking.text("band"), asking.text("light") or "day"
    return asking.cached(
        lambda: jsonify(cameras.summary(asking.services(), asking.viewer(), asked, band=band, light=light))
    )


@api.get("/tables.json")
def tables() -> Response:
    """The district's rules: pixel bands, targets by point class, reach by kind of place, costs of siting."""
    return asking.cached(lambda: jsonify(camera_rules.told(asking.services())))


@api.get("/masks.geojson")
def masks() -> Response:
    """Ground that must not be watched."""
    return asking.cached(lambda: feature_collection(camera_rules.masks_table(asking.services(), asking.viewer())))


@api.put("/masks/<mask>")
def put_mask(mask: str) -> tuple[Response, int]:
    """Keep a zone that must not be watched: a GeoJSON feature with ``name``, ``reason`` and, for one alone, ``camera``."""
    body = request.get_json(silent=True)
    told = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(told, dict):
        raise InputError(zh="请求内容应为 GeoJSON 要素。", en="The body is a GeoJSON feature.")
    name, reason, camera = (str(told.get(key) or "") for key in ("name", "reason", "camera"))
    camera_rules.put_mask(
        asking.services(), mask, body.get("geometry"), name=name, reason=reason, camera=camera, viewer=asking.viewer()
    )
    return jsonify({"id": mask, "name": name, "reason": reason, "camera": camera}), 201


@api.delete("/masks/<mask>")
def remove_mask(mask: str) -> tuple[str, int]:
    """Drop a zone."""
    camera_rules.remove_mask(asking.services(), mask, viewer=asking.viewer())
    return "", 204


@api.get("/areas.json")
def areas() -> Response:
    """The same of every area of a level."""
    asked, level = asking.incident_filter(), asking.text("level") or "street"
    if level not in LEVELS:
        raise FilterError(zh=f"level 只能是 {'、'.join(LEVELS)}。", en=f"level is one of {', '.join(LEVELS)}.")
    told = camera_asking.counted()
    return asking.cached(
        lambda: jsonify(
            cameras.by_area(
                asking.services(), asking.viewer(), level, asked, basis=told.basis, band=told.band, light=told.light
            )
        )
    )


@api.get("/blind-spots.geojson")
def blind_spots() -> Response:
    """Ground that nobody sees, by rank, with what it holds and why."""
    asked, limit = asking.incident_filter(), asking.whole("limit", 100, low=1, high=500)
    return asking.cached(
        lambda: feature_collection(camera_studies.blind_table(asking.services(), asking.viewer(), asked, limit=limit))
    )


@api.get("/resilience.json")
def resilience() -> Response:
    """What failures cost, what hangs on one camera, coverage at 98 % and 95 % availability, planned maintenance."""
    asked, off = asking.incident_filter(), asking.texts("off")
    return asking.cached(
        lambda: jsonify(camera_studies.resilience(asking.services(), asking.viewer(), asked, off=off))
    )  # fmt: skip


@api.get("/what-if.json")
def what_if() -> Response:
    """Coverage before and after changes that are not kept: ``change=id,lon,lat[,azimuth,angle,range_m,height_m]``."""
    asked, told = asking.incident_filter(), camera_asking.question()

    def make() -> Response:
        answer, seen = camera_studies.what_if(
            asking.services(), asking.viewer(), told.changes, asked, off=told.off, band=told.band, light=told.light
        )
        return jsonify(answer | {"views": features(seen)})

    return asking.cached(make)


@api.get("/sites.geojson")
def sites() -> Response:
    """Where new cameras would see most of what is not seen, or the fewest for a share, with a bound on any choice."""
    asked, question = asking.incident_filter(), camera_asking.site_question()

    def make() -> Response:
        answer = camera_sites.propose(asking.services(), asking.viewer(), asked, question)
        return feature_collection(answer.table, **answer.as_dict())

    return asking.cached(make)


@api.get("/register.json")
def register() -> Response:
    """The register held against the rules for public-safety video: a summary and every finding."""

    def make() -> Response:
        found = camera_studies.check(asking.services(), asking.viewer())
        return jsonify(
            on=found.on.isoformat(),
            summary=found.summary.to_dict("records"),
            findings=found.findings.drop(columns="row").to_dict("records"),
        )

    return asking.cached(make)


@api.get("/<camera>/history.json")
def history(camera: str) -> Response:
    """Every status that a camera had."""
    return jsonify(camera_studies.history(asking.services(), asking.viewer(), camera))
