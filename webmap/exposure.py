"""How a result of the service treats what patrols found themselves: left out, unless the reader asked for it. Counts, never a place."""

from dataclasses import replace
from typing import Any

from gis.forecast.feedback import Learner, exposure_statement
from gis.incidents import IncidentFilter
from webmap.i18n import LANGS
from webmap.services import Services
from webmap.store import Viewer


def exposure_of(services: Services, viewer: Viewer, asked: IncidentFilter) -> dict[str, Any]:
    """How hot spots, heat and patrol demand under a filter treat patrol findings, as a sentence in both languages, and how many there are.

    Returns
    -------
    exposure
        ``treatment`` (``reports``; ``naive`` where the filter asks for findings), ``findings``, ``zh``, ``en``.
    """
    found = services.tally(viewer, replace(asked, found_by=("patrol",))).total
    treatment: Learner = "naive" if "patrol" in asked.found_by else "reports"
    told: dict[str, str] = {lang: exposure_statement(treatment, lang, findings=found) for lang in LANGS}
    return {"treatment": treatment, "findings": found, **told}
