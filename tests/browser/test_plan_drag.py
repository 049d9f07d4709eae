"""A shift leader's hand on the map: stops dragged to another team or place, by mouse, finger, keys and rows; kept on a word."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched, open_session, serve
from tests.browser.test_accessible import findings
from webmap.services import utc_now
from webmap.store import LOCAL_OPERATOR, open_store

pytestmark = [pytest.mark.browser, pytest.mark.long]
Open = Callable[..., Watched]
MIDDLE = 10
"""Pixels from the corner of a handle into it."""


@pytest.fixture(scope="module")
def desk(street_db: str) -> Iterator[str]:
    """A server over a store with a running plan."""
    yield from serve(street_db)


@pytest.fixture(scope="module")
def draft(street_db: str) -> str:
    """A draft for another shift."""
    store = open_store(street_db)
    running = next(plan for plan in store.plans.list(LOCAL_OPERATOR) if plan.status == "running")
    own = {name: value for name, value in running.document.items() if name != "id"} | {"shift": "evening"}
    made = store.plans.save(own, viewer=LOCAL_OPERATOR, now=utc_now())
    store.close()
    return made


@pytest.fixture
def editing(open_page: Open, desk: str, street_db: str, draft: str) -> Watched:
    """The draft, being edited, with the first team's stops as handles."""
    return begin(open_page(at=desk, token=open_session(street_db)), draft)


def begin(watched: Watched, draft: str) -> Watched:
    page = watched.page
    watched.go("/?lang=zh")
    page.click("#tab-patrol")
    watched.until("document.querySelector('#plan-pick')")
    page.select_option("#plan-pick", draft)
    watched.until("document.querySelector('#plan-edit')")
    page.click("#plan-edit")
    page.locator("details.team summary").first.click()
    watched.until("document.querySelector('.stop-handle')")
    watched.until("!document.querySelector('.leaflet-zoom-anim')")
    return watched


def effect(watched: Watched, words: str) -> None:
    watched.until(f"document.querySelector('#plan-effect')?.textContent.includes('{words}')", 40)


def first_team(page: Page) -> list[str]:
    rows = "[...document.querySelector('details.team').querySelectorAll('li')].map((row) => row.dataset.visit)"
    return [str(visit) for visit in page.evaluate(rows)]


def spot(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"] + MIDDLE, box["y"] + MIDDLE


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 8, start[1] + 8)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def test_a_stop_dragged_onto_a_team_is_that_teams_and_undo_gives_it_back(editing: Watched, street_db: str) -> None:
    page, store = editing.page, open_store(street_db)
    before, had = store.change_seq(), first_team(page)
    drag(page, spot(page, ".stop-handle"), spot(page, ".legend [data-team='2队']"))
    effect(editing, "换队 1")
    assert first_team(page) == had[1:]
    assert findings(page) == []
    page.keyboard.press("Control+z")
    effect(editing, "拖到")
    assert first_team(page) == had
    assert store.change_seq() == before, "nothing is kept before the leader says so"
    store.close()
    editing.clean()


def test_a_stop_let_go_beside_a_leg_of_its_tour_takes_that_place(editing: Watched) -> None:
    page = editing.page
    had = first_team(page)
    third = page.locator(".stop-handle").nth(2).get_attribute("id")
    drag(page, spot(page, f"#{third}"), spot(page, ".stop-handle"))
    effect(editing, "价值")
    assert sorted(first_team(page)) == sorted(had)
    assert first_team(page).index(had[2]) < 2
    editing.clean()


def test_a_stop_let_go_where_no_tour_is_stays(editing: Watched) -> None:
    page = editing.page
    had = first_team(page)
    stage = page.locator(".leaflet-container").bounding_box()
    assert stage is not None
    drag(page, spot(page, ".stop-handle"), (stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] - 4))
    editing.until("document.getElementById('state').textContent.includes('不作改动')")
    assert first_team(page) == had
    assert page.locator("#edit-undo").is_disabled()


def test_keys_step_a_stop_later_to_another_team_and_lock_it(editing: Watched, street_db: str, draft: str) -> None:
    page = editing.page
    had = first_team(page)
    handle = page.locator(".stop-handle").first
    handle.focus()
    page.keyboard.press("ArrowDown")
    editing.until(f"document.querySelectorAll('li[data-visit]')[1].dataset.visit === '{had[0]}'", 40)
    page.keyboard.press("l")
    editing.until("document.activeElement.classList.contains('locked')", 40)
    page.keyboard.press("l")
    editing.until("document.activeElement.classList.contains('stop-handle')", 40)
    editing.until("!document.querySelector('.stop-handle.locked')", 40)
    page.keyboard.press("PageDown")
    effect(editing, "换队 1")
    editing.until("document.activeElement.getAttribute('aria-label')?.startsWith('2队')")
    page.keyboard.press("Enter")
    editing.until("document.activeElement.closest('.leaflet-popup .stop-tools')")
    page.keyboard.press("Escape")
    page.click("#edit-keep")
    editing.until("document.querySelector('.plan-state')?.textContent.includes('第 2 版')")
    store = open_store(street_db)
    kept = next(plan for plan in store.plans.list(LOCAL_OPERATOR) if plan.base == draft)
    assert had[0] in [stop["id"] for stop in kept.document["teams"][1]["stops"]]
    store.plans.move(kept.id, "withdrawn", viewer=LOCAL_OPERATOR, now=utc_now())
    store.close()
    editing.clean()


def test_a_row_dragged_by_its_grip_takes_the_place_beside_another(editing: Watched) -> None:
    page = editing.page
    had = first_team(page)
    row = page.locator("li[data-order='1']").first.bounding_box()
    assert row is not None
    drag(page, spot(page, ".grip"), (row["x"] + 40, row["y"] + row["height"] - 4))
    editing.until(f"document.querySelectorAll('li[data-visit]')[1].dataset.visit === '{had[0]}'", 40)
    drag(page, spot(page, ".grip"), spot(page, ".legend [data-team='2队']"))
    effect(editing, "换队 1")
    editing.clean()


def test_a_card_on_the_map_locks_and_a_locked_stop_is_not_dragged(editing: Watched) -> None:
    page = editing.page
    page.locator(".stop-handle").first.click(button="right")
    page.locator(".leaflet-popup [id^=pop-lock]").click()
    editing.until("document.querySelector('.stop-handle.locked')", 40)
    had = first_team(page)
    drag(page, spot(page, ".stop-handle.locked"), spot(page, ".legend [data-team='2队']"))
    assert first_team(page) == had


def test_a_finger_drags_a_target_of_44_pixels(open_page: Open, desk: str, street_db: str, draft: str) -> None:
    watched = open_page(390, 844, at=desk, token=open_session(street_db))
    page = watched.page
    hand = page.context.new_cdp_session(page)
    hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    hand.send("Emulation.setEmulatedMedia", {"features": [{"name": "pointer", "value": "coarse"}]})
    begin(watched, draft)
    box = page.locator(".stop-handle").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    assert page.evaluate(
        "[...document.querySelectorAll('.stop-tools button, .stop-tools select, .grip')].filter((n) => n.offsetParent)"
        ".every((n) => n.offsetWidth >= 44 && n.offsetHeight >= 44)"
    )
    had = first_team(page)
    start = spot(page, ".stop-handle")

    def touch(kind: str, *points: tuple[float, float]) -> None:
        hand.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": round(x), "y": round(y)} for x, y in points]},
        )

    touch("touchStart", start)
    touch("touchMove", (start[0] + 12, start[1] + 12))
    # The head of the second team lies below the rows of the first: the first is closed for the way.
    page.evaluate("document.querySelector('details.team').open = false")
    page.locator("details.team[data-team='2队'] summary").scroll_into_view_if_needed()
    end = spot(page, "details.team[data-team='2队'] summary")
    touch("touchMove", end)
    touch("touchEnd")
    effect(watched, "换队 1")
    assert len(had) - 1 == page.locator("details.team").first.locator("li").count()
    watched.clean()
