"""The desk as its officers meet it: the list and its keyboard, a case moved, a conflict, a bulk move, the phone, the board, the rules."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from gis.dispatch import Detail
from tests.browser.conftest import Watched
from tests.browser.desk_pages import at_desk, desk_base, desk_store
from tests.browser.test_accessible import findings
from tests.webmap.cases.lives import CLOCKWORK, DESK, UNIT
from webmap.services import utc_now
from webmap.store import open_store
from webmap.store.cases import CaseQuery
from webmap.store.events import Event

__all__ = ["at_desk", "desk_base", "desk_store"]

pytestmark = pytest.mark.browser
AtDesk = Callable[..., Watched]
ROWS = "document.querySelectorAll('#rows tr').length"
IDS = "[...document.querySelectorAll('#rows tr')].map((row) => row.dataset.id)"


def moved(url: str, event_id: str, name: str, **told: str) -> Event:
    """A colleague's move, past the page."""
    store = open_store(url)
    try:
        viewer = UNIT if name in ("acknowledge", "start", "submit_result") else DESK
        return store.cases.move(
            event_id, name, viewer=viewer, now=utc_now(), version=None, detail=Detail(**told), clockwork=CLOCKWORK
        ).event
    finally:
        store.close()


def one_in(url: str, state: str) -> Event:
    store = open_store(url)
    try:
        return store.cases.page(CaseQuery(states=(state,), limit=1), DESK)[0]
    finally:
        store.close()


def small_targets(page: Page) -> list[str]:
    """Controls of the page that are lower than a finger is wide."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('main button, main select, main summary, main .pick-area, .ways a')]"
        ".filter((e) => e.offsetParent && e.offsetHeight < 44).map((e) => e.outerHTML.slice(0, 80))"
    )
    return found


def test_the_list_says_what_is_overdue_of_how_many_and_filters_stand_in_the_address(at_desk: AtDesk) -> None:
    watched = at_desk()
    page = watched.go("/desk?lang=en&all=1")
    assert page.inner_text("#counts").split(" overdue")[0].count(" of ") == 1
    first = page.locator("#rows tr").first
    assert first.get_attribute("data-urgency") == "overdue"
    assert "Overdue" in first.inner_text(), "a word, not a colour alone"
    assert "working hours late · was due" in first.inner_text()
    page.select_option("#filters [name=category]", "06010")
    watched.until(
        "[...document.querySelectorAll('#rows .what span')].every((e) => e.textContent === 'exposed rubbish')"
    )
    assert "category=06010" in page.url
    page.reload()
    watched.ready()
    assert page.input_value("#filters [name=category]") == "06010"
    page.click(".urgency-overdue")
    watched.until("[...document.querySelectorAll('#rows tr')].every((e) => e.dataset.urgency === 'overdue')")
    page.select_option("#filters [name=tier]", "city")
    watched.until("document.getElementById('list-state').textContent.includes('No event answers these filters.')")
    page.click("#list-state button")
    watched.until(f"{ROWS} > 10")
    watched.clean()


def test_the_keyboard_walks_picks_opens_and_helps(at_desk: AtDesk) -> None:
    watched = at_desk()
    page = watched.go("/desk?lang=zh&all=1")
    for key in "jjxk":
        page.keyboard.press(key)
    ids = page.evaluate(IDS)
    assert page.evaluate("document.activeElement.dataset.id") == ids[0]
    assert page.evaluate("[...document.querySelectorAll('#rows tr.picked')].map((row) => row.dataset.id)") == [ids[1]]
    page.keyboard.press("?")
    assert page.is_visible("#help")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/desk/{ids[0]}")
    watched.ready()
    watched.clean()


def test_news_of_others_moves_no_row_until_they_are_taken(at_desk: AtDesk, desk_store: str) -> None:
    watched = at_desk()
    page = watched.go("/desk?lang=en&all=1&state=reported&state=accepted")
    page.go_back()
    page = watched.go("/desk?lang=en&all=1&state=accepted")
    page.mouse.move(300, 500)
    before = page.evaluate(IDS)
    moved(desk_store, before[0], "dispatch", unit="water")
    watched.until("!document.getElementById('news').hidden")
    assert page.evaluate(IDS) == before
    assert "Gone from the list" in page.inner_text(f"tr[data-id='{before[0]}']")
    page.keyboard.press("r")
    assert page.evaluate(IDS) == before[1:]
    watched.clean()


def test_a_move_asks_for_what_it_needs_and_its_outcome_is_on_the_page(at_desk: AtDesk, desk_store: str) -> None:
    case = one_in(desk_store, "reported")
    watched = at_desk()
    page = watched.go(f"/desk/{case.id}?lang=en")
    assert page.locator("[data-move]").count() >= 4
    page.click("[data-move=accept]")
    assert page.locator("#the-move textarea, #the-move select").count() == 0, "filing needs nothing"
    page.click("#the-move .primary")
    watched.until("document.getElementById('now').textContent.includes('accepted')")
    page.click("[data-move=dispatch]")
    page.select_option("#the-move [name=unit]", "water")
    page.click("#the-move .primary")
    watched.until("document.getElementById('now').textContent.includes('Water Bureau')")
    assert "dispatch → dispatched · unit: Desk of the" in page.inner_text("#history li:last-child")
    assert page.locator("#near li").count() > 0
    assert page.evaluate("document.querySelectorAll('#case-map canvas').length") > 0
    watched.clean()


def test_a_refusal_is_told_in_words(at_desk: AtDesk, desk_store: str) -> None:
    case = one_in(desk_store, "reported")
    watched = at_desk()
    page = watched.go(f"/desk/{case.id}?lang=zh")
    page.click("[data-move=merge]")
    page.fill("#the-move [name=into]", "no-such-case-at-all")
    page.click("#the-move .primary")
    watched.until("!document.querySelector('#the-move .problem').hidden")
    assert len(page.inner_text("#the-move .problem")) > 5
    assert page.input_value("#the-move [name=into]") == "no-such-case-at-all"
    # The browser itself writes a line for every answer of 400.
    assert all("400" in line or "404" in line for line in watched.complaints)
    assert watched.outside == []


def test_a_conflict_says_what_changed_and_keeps_what_was_typed(at_desk: AtDesk, desk_store: str) -> None:
    case = one_in(desk_store, "handled")
    watched = at_desk()
    page = watched.go(f"/desk/{case.id}?lang=en")
    page.click("[data-move=check_fail]")
    page.fill("#the-move textarea", "There is still water on the path.")
    moved(desk_store, case.id, "escalate", reason="Crosses two communities")
    watched.until("!document.getElementById('stale').hidden")
    told = page.inner_text("#stale")
    assert "Desk: escalate" in told
    assert "What you typed is kept" in told
    assert page.input_value("#the-move textarea") == "There is still water on the path."
    page.click("#the-move .primary")
    watched.until("document.getElementById('now').textContent.includes('dispatched')")
    watched.clean()


def test_a_move_of_an_old_version_is_refused_with_what_changed_and_what_was_typed_kept(
    at_desk: AtDesk, desk_store: str
) -> None:
    case = one_in(desk_store, "in_progress")
    watched = at_desk("unit-all")
    # Nothing is heard of the colleague's move before the own one is sent.
    watched.page.route(re.compile(r"/live\?"), lambda route: route.abort())
    page = watched.go(f"/desk/{case.id}?lang=en")
    page.click("[data-move=submit_result]")
    page.fill("#the-move textarea", "Cleared and swept.")
    moved(desk_store, case.id, "escalate", reason="Crosses two communities")
    page.click("#the-move .primary")
    watched.until("!document.getElementById('stale').hidden")
    assert "Desk: escalate" in page.inner_text("#stale")
    assert page.input_value("#the-move textarea") == "Cleared and swept."
    assert page.is_visible("#the-move .problem")
    page.click("#the-move .primary")
    watched.until("document.getElementById('now').textContent.includes('handled')")
    assert watched.outside == []


def test_a_bulk_move_tells_the_outcome_of_every_row(at_desk: AtDesk) -> None:
    watched = at_desk()
    page = watched.go("/desk?lang=en&all=1&state=reported")
    page.check("#pick-all")
    count = page.locator("#rows tr.picked").count()
    assert count >= 3
    page.select_option("#bulk [name=move]", "accept")
    page.click("#bulk .primary")
    watched.until("!document.getElementById('results').hidden")
    assert page.inner_text("#results p") == f"{count} of {count} done"
    page.keyboard.press("r")
    page.select_option("#filters [name=state]", "handled")
    watched.until(f"{ROWS} > 0 && document.querySelector('#rows .pill').dataset.state === 'handled'")
    page.check("#pick-all")
    page.select_option(
        "#bulk [name=move]", "dispatch" if page.locator("#bulk option[value=dispatch]").count() else "check_fail"
    )
    page.fill("#bulk textarea", "Not done")
    page.click("#bulk .primary")
    watched.until("document.querySelectorAll('#results li').length > 0")
    watched.clean()


def test_without_a_line_the_list_stays_and_says_so(at_desk: AtDesk) -> None:
    watched = at_desk()
    page = watched.go("/desk?lang=en&all=1")
    rows = page.evaluate(ROWS)
    page.context.set_offline(True)
    watched.until("!document.getElementById('lost').hidden")
    page.select_option("#filters [name=source]", "web")
    watched.until("document.getElementById('list-state').textContent.includes('was not reached')")
    assert page.evaluate(ROWS) == rows
    page.context.set_offline(False)
    # Back on the line the page asks again by itself.
    watched.until("document.getElementById('list-state').hidden")
    watched.until("[...document.querySelectorAll('#rows .source span')].every((e) => e.textContent === 'Web form')")
    assert watched.outside == []


@pytest.mark.long
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_nothing_scrolls_aside_and_targets_are_large(
    at_desk: AtDesk, desk_store: str, lang: str, theme: str
) -> None:
    watched = at_desk("chief", 390, 844)
    watched.page.add_init_script(f"try {{ localStorage.setItem('wangge-theme', '{theme}') }} catch {{}}")
    case = one_in(desk_store, "in_progress")
    for path in ("/desk?all=1", f"/desk/{case.id}?x=1", "/desk/board?by=unit", "/desk/routing?x=1"):
        page = watched.go(f"{path}&lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert small_targets(page) == [], path
        assert findings(page) == [], path
        assert "undefined" not in page.inner_text("main"), path
        assert "null" not in page.inner_text("main"), path
    watched.clean()


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_the_desk_has_a_serious_finding(at_desk: AtDesk, desk_store: str, theme: str) -> None:
    watched = at_desk("chief")
    watched.page.add_init_script(f"try {{ localStorage.setItem('wangge-theme', '{theme}') }} catch {{}}")
    case = one_in(desk_store, "return_requested")
    for path in ("/desk?all=1", f"/desk/{case.id}?x=1", "/desk/board?by=area", "/desk/routing?x=1"):
        page = watched.go(f"{path}&lang=zh")
        assert findings(page) == [], path
    page = watched.go("/desk?all=1&lang=en")
    page.check("#pick-all")
    page.select_option("#bulk [name=move]", index=1)
    assert findings(page) == []
    watched.clean()


def test_the_board_shows_each_share_with_what_it_is_of_and_a_table_beside_each_chart(at_desk: AtDesk) -> None:
    watched = at_desk("chief")
    page = watched.go("/desk/board?lang=en")
    # A chart, or the word that there is nothing to draw.
    watched.until("document.querySelectorAll('#board .canvas > :is(div, .state-box)').length >= 5")
    assert page.locator("#board canvas").count() >= 3
    assert page.locator("#board .pair-card").count() == page.locator("#board .pair-card table").count()
    assert " due" in page.inner_text(".figures")
    for by in ("By area", "By category", "By unit", "By source"):
        page.click(f"text={by}")
        watched.until(f"document.querySelector('#board h2').textContent.includes('{by}')")
        assert page.locator("#board .pair-card").first.locator("tbody tr").count() > 1
    with page.expect_download() as got:
        page.click("#board-files a >> nth=0")
    assert got.value.suggested_filename.endswith(".csv")
    watched.clean()


def test_rules_are_tried_mended_and_kept_with_a_note(at_desk: AtDesk) -> None:
    watched = at_desk("chief")
    page = watched.go("/desk/routing?lang=en")
    page.select_option("#preview-form [name=category]", "06010")
    page.click("#preview-form .primary")
    watched.until("document.querySelector('#preview b')?.textContent === 'City Appearance Centre'")
    page.select_option("#rules tr[data-row='1'] [data-field=unit] select", "housing")
    page.click("#preview-form .primary")
    watched.until("document.querySelector('#preview b')?.textContent === 'Housing Bureau'")
    assert "not kept yet" in page.inner_text("#preview")
    page.fill("#rules tr[data-row='2'] [data-field=hours] input", "25-99")
    page.fill(".save-line [name=note]", "Rubbish goes to housing")
    page.click("#routing-save")
    watched.until("document.querySelectorAll('#rules .fault').length === 1")
    assert page.get_attribute("#rules tr[data-row='2'] [data-field=hours] input", "aria-invalid") == "true"
    page.fill("#rules tr[data-row='2'] [data-field=hours] input", "8-20")
    page.click("#routing-save")
    watched.until("document.getElementById('routing-version').textContent.startsWith('Version 2')")
    assert "Rubbish goes to housing" in page.inner_text("#routing-version")
    assert watched.outside == []
    assert all("400" in line for line in watched.complaints)


def test_the_map_leads_to_the_desk_and_the_popup_of_a_case_to_its_page(at_desk: AtDesk) -> None:
    watched = at_desk("chief")
    page = watched.page
    page.goto(f"{watched.base}/?lang=en")
    row = "[0, 0, ID, '06010', '2026-11-23T04:00:00Z', 'web', 'report', '', 'open', '', 'minute']"
    link = f"import('wangge/popup').then((p) => p.incident({row}).querySelector('a')?.getAttribute('href') ?? '')"
    assert page.evaluate(link.replace("ID", "'event:case-1'")) == "/desk/case-1"
    assert page.evaluate(link.replace("ID", "'I000001'")) == "", "an incident that was imported is no case"
    page.click("#to-desk")
    watched.until("location.pathname === '/desk' && document.documentElement.dataset.ready === 'yes'")
    assert watched.outside == []
