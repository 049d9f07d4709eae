"""The one area that a plan or a forecast is of: what was asked for, or the viewer's own. It computes nothing of either."""

from dataclasses import replace

from gis.errors import InputError, NotFoundError
from webmap.services import Services
from webmap.store import Viewer


def one_area(services: Services, viewer: Viewer, area: str) -> tuple[Viewer, str]:
    """The viewer limited to one area, and its code; empty for a viewer of everything who names none.

    Raises
    ------
    InputError
        The viewer sees several areas and does not say which.
    NotFoundError
        No such area that they see.
    """
    if not area and not viewer.is_unlimited:
        if len(viewer.areas) > 1:
            raise InputError(
                zh=f"请选择一个区域:{'、'.join(viewer.areas)}。",
                en=f"Say which of your areas is meant: {', '.join(viewer.areas)}.",
            )
        area = viewer.areas[0]
    if not area:
        return viewer, area
    if area not in set(services.areas(viewer)["code"]):
        raise NotFoundError(zh=f"没有编码为 {area} 的区域。", en=f"There is no area with code {area}.")
    return replace(viewer, areas=(area,)), area
