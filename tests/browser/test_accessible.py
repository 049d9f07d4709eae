"""axe-core finds nothing serious on any page, light or dark, desk or phone; and the account pages work with the keyboard."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NAME, PASSWORD, Watched, serve
from tests.webmap.test_columns import incidents
from webmap.store import LOCAL_OPERATOR, open_store

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
SERIOUS = ("serious", "critical")


def findings(page: Page) -> list[str]:
    """Serious findings of axe-core by WCAG 2.1 A and AA, with the elements they are about."""
    # Evaluated by the debugger's door, which the page's own policy does not govern.
    page.evaluate(AXE + "\n;null")
    told = page.evaluate(
        "async () => JSON.stringify((await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}))"
        ".violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 4)]))"
    )
    return [f"{rule}: {nodes}" for impact, rule, nodes in json.loads(told) if impact in SERIOUS]


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_page_has_no_serious_finding(
    size: tuple[int, int], theme: str, open_page: Callable[..., Watched]
) -> None:
    watched = open_page(*size)
    watched.page.add_init_script(f"try {{ localStorage.setItem('wangge-theme', '{theme}') }} catch {{}}")
    page = watched.go("/?lang=zh")
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert findings(page) == []
    page.evaluate("() => { document.getElementById('open-charts').click(); }")
    watched.until("document.querySelectorAll('#charts canvas, #charts svg').length > 1")
    assert findings(page) == []
    watched.clean()


@pytest.mark.parametrize("tab", ["layers", "hot", "patrol"])
def test_every_panel_has_no_serious_finding(tab: str, open_page: Callable[..., Watched]) -> None:
    page = open_page().go("/?lang=en")
    page.click(f"#tab-{tab}")
    assert findings(page) == []


@pytest.fixture(scope="module")
def public_base(demo_db: str) -> Iterator[str]:
    """A server with the public view on."""
    yield from serve(demo_db, {"WANGGE_PUBLIC": "on"})


def test_the_public_view_shows_a_month_to_anybody(public_base: str, open_page: Callable[..., Watched]) -> None:
    watched = open_page(at=public_base, token="")
    page = watched.go("/public?lang=zh")
    assert page.locator("#table tbody tr").count() >= 9
    assert "不公布" in page.locator("#table").inner_text()
    assert findings(page) == []
    page.select_option("#level", "community")
    watched.until("document.querySelectorAll('#table tbody tr').length >= 20")
    english = watched.go("/public?lang=en")
    assert "withheld" in english.locator("#table").inner_text()
    watched.clean()


def test_signing_in_out_and_a_saved_view_by_keyboard(base: str, open_page: Callable[..., Watched]) -> None:
    watched = open_page(token="")
    page = watched.page
    page.goto(f"{base}/?lang=zh")
    assert page.url.startswith(f"{base}/sign-in")
    assert findings(page) == []
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    watched.ready()
    page.click("#open-views")
    page.fill("#views-name", "夜班 街道")
    page.keyboard.press("Enter")
    watched.until("document.querySelectorAll('#views-list li').length === 1")
    assert findings(page) == []
    page.click("#views-list button")
    watched.until("document.querySelectorAll('#views-list li').length === 0")
    page.click("#views-close")
    page.click(".more summary")
    with page.expect_navigation():
        page.click(".more form button")
    assert page.url == f"{base}/sign-in"
    page.goto(f"{base}/account")
    assert "/sign-in" in page.url
    watched.clean()


def test_the_account_page_has_no_serious_finding(base: str, open_page: Callable[..., Watched]) -> None:
    watched = open_page(390, 844)
    watched.page.goto(f"{base}/account?lang=zh")
    assert findings(watched.page) == []
    watched.clean()


def test_the_wall_screen_shows_the_map_alone_and_can_be_left(open_page: Callable[..., Watched]) -> None:
    watched = open_page(1920, 1080)
    page = watched.go("/?lang=zh&wall=1")
    assert not page.is_visible(".side")
    assert "60,000" in page.inner_text("#wall-totals")
    page.keyboard.press("Escape")
    assert page.is_visible(".side")
    watched.clean()


def test_a_page_hears_of_a_new_incident_within_two_seconds(demo_db: str, open_page: Callable[..., Watched]) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh")
    page.click("#tab-hot")
    assert "60,000" in page.inner_text("#totals")
    store = open_store(demo_db)
    now = datetime.now(UTC)
    store.incidents.upsert(incidents(["live-1"]), viewer=LOCAL_OPERATOR, now=now)
    try:
        watched.until("document.getElementById('totals').textContent.includes('60,001')", seconds=10)
    finally:
        store.incidents.remove(["live-1"], viewer=LOCAL_OPERATOR, now=now)
        store.close()
    watched.until("document.getElementById('totals').textContent.includes('60,000')", seconds=10)
    watched.clean()
