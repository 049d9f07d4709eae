"""What a case page offers beside its moves: a patrol sent to it, photos, the case file, notices that lead somewhere."""

import io
import json
import math
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest

from gis.calendar import SHIFTS, shift_window
from gis.dispatch import Detail, states
from tests.browser.conftest import Watched
from tests.browser.desk_pages import at_desk, desk_base, desk_store
from tests.browser.test_accessible import findings
from tests.webmap.cases.lives import CLOCKWORK, DESK
from tests.webmap.photos.pictures import as_bytes, gradient
from webmap import plan_life
from webmap.config import Config
from webmap.photos import service as photo_service
from webmap.planning import PlanRequest, make_plan
from webmap.services import Services, utc_now
from webmap.store import LOCAL_OPERATOR, open_store
from webmap.store.cases import CaseQuery
from webmap.store.events import Event

__all__ = ["at_desk", "desk_base", "desk_store"]

pytestmark = pytest.mark.browser
AtDesk = Callable[..., Watched]


def case_in(services: Services, state: str = "") -> Event:
    wanted = (state,) if state else tuple(name for name, each in states().items() if each.live)
    return services.store.cases.page(CaseQuery(states=wanted, limit=1), DESK)[0]


@pytest.fixture
def services(desk_store: str) -> Services:
    """Services over the store behind the pages."""
    return Services(open_store(desk_store), Config(db=desk_store), clock=utc_now)


def near_and_far(services: Services, plan: str) -> tuple[Event, Event]:
    """Of the live cases the one nearest to a base, where a team can go and be home in time, and the one farthest from all stops."""
    wanted = tuple(name for name, each in states().items() if each.live)
    cases = [each for each in services.store.cases.page(CaseQuery(states=wanted, limit=200), DESK) if each.lon]
    teams = services.store.plans.get(plan, LOCAL_OPERATOR).document["teams"]
    bases = [team["start_lonlat"] for team in teams]
    stops = [(stop["lon"], stop["lat"]) for team in teams for stop in team["stops"] if stop["lon"]]

    def off(case: Event, places: list[tuple[float, float]]) -> float:
        return min(math.dist((case.lon or 0.0, case.lat or 0.0), place) for place in places)

    return min(cases, key=lambda case: off(case, bases)), max(cases, key=lambda case: off(case, stops + bases))


@pytest.fixture
def running_plan(services: Services) -> str:
    """A plan of the whole district whose shift is on now, and of those the one that is on the longest."""
    now, today = services.clock(), services.today()
    shifts = [(day, name) for day in (today, today - timedelta(days=1)) for name in SHIFTS]
    windows = {each: shift_window(each[0], SHIFTS[each[1]], services.zone) for each in shifts}
    on = [each for each, (begins, ends) in windows.items() if begins <= now < ends]
    day, name = max(on, key=lambda each: windows[each][1])
    made = make_plan(services, PlanRequest(day=day, shift=name, teams=2, seed=7, iterations=100), viewer=LOCAL_OPERATOR)
    plan_life.publish(services, made["id"], viewer=LOCAL_OPERATOR)
    return str(services.store.plans.move(made["id"], "running", viewer=LOCAL_OPERATOR, now=services.clock()).id)


def test_a_patrol_is_shown_before_it_is_kept_and_published_from_the_case(
    at_desk: AtDesk, services: Services, running_plan: str
) -> None:
    case, far = near_and_far(services, running_plan)
    watched = at_desk("chief")
    page = watched.go(f"/desk/{far.id}?lang=en")
    # On a machine that has compiled nothing yet the first case waits for it.
    page.wait_for_selector("#patrol-form [name=within]", timeout=120_000)
    page.fill("#patrol-form [name=within]", "1")
    page.click("#patrol-send")
    # The first one of a server compiles the search.
    watched.until("document.querySelector('#patrol-said .problem') !== null", seconds=120)
    assert "No team can be sent" in page.inner_text("#patrol-said")
    assert "at the earliest" in page.inner_text("#patrol-said")
    assert page.locator("#patrol-keep").count() == 0, "a plan in which nobody goes is not kept for the case"
    page = watched.go(f"/desk/{case.id}?lang=en")
    page.wait_for_selector("#patrol-form [name=within]")
    page.fill("#patrol-form [name=within]", "240")
    page.click("#patrol-send")
    watched.until("document.getElementById('patrol-keep') !== null")
    assert "urgent: " in page.inner_text("#patrol-said")
    assert "队" not in page.inner_text("#patrol-said"), "teams have English names"
    assert services.store.plans.get(running_plan, LOCAL_OPERATOR).status == "running"
    page.fill("#patrol-form [name=stay]", "20")
    assert page.locator("#patrol-keep").count() == 0, "what was shown is of what was asked then"
    page.click("#patrol-send")
    watched.until("document.getElementById('patrol-keep') !== null")
    assert findings(page) == []
    page.click("#patrol-keep")
    watched.until("document.getElementById('patrol-publish') !== null")
    page.click("#patrol-publish")
    watched.until("document.getElementById('patrol-said').textContent.includes('phones tell of it')")
    assert services.store.plans.get(running_plan, LOCAL_OPERATOR).status == "closed"
    watched.clean()
    desk = at_desk("desk-all")
    page = desk.go(f"/desk/{case.id}?lang=zh")
    assert not page.is_visible("#patrol-card"), "who makes no plans sends no patrol"
    desk.clean()


def test_photos_the_case_file_and_notices_are_where_a_case_is(at_desk: AtDesk, services: Services) -> None:
    case = case_in(services, "accepted")
    photo_service.add(services, case.id, "photo-0000-0000-0001", as_bytes(gradient()), viewer=DESK)
    watched = at_desk("chief")
    page = watched.go(f"/desk/{case.id}?lang=en")
    assert page.locator("#photos img").count() == 0, "each look is a row of the audit log"
    page.click("text=Photo 1")
    watched.until("document.querySelector('#photos img')?.naturalWidth > 0")
    with page.expect_download() as got:
        page.click("text=Case file (PDF)")
    assert got.value.path().read_bytes().startswith(b"%PDF-")
    with page.expect_download() as got:
        page.click("text=Case file (ZIP)")
    with zipfile.ZipFile(io.BytesIO(got.value.path().read_bytes())) as archive:
        assert json.loads(archive.read("case.json"))["event"]["id"] == case.id
    watched.clean()
    told = Detail(unit="water")
    services.store.cases.move(
        case.id, "dispatch", viewer=DESK, now=services.clock(), version=None, detail=told, clockwork=CLOCKWORK
    )
    unit = at_desk("unit-all")
    page = unit.go("/desk?lang=en")
    unit.until("document.querySelectorAll('.notices li.unread').length > 0")
    page.click(".notices summary")
    assert page.locator(f".notices a[href='/desk/{case.id}']").count() == 1
    assert page.locator("#case-links").count() == 0
    page.click(".notices button")
    unit.until("document.querySelectorAll('.notices li.unread').length === 0")
    unit.clean()
