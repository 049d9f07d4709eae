"""What a request asks of hot spots: method, settings, the period to compare with; and whose cameras may be told.

It reads the request and never the store.
"""

from gis.errors import FilterError
from gis.hotspots import HotCellOptions
from webmap.api import asking
from webmap.auth import gate
from webmap.auth.permissions import effective
from webmap.hotspots.question import HotSpotQuestion
from webmap.store import Viewer

DEFAULTS = ("drop", "keep")


def question() -> HotSpotQuestion:
    """``method``, ``cell``, ``reach`` (m), ``step`` (days), ``defaults`` and ``versus`` of the query.

    Raises
    ------
    FilterError
        Something of it makes no sense.
    """
    defaults = asking.text("defaults") or "drop"
    if defaults not in DEFAULTS:
        raise FilterError(zh="defaults 只能是 drop 或 keep。", en="defaults is drop or keep.")
    options = HotCellOptions(
        cell_m=asking.number("cell"),
        band_m=asking.number("reach"),
        step_days=asking.number("step"),
        drop_defaults=defaults == "drop",
    )
    usual = HotSpotQuestion()
    return HotSpotQuestion(
        method=asking.text("method") or usual.method, options=options, versus=asking.text("versus") or usual.versus
    )


def camera_viewer(*, leaves: bool = False) -> Viewer | None:
    """The reader limited to the areas in which they may see cameras; None where that is nowhere.

    Parameters
    ----------
    leaves
        For what leaves as a file, taking points away must be granted too.
    """
    grants = gate.account().grants
    areas = effective(grants, "export_points" if leaves else "see_cameras")
    if not areas or not effective(grants, "see_cameras"):
        return None
    here = asking.viewer()
    return Viewer(here.actor, here.role, () if areas == ("",) else areas)
