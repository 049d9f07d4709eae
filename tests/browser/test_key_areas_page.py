"""Key areas as a supervisor meets them: proposed and designated by keyboard, figures opened, read on a phone, seen on the map."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.browser.conftest import Watched, open_session, serve
from tests.browser.desk_pages import desk_store
from tests.browser.test_accessible import findings
from webmap.config import Config
from webmap.sample_key_areas import load_key_area
from webmap.services import Services, utc_now
from webmap.store import open_store

__all__ = ["desk_store"]

pytestmark = pytest.mark.browser
FIGURES = "document.querySelectorAll('details.effect table tbody tr').length === 3"


@pytest.fixture(scope="module")
def with_area(desk_store: str) -> str:
    """A store with the key area of the sample."""
    store = open_store(desk_store)
    assert load_key_area(Services(store, Config(db=desk_store), clock=utc_now)) == 1
    store.close()
    return desk_store


@pytest.fixture(scope="module")
def side_base(with_area: str) -> Iterator[str]:
    yield from serve(with_area)


@pytest.fixture
def at_side(with_area: str, side_base: str, open_page: Callable[..., Watched]) -> Callable[..., Watched]:
    """Open a watched page as the supervisor."""

    def start(width: int = 1440, height: int = 900) -> Watched:
        return open_page(width, height, at=side_base, token=open_session(with_area))

    return start


def test_figures_open_by_keyboard_with_their_denominators_and_fit_a_phone(at_side: Callable[..., Watched]) -> None:
    watched = at_side(390, 844)
    page = watched.page
    page.goto(watched.base + "/side?lang=en")
    page.focus("details.effect summary")
    page.keyboard.press("Enter")
    watched.until(FIGURES)
    text = page.inner_text("details.effect")
    assert "comparison areas" in text
    assert "84 days each" in text
    assert "What it does not show" in text
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert findings(page) == []
    watched.clean()


def test_an_area_is_proposed_and_designated_without_a_mouse(at_side: Callable[..., Watched]) -> None:
    watched = at_side()
    page = watched.page
    grid = "150304009010001"
    page.goto(watched.base + f"/side?lang=zh&grid={grid}")
    page.focus("form[data-post='/api/keyareas'] input[name='name']")
    page.keyboard.type("市场片区")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("夜间盗窃多")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    row = page.locator("#side-areas > li", has_text="市场片区")
    row.locator("summary", has_text="认定挂牌").focus()
    page.keyboard.press("Enter")
    row.locator("form textarea[name='reason']").first.fill("集中")
    row.locator("form input[name='until']").first.fill((utc_now() + timedelta(days=60)).date().isoformat())
    row.locator("form button", has_text="认定挂牌").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "已挂牌" in row.inner_text()
    assert "街道级" in row.inner_text()
    watched.clean()


def test_the_map_draws_it_with_its_name_and_offers_it_as_a_file(at_side: Callable[..., Watched]) -> None:
    watched = at_side()
    page = watched.page
    page.goto(watched.base + "/side?lang=zh")
    way = page.get_attribute("#side-areas > li a", "href")
    assert way is not None
    watched.go(way)
    watched.until("document.querySelectorAll('.area-name').length >= 1")
    page.click("#open-export")
    assert "key_areas" in page.evaluate("[...document.getElementById('export-layer').options].map((o) => o.value)")
    watched.clean()


def test_a_hot_spot_is_proposed_with_its_outline_from_its_panel(at_side: Callable[..., Watched]) -> None:
    watched = at_side()
    page = watched.go("/?lang=zh#from=2026-08-01&to=2026-10-31")
    page.click("#tab-hot")
    watched.until("document.querySelector('#spot-list tr[data-spot] button') !== null")
    page.locator("#spot-list tr[data-spot]").nth(1).locator("button").click()
    spot = page.locator("#spot-list tr[data-spot]").nth(1).get_attribute("data-spot")
    page.locator("#spot-key-area > summary").click()
    assert "热点第 2 位" in page.input_value("#spot-key-area textarea")
    page.fill("#spot-key-area input", "热点片区")
    assert findings(page) == []
    page.click("#spot-key-area button")
    watched.until("document.querySelector('#spot-key-area a') !== null")
    watched.until("[...document.querySelectorAll('.area-name')].some((each) => each.textContent === '热点片区')")
    kept = page.evaluate("fetch('/api/keyareas?state=proposed').then((answer) => answer.json())")
    (mine,) = [each for each in kept["areas"] if each["name"] == "热点片区"]
    assert mine["hot_spot"] == spot
    assert len(mine["outline"]["coordinates"][0]) > 4
    watched.clean()
