"""The pages of the desks: the list of work, one case, the board, the rules of routing. Scripts ask for what they show and send the moves.

Whether a case may be seen is decided where it is kept; nothing is moved here.
"""

from flask import Blueprint, Response

from webmap.api import asking
from webmap.auth import gate
from webmap.cases import casefile
from webmap.cases.who import viewer_of
from webmap.pages.desk_frame import page
from webmap.pages.views import script_safe

pages = Blueprint("desk", __name__)


@pages.get("/desk")
def work() -> Response:
    """My work list; its filters stand in the address."""
    return page("work", "work")


@pages.get("/desk/<event_id>")
def case(event_id: str) -> Response:
    """One case with its history, its clocks and what may be done with it."""
    found = casefile.one(asking.services(), event_id, viewer=viewer_of(gate.account()))
    return page("case", "case", case=script_safe(found))


@pages.get("/desk/board")
def board() -> Response:
    """What came in, what was due and what was done, each with numerator, denominator and period."""
    return page("board", "board")


@pages.get("/desk/routing")
def routing() -> Response:
    """The rules that say which unit a report goes to."""
    return page("routing", "routing")
