"""The register check as a page to read and print. What is checked is decided in :mod:`gis.cameras.compliance`."""

from flask import Blueprint, Response, make_response, render_template, request

from webmap import camera_studies
from webmap.api import asking
from webmap.i18n import TAGS, catalog

pages = Blueprint("register", __name__)

MOST_ROWS = 500
"""Findings on one page; the file of the export ``camera_check`` holds all of them."""


@pages.get("/cameras/register")
def page() -> Response:
    """Summary by rule with denominators, then the findings, wrong ones first; ``rule`` shows one rule alone."""
    services, viewer, lang = asking.services(), asking.viewer(), asking.lang()
    found = camera_studies.check(services, viewer)
    rule = request.args.get("rule", "")
    rows = found.findings if not rule else found.findings[found.findings["rule"] == rule]
    settings = services.settings()
    body = render_template(
        "register.html",
        lang=lang,
        tag=TAGS[lang],
        text=catalog(lang),
        on=found.on.isoformat(),
        district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
        summary=found.summary.to_dict("records"),
        findings=rows.head(MOST_ROWS).to_dict("records"),
        total=len(rows),
        wrong=int((rows["state"] == "wrong").sum()),
        rule=rule,
    )
    response = make_response(body)
    response.headers["Content-Language"] = TAGS[lang]
    response.headers["Cache-Control"] = "private, no-cache"
    return response
