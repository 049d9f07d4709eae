"""The forecast on the map page: made with its steps told, drawn with its unit, its score in plain words, by keyboard and on a phone."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Watched
from tests.browser.test_accessible import findings

pytestmark = [pytest.mark.browser]
Open = Callable[..., Watched]


@pytest.mark.parametrize(
    ("lang", "size", "verdict", "unit"),
    [
        ("zh", (1440, 900), "未证明更好", "起上报/网格·周"),
        ("en", (390, 844), "not shown to be better", "reports per grid in the week"),
    ],
)
def test_the_week_to_come_opens_at_once_with_its_score_in_plain_words(
    lang: str, size: tuple[int, int], verdict: str, unit: str, open_page: Open
) -> None:
    watched = open_page(*size)
    page = watched.go(f"/?lang={lang}")
    page.click("#tab-hot")
    page.focus("#forecast-box > summary")
    page.keyboard.press("Enter")
    watched.until("document.querySelectorAll('#forecast-card li').length > 5")
    assert verdict in page.inner_text("#forecast-card")
    assert "PAI" in page.inner_text("#forecast-card")
    page.focus("#forecast-show")
    page.keyboard.press("Enter")
    watched.until(f"document.getElementById('legend').textContent.includes('{unit}')")
    assert page.get_attribute("#forecast-show", "aria-pressed") == "true"
    assert "forecast" in page.evaluate("location.hash")
    assert "heat" not in page.evaluate("location.hash").split("l=")[1].split("&")[0].split(".")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert findings(page) == []
    page.focus("#forecast-body table.list tbody tr")
    page.keyboard.press("Enter")
    watched.until("document.querySelector('.leaflet-popup-content dl') !== null")
    watched.clean()


@pytest.mark.long
def test_a_category_that_nobody_asked_for_is_made_at_once_and_stays_in_the_link(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    page.click("#tab-hot")
    page.click("#forecast-box > summary")
    watched.until("document.querySelectorAll('#forecast-card li').length > 5")
    page.select_option("#forecast-category", index=1)
    watched.until("document.querySelector('#forecast-status progress') !== null")
    # The first server on a machine compiles before it forecasts.
    watched.until("document.querySelector('#forecast-status progress') === null", seconds=240)
    chosen = page.evaluate("document.getElementById('forecast-category').selectedOptions[0].textContent")
    assert chosen in page.inner_text("#forecast-body .totals")
    assert "fc=" in page.evaluate("location.hash")
    page.click("#forecast-earlier summary")
    watched.until("document.querySelectorAll('#forecast-earlier li').length > 1")
    watched.clean()
