"""The calendar of patrols as a planner meets it: a template, a draft made of it, and presence in words, at two widths."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.browser.conftest import Watched
from tests.browser.test_accessible import findings

pytestmark = [pytest.mark.browser, pytest.mark.long]
Open = Callable[..., Watched]


def test_a_template_is_kept_its_due_plan_is_made_and_the_page_shows_the_draft(open_page: Open) -> None:
    watched = open_page()
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    day = today + timedelta(days=1)
    page = watched.go(f"/patrol/roster?lang=en&from={day}&to={day}")
    page.click("details.add summary")
    page.fill("#roster-form [name=id]", "by-day")
    page.fill("#roster-form [name=teams]", "1")
    page.fill("#roster-form [name=first]", str(day))
    page.fill("#roster-form [name=last]", str(day))
    page.select_option("#roster-form [name=shift]", "day")
    page.select_option("#roster-form [name=area]", index=2)
    with page.expect_navigation():
        page.click("#roster-form button.go")
    watched.ready()
    row = "document.querySelector('#roster-days [data-state]').dataset.state"
    assert page.evaluate(row) == "none"
    page.click("#roster-due")
    watched.until("document.getElementById('roster-said').textContent.startsWith('1 drafts made')", 90)
    assert page.evaluate(row) == "draft"
    with page.expect_navigation():
        page.once("dialog", lambda dialog: dialog.accept())
        page.click("[data-drop=by-day]")
    watched.ready()
    assert page.locator("[data-drop=by-day]").count() == 0
    watched.clean()


def test_groups_a_cycle_and_holidays_are_set_on_the_page(open_page: Open, tmp_path: Path) -> None:
    watched = open_page()
    page = watched.go("/patrol/roster?lang=zh")
    for summary in page.locator("details.add > summary").all():
        summary.click()
    page.fill("#pattern-form [name=id]", "page-cycle")
    page.fill("#pattern-form [name=name_zh]", "页面班制")
    page.fill("#pattern-form [name=days]", "2")
    page.fill("#pattern-form [name=groups]", "1")
    page.locator("#pattern-form [name=cycle]").nth(0).select_option("night")
    page.click("#pattern-check")
    watched.until("document.querySelector('#pattern-form .form-said').textContent.includes('无人当班:第 2 天')")
    with page.expect_navigation():
        page.click("#pattern-form button.go")
    watched.ready()
    for summary in page.locator("details.add > summary").all():
        summary.click()
    assert findings(page) == []
    page.select_option("#groups-form [name=pattern]", "page-cycle")
    assert page.locator("#groups-teams input").count() == 1
    page.fill("#groups-teams input", "甲队、乙队,丙队")
    with page.expect_navigation():
        page.click("#groups-form button.go")
    watched.ready()
    assert "1) 甲队、乙队、丙队" in page.inner_text(".set")
    table = tmp_path / "table.csv"
    table.write_text("date,kind,name_zh,name_en\n2027-01-01,holiday,元旦,New Year\n", "utf-8")
    page.locator("details.add > summary").nth(3).click()
    page.set_input_files("#holidays-form [name=file]", str(table))
    page.click("#holidays-check")
    watched.until("document.querySelector('#holidays-form .form-said').textContent === '可用:1 天,2027 年;尚未保存'")
    # What was set goes again, so that the next test finds the sample as it was.
    with page.expect_navigation():
        page.once("dialog", lambda dialog: dialog.accept())
        page.click(".set [data-drop-at]")
    watched.ready()
    page.locator("details.add > summary").nth(2).click()
    with page.expect_navigation():
        page.once("dialog", lambda dialog: dialog.accept())
        page.click("#roster-patterns [data-drop-at]")
    watched.ready()
    assert page.locator(".set").count() == 0
    watched.clean()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_nothing_of_the_page_scrolls_aside_and_controls_are_large(open_page: Open, lang: str) -> None:
    watched = open_page(390, 844)
    page = watched.go(f"/patrol/roster?lang={lang}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        "[...document.querySelectorAll('main button, main select')].filter((e) => e.offsetParent && e.offsetHeight < 44).map((e) => e.outerHTML)"
    )
    assert small == []
    assert "undefined" not in page.inner_text("main")
    page.evaluate("document.querySelector('details.add').open = true")
    assert findings(page) == []
    watched.clean()


def test_the_patrol_panel_of_the_map_leads_to_the_calendar_and_back(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    page.click("#tab-patrol")
    page.click("#patrol-list a[href^='/patrol/roster']")
    watched.ready()
    assert page.inner_text("h1").startswith("Patrol calendar")
    page.click(".foot a[href^='/?']")
    watched.ready()
    watched.clean()
