"""A shift leader says what single teams have of their own: folded rows, by keyboard and on a phone, and the plan holds it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.browser.conftest import Watched, open_session, serve
from tests.browser.test_accessible import findings
from webmap.services import utc_now
from webmap.store import LOCAL_OPERATOR, open_store

pytestmark = [pytest.mark.browser, pytest.mark.long]
Open = Callable[..., Watched]


@pytest.fixture(scope="module")
def desk(street_db: str) -> Iterator[str]:
    """A server over a store with a running plan."""
    yield from serve(street_db)


def test_settings_by_team_are_made_and_told_at_the_panel(open_page: Open, desk: str, street_db: str) -> None:
    watched = open_page(390, 844, at=desk, token=open_session(street_db))
    watched.go("/?lang=zh")
    page = watched.page
    page.click("#tab-patrol")
    page.click("#plan-make")
    day = (utc_now() + timedelta(days=9)).date().isoformat()
    page.fill("#make-day", day)
    page.select_option("#make-shift", "evening")
    page.fill("#make-teams", "2")
    assert page.inner_text("#make-own > summary small") == "未设置"
    page.locator("#make-own > summary").press("Enter")
    watched.until("document.querySelectorAll('.team-own').length === 2")
    page.locator("[data-own='1'] > summary").press("Enter")
    watched.until("document.querySelectorAll('#own-1-start option').length > 3")
    assert page.get_attribute("#own-1-from", "placeholder") == "14:00"
    assert page.inner_text("#own-1-mode option:checked") == "同全队(电动自行车)"
    assert findings(page) == []
    assert page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.querySelector('#plan-maker'))")
    page.select_option("#own-1-mode", "foot")
    page.fill("#own-1-to", "25:00")
    page.fill("#own-1-break_min", "20")
    page.click("#make-go")
    watched.until("document.querySelector('#make-said').textContent.includes('第 1 队的下岗时刻:时刻应写成 08:30')")
    page.fill("#own-1-to", "18:00")
    assert page.inner_text("[data-own='1'] > summary span") == "步行 · 14:00-18:00 · 休息 20 分钟"
    assert page.inner_text("#make-own > summary small") == "1 个队有设置"
    page.click("#make-go")
    told = "步行 · 14:00–18:00 在岗 · 休息 20 分钟"
    watched.until(f"document.querySelector('.team-said')?.textContent === '{told}'", 90)
    assert page.locator(".team-said").all_inner_texts() == [told, "电动自行车"]
    store = open_store(street_db)
    (plan,) = [each for each in store.plans.list(LOCAL_OPERATOR) if each.day == day]
    store.close()
    team = plan.document["teams"][0]
    assert (team["mode"], team["end_s"]) == ("foot", 4 * 3600)
    assert [stop["kind"] for stop in team["stops"]].count("break") == 1
    assert watched.outside == []
    assert [each for each in watched.complaints if "400" not in each] == [], "a refusal is told by the browser too"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_template_is_kept_with_settings_of_a_team(lang: str, open_page: Open, desk: str, street_db: str) -> None:
    watched = open_page(390, 844, at=desk, token=open_session(street_db))
    watched.go(f"/patrol/roster?lang={lang}")
    page = watched.page
    page.locator("details.add > summary").first.click()
    page.fill("#roster-form [name=id]", f"own-{lang}")
    page.fill("#roster-form [name=teams]", "2")
    page.locator("#team-settings > summary").press("Enter")
    page.click("#team-add")
    page.click("#team-add")
    first, second = page.locator(".team-row").all()
    first.locator("[data-own=team]").fill("1")
    first.locator("[data-own=to]").fill("2:00")
    first.locator("[data-own=break_min]").fill("15")
    second.locator("[data-drop-row]").press("Enter")
    page.fill("[data-must=school]", "急救、drone")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_navigation():
        page.click("#roster-form button.go")
    watched.ready()
    row = page.locator("tr", has=page.locator(f"[data-drop=own-{lang}]")).inner_text()
    assert {"zh": "1 个队有设置 · 必到点要求的技能", "en": "1 with their own · Skills that must-visits need"}[
        lang
    ] in row
    store = open_store(street_db)
    (kept,) = [each for each in store.rosters.list(LOCAL_OPERATOR) if each.id == f"own-{lang}"]
    store.close()
    assert kept.body["team_settings"] == [{"team": "1", "to": "02:00", "break_min": 15.0}]
    assert kept.body["must_skills"] == {"school": ["急救", "drone"]}
    watched.clean()
