"""The side desks as their officers meet them: an order given and signed for, a checklist answered, nothing that shuts anybody out."""

from collections.abc import Callable

import pytest

from gis.dispatch.committees import sample_committees
from tests.browser.conftest import Watched
from tests.browser.desk_pages import at_desk, desk_base, desk_store
from tests.browser.test_accessible import findings
from webmap.config import Config
from webmap.services import Services, utc_now
from webmap.side_desks import disputes, inspections
from webmap.store import LOCAL_OPERATOR, open_store
from webmap.store.case_scope import CASE_OPERATOR

__all__ = ["at_desk", "desk_base", "desk_store"]

pytestmark = pytest.mark.browser
AtDesk = Callable[..., Watched]


@pytest.fixture(scope="module")
def services(desk_store: str) -> Services:
    """A site whose inspection is due today, and a dispute."""
    held = Services(open_store(desk_store), Config(db=desk_store), clock=utc_now)
    held.store.committees.replace(sample_committees(), viewer=LOCAL_OPERATOR, now=utc_now())
    grids = held.areas(LOCAL_OPERATOR).query("level == 'grid'")
    point = grids.geometry.iloc[0].representative_point()
    place = {"lon": round(point.x, 6), "lat": round(point.y, 6)}
    site = {
        "id": "schedule-0000-0000-0001",
        "site": "KD9001",
        "kind": "courier",
        "name": "快递点",
        "name_en": "Outlet 9",
    }
    site |= {"start": held.today().isoformat(), "every_days": 3}
    inspections.plan(held, site | place, viewer=CASE_OPERATOR)
    dispute = {"id": "dispute-0000-0000-0001", "category": "D01", "title": "Noise", **place}
    disputes.register(held, dispute, viewer=CASE_OPERATOR)
    return held


@pytest.mark.parametrize(("width", "lang", "theme"), [(1440, "zh", "light"), (390, "en", "dark")])
def test_the_page_has_no_serious_finding_and_nothing_runs_over_its_edge(
    width: int, lang: str, theme: str, at_desk: AtDesk, services: Services
) -> None:
    watched = at_desk("chief", width, 844)
    watched.page.add_init_script(f"try {{ localStorage.setItem('wangge-theme', '{theme}') }} catch {{}}")
    page = watched.page
    page.goto(f"{watched.base}/side?lang={lang}")
    watched.until(f"document.documentElement.dataset.theme === '{theme}'")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    watched.until("document.querySelectorAll('#side-due fieldset').length > 0")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    watched.clean()


def test_an_order_is_given_signed_for_and_told_in_the_time_of_the_district(at_desk: AtDesk, services: Services) -> None:
    chief = at_desk("chief")
    page = chief.page
    page.goto(f"{chief.base}/side?lang=en")
    chief.until("document.documentElement.dataset.theme !== undefined")
    page.click("text=Give an order")
    form = page.locator("form[data-post='/api/supervision']")
    form.locator("[name=unit]").select_option("water")
    form.locator("[name=asks]").fill("mend the pipe")
    with page.expect_navigation():
        form.locator("button.go").click()
    chief.until("document.querySelectorAll('#side-orders li[data-status=issued]').length === 1")
    order = services.store.side_cases.list("order", CASE_OPERATOR)[0]
    assert order.due_at is not None
    assert f"{services.local(order.due_at):%Y-%m-%d %H:%M}" in page.inner_text("#side-orders")
    chief.clean()
    unit = at_desk("unit-all", 390, 844)
    page = unit.page
    page.goto(f"{unit.base}/side?lang=zh")
    unit.until("document.documentElement.dataset.theme !== undefined")
    page.click("#side-orders summary >> text=签收")
    with page.expect_navigation():
        page.click("#side-orders form:has([value=sign]) button.go")
    unit.until("document.querySelectorAll('#side-orders li[data-status=signed]').length === 1")
    unit.clean()


def test_a_failed_item_of_a_checklist_becomes_an_event_and_the_site_is_done(
    at_desk: AtDesk, services: Services
) -> None:
    watched = at_desk("chief")
    page = watched.page
    page.goto(f"{watched.base}/side?lang=en")
    watched.until("document.documentElement.dataset.theme !== undefined")
    assert "Outlet 9" in page.inner_text("#side-due")
    page.click("#side-due summary")
    page.check("#side-due [name='answers.fire'][value=fail]")
    with page.expect_navigation():
        page.click("#side-due button.go")
    watched.until("!document.querySelector('#side-due').textContent.includes('Outlet 9')")
    made = services.store.side_cases.list("inspection", CASE_OPERATOR)
    assert [len(each.body["events"]) for each in made] == [1]
    watched.clean()
