"""A shift leader at the panel: makes a plan, edits it with the effect in sight, publishes, starts, mends, watches it done."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched, open_session, serve
from tests.browser.test_accessible import findings
from webmap.services import utc_now
from webmap.store import LOCAL_OPERATOR, open_store
from webmap.store.checkins import CheckIn

pytestmark = [pytest.mark.browser, pytest.mark.long]
Open = Callable[..., Watched]


@pytest.fixture(scope="module")
def desk(street_db: str) -> Iterator[str]:
    """A server over a store with a running plan."""
    yield from serve(street_db)


@pytest.fixture
def leader(open_page: Open, desk: str, street_db: str) -> Watched:
    """A supervisor's page at the panel of patrols."""
    return at_panel(open_page(at=desk, token=open_session(street_db)), "zh")


def at_panel(watched: Watched, lang: str) -> Watched:
    watched.go(f"/?lang={lang}")
    watched.page.click("#tab-patrol")
    return watched


def pick(watched: Watched, words: str) -> None:
    page = watched.page
    value = page.evaluate(
        "words => [...document.querySelectorAll('#plan-pick option')].find((o) => o.textContent.includes(words)).value",
        words,
    )
    page.select_option("#plan-pick", value)
    watched.until(f"document.querySelector('.plan-state')?.textContent.includes('{words}')")


def state(page: Page) -> str:
    return page.inner_text(".plan-state b")


def test_a_plan_is_made_edited_kept_published_and_started(leader: Watched, open_page: Open, street_db: str) -> None:
    page = leader.page
    page.click("#plan-make")
    assert findings(page) == []
    tomorrow = (utc_now() + timedelta(days=2)).date().isoformat()
    page.fill("#make-day", tomorrow)
    page.select_option("#make-shift", "evening")
    page.fill("#make-teams", "2")
    page.click("#make-go")
    leader.until(
        f"document.querySelector('.totals') && document.querySelector('#patrol-list').textContent.includes('{tomorrow} 中班')",
        60,
    )
    assert state(page) == "草稿"
    stops = page.locator("details.team").first.locator("li").count()
    page.click("#plan-edit")
    leader.until("document.querySelector('#edit-keep')")
    page.locator("details.team summary").first.click()
    assert findings(page) == []
    page.locator("details.team").first.locator("[id^=out]").first.click()
    leader.until("document.querySelector('#plan-effect')?.textContent.includes('取消 1')")
    assert page.locator("details.team").first.locator("li").count() == stops - 1
    assert "价值 -" in page.inner_text("#plan-effect")
    page.click("#edit-undo")
    leader.until("document.querySelector('#edit-keep').disabled")
    assert page.locator("details.team").first.locator("li").count() == stops
    page.locator("details.team").first.locator("[id^=out]").first.click()
    leader.until("!document.querySelector('#edit-keep').disabled")
    page.click("#edit-keep")
    leader.until("document.querySelector('.plan-state')?.textContent.includes('第 2 版')")
    page.click("[data-step=published]")
    leader.until("document.querySelector('.plan-state b')?.textContent === '已发布'")
    page.click("[data-step=running]")
    leader.until("document.querySelector('.plan-state b')?.textContent === '执行中'")
    assert page.locator("#plan-edit").count() == 0, "a running plan is mended"
    assert page.locator("#plan-mend").count() == 1
    leader.clean()


def test_of_two_leaders_the_second_is_told_and_loses_nothing(leader: Watched, street_db: str) -> None:
    store = open_store(street_db)
    running = next(
        plan for plan in store.plans.list(LOCAL_OPERATOR) if plan.status == "running" and plan.shift == "day"
    )
    own = {name: value for name, value in running.document.items() if name != "id"} | {"shift": "night"}
    draft = store.plans.save(own, viewer=LOCAL_OPERATOR, now=utc_now())
    leader.go("/?lang=zh")
    page = leader.page
    page.click("#tab-patrol")
    page.select_option("#plan-pick", draft)
    leader.until("document.querySelector('#plan-edit')")
    page.click("#plan-edit")
    page.locator("details.team summary").first.click()
    page.locator("details.team").first.locator("[id^=lock]").first.click()
    leader.until("!document.querySelector('#edit-keep').disabled")
    store.plans.save(own | {"note": "other"}, viewer=LOCAL_OPERATOR, now=utc_now(), base=draft)
    store.close()
    page.click("#edit-keep")
    leader.until("document.getElementById('state').textContent.includes('local 保存了第')")
    assert page.locator("#edit-keep").is_enabled(), "the edits are still there"
    assert leader.outside == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_happened_is_shown_as_a_difference_before_it_is_kept(
    lang: str, open_page: Open, desk: str, street_db: str
) -> None:
    watched = at_panel(open_page(at=desk, token=open_session(street_db)), lang)
    page = watched.page
    pick(watched, {"zh": "执行中", "en": "running"}[lang])
    store = open_store(street_db)
    before = store.change_seq()
    page.click("#plan-mend")
    page.check("#mend-out-1")
    assert findings(page) == []
    page.click("#mend-try")
    watched.until("document.querySelector('#mend-said b')", 90)
    told = page.inner_text("#mend-said")
    assert {"zh": "换队", "en": "moved to another team"}[lang] in told
    assert ("2队" in told) == (lang == "zh")
    assert store.change_seq() == before
    store.close()
    watched.clean()


def test_a_check_in_is_on_the_panel_within_seconds(leader: Watched, street_db: str) -> None:
    page = leader.page
    store = open_store(street_db)
    plan = next(plan for plan in store.plans.list(LOCAL_OPERATOR) if plan.status == "running" and plan.shift == "day")
    page.select_option("#plan-pick", plan.id)
    leader.until("document.querySelector('#plan-done')?.textContent.includes('完成')")
    before = page.inner_text("#plan-done")
    visit = plan.document["teams"][0]["stops"][0]["id"]
    said = [CheckIn(f"panel-check-in-{kind}", plan.id, 0, visit, kind, utc_now()) for kind in ("arrived", "left")]
    assert {receipt.state for receipt in store.checkins.add(said, viewer=LOCAL_OPERATOR, now=utc_now())} == {"kept"}
    store.close()
    leader.until(f"document.querySelector('#plan-done')?.textContent !== {before!r}", 15)
    leader.until("document.querySelector('[data-done-stop]')?.textContent === '已完成'")
    page.click("#plan-why summary")
    leader.until("document.querySelector('#plan-why h3')", 60)
    page.click("#plan-done-effect summary")
    leader.until("document.querySelector('#plan-done-effect .effect, #plan-done-effect .hint')", 60)
    assert page.locator("#plan-done-effect a[href$='#effect']").count() == 1
    assert findings(page) == []
    leader.clean()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_whoever_may_only_look_is_offered_no_step(
    size: tuple[int, int], open_page: Open, desk: str, street_db: str
) -> None:
    store = open_store(street_db)
    if "kanke" not in {user.name for user in store.users.list()}:
        from tests.browser.conftest import PASSWORD
        from webmap.auth.permissions import Grant

        store.users.add("kanke", password=PASSWORD, viewer=LOCAL_OPERATOR, now=utc_now(), grants=[Grant("viewer")])
    store.close()
    watched = at_panel(open_page(*size, at=desk, token=open_session(street_db, "kanke")), "zh")
    assert watched.page.locator(".plan-state").count() == 1
    assert watched.page.locator("[data-step], #plan-edit, #plan-mend, #plan-make").count() == 0
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    watched.clean()
