"""Time on the map: brush and play the time bar, choose hours in the matrix, read the charts, compare two periods."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.long]
Open = Callable[..., Watched]
CJK = re.compile(r"[\u4e00-\u9fff]")
SAYS = "document.querySelector('#timebar .says').textContent"
ONLY = {"zh": "仅上报", "en": "reports only"}
OPENED = "document.getElementById('charts').dataset.ready === 'yes'"


def link(page: Page) -> dict[str, str]:
    """What the address says of the view."""
    told = parse_qs(urlsplit(page.url).fragment)
    return {name: values[0] for name, values in told.items()}


def count(page: Page) -> int:
    """Incidents that the list says match."""
    found = re.search(r": ([\d,]+) incidents match", page.text_content("#totals") or "")
    assert found
    return int(found.group(1).replace(",", ""))


def brush(page: Page, start: float, end: float) -> None:
    """Drag over part of the time bar."""
    box = page.locator("#timebar .plot").bounding_box()
    assert box
    y = box["y"] + box["height"] - 4
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (start + end) / 2 * box["width"], y)
    page.mouse.move(box["x"] + end * box["width"], y)
    page.mouse.up()


def painted(page: Page, key: str) -> int:
    """Painted pixels of a chart."""
    return int(
        page.evaluate(
            """key => { const canvas = document.querySelector(`#chart-${key} canvas`);
              const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              let sum = 0; for (let i = 3; i < data.length; i += 4) sum += data[i] > 0; return sum; }""",
            key,
        )
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_charts_open_in_both_languages_and_sizes_without_a_complaint(
    open_page: Open, lang: str, size: tuple[int, int]
) -> None:
    watched = open_page(*size)
    page = watched.go(f"/?lang={lang}")
    assert page.evaluate("globalThis.echarts === undefined"), "the library waits until it is needed"
    page.click("#open-charts")
    watched.until(OPENED)
    for key in ("trend", "categories", "grids", "sources"):
        assert painted(page, key) > 400, key
        caption = page.locator(f"figure:has(#chart-{key}) figcaption").text_content() or ""
        assert "2023-11-01 - 2026-10-31" in caption, "its period"
        assert caption.count("60,000") >= 2, "of how many match, and of how many there are"
        assert ONLY[lang] in caption, "which of them it counts"
    assert "60,000" in (page.locator("figure:has(.matrix) figcaption").text_content() or "")
    text = page.inner_text("#charts") + page.inner_text("#timebar")
    if lang == "zh":
        assert set(re.findall(r"[A-Za-z]{4,}", text)) <= {"Shift"}
    else:
        assert CJK.findall(text) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"
    watched.clean()


def test_on_a_phone_the_charts_are_a_sheet_and_nothing_lies_over_another(open_page: Open) -> None:
    watched = open_page(390, 844)
    page = watched.go("/?lang=zh#charts=1&vs=previous&from=2026-08-01&to=2026-10-31")
    watched.until("document.querySelector('#compare-table') !== null")
    boxes = page.evaluate(
        """['.top', '.stage', '#timebar', '#charts'].map(name => { const box = document.querySelector(name).getBoundingClientRect();
          return [Math.round(box.top), Math.round(box.bottom), Math.round(box.width)]; })"""
    )
    assert [box[0] for box in boxes[1:]] == [box[1] for box in boxes[:-1]], "one below the other"
    assert boxes[-1][1] == 844
    assert {box[2] for box in boxes} == {390}
    assert boxes[1][1] - boxes[1][0] > 150, "the map stays to be seen"
    assert page.is_hidden("#panel")
    over = """(a, b) => { const [p, q] = [a, b].map(name => document.querySelector(name).getBoundingClientRect());
      return p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom; }"""
    for one, other in (("#compare-legend", ".notice"), ("#compare-legend", ".leaflet-control-zoom")):
        assert not page.evaluate(f"({over})({one!r}, {other!r})"), (one, other)
    watched.clean()


def test_a_brush_sets_the_period_in_the_address_the_filter_and_every_count(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    watched.until("document.querySelectorAll('#timebar .bar').length === 157")
    brush(page, 0.5, 0.75)
    watched.until("location.hash.includes('from=2025')")
    told = link(page)
    assert told["from"].startswith("2025-0")
    assert told["to"].startswith("2026-0")
    watched.until(f"document.getElementById('totals').textContent.startsWith('{told['from']} - {told['to']}')")
    assert 12_000 < count(page) < 18_000
    assert page.input_value("#day-from") == told["from"]
    watched.until(f"{SAYS}.includes(', reports only')")
    says = re.search(r": ([\d,]+) incidents", page.evaluate(SAYS))
    assert says
    assert 0.7 * count(page) < int(says.group(1).replace(",", "")) < count(page), "one in five was found by patrols"
    page.click("#time-all")
    watched.until("!location.hash.includes('from=')")
    watched.until("document.getElementById('totals').textContent.includes(': 60,000 incidents')")
    watched.clean()


def test_a_click_on_a_bar_takes_that_week_and_the_keyboard_moves_it(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    watched.until("document.querySelectorAll('#timebar .bar').length === 157")
    brush(page, 0.5, 0.5)
    watched.until("location.hash.includes('from=')")
    before = link(page)
    page.focus("#brush-middle")
    page.keyboard.press("ArrowRight")
    watched.until(f"!location.hash.includes('from={before['from']}')")
    after = link(page)
    assert page.get_attribute("#brush-middle", "aria-valuetext") == f"{after['from']} - {after['to']}"
    assert after["from"] > before["to"], "a week on"
    page.focus("#brush-end")
    page.keyboard.press("Shift+ArrowRight")
    watched.until(f"!location.hash.includes('to={after['to']}')")
    assert link(page)["from"] == after["from"]
    watched.clean()


def test_play_steps_through_the_chosen_period_and_pauses(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en#from=2026-09-01&to=2026-10-31")
    watched.until("document.querySelectorAll('#timebar .bar').length === 157")
    page.click("#time-play")
    watched.until("location.hash.includes('from=2026-09-01') && location.hash.includes('to=2026-09-07')")
    watched.until("location.hash.includes('from=2026-09-08') && location.hash.includes('to=2026-09-14')")
    watched.until("document.getElementById('totals').textContent.startsWith('2026-09-08 - 2026-09-14')")
    page.click("#time-play")
    paused = link(page)["from"]
    page.click("#time-next")
    watched.until(f"!location.hash.includes('from={paused}')")
    page.click("#time-back")
    watched.until(f"location.hash.includes('from={paused}')")
    assert page.get_attribute("#time-play", "aria-label") == "Play"
    watched.clean()


def test_play_ends_with_the_period_it_began_with(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en#from=2026-10-01&to=2026-10-15")
    watched.until("document.querySelectorAll('#timebar .bar').length === 157")
    page.click("#time-play")
    watched.until("location.hash.includes('from=2026-10-08')")
    watched.until("location.hash.includes('from=2026-10-01') && location.hash.includes('to=2026-10-15')")
    assert page.get_attribute("#time-play", "aria-label") == "Play"


def test_who_wants_less_motion_gets_one_step_a_press(open_page: Open) -> None:
    watched = open_page()
    watched.page.emulate_media(reduced_motion="reduce")
    page = watched.go("/?lang=en#from=2026-09-01&to=2026-10-31")
    page.click("#time-play")
    watched.until("location.hash.includes('to=2026-09-07')")
    page.wait_for_timeout(1600)
    assert link(page)["to"] == "2026-09-07", "it does not go on by itself"
    assert page.evaluate("getComputedStyle(document.querySelector('#timebar .brush')).transitionDuration") == "0s"
    page.click("#time-play")
    watched.until("location.hash.includes('to=2026-09-14')")


def test_a_click_in_the_matrix_filters_the_map_to_that_hour(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en#charts=1&l=incidents")
    watched.until(OPENED)
    cell = page.locator('.matrix td[data-day="0"][data-hour="8"]')
    told = re.search(r"Mon 08:00-09:00: ([\d,]+) incidents in (\d+) such hours", cell.get_attribute("aria-label") or "")
    assert told
    cell.click()
    watched.until("location.hash.includes('h=8') && location.hash.includes('w=0')")
    # The charts count reports alone, the list all that match.
    said = rf"{told.group(1)} incidents, reports only \\(of ([\\d,]+) that match"
    watched.until(f"(document.body.textContent.match(new RegExp('{said}')) ?? [])[1] > ''")
    matching = page.evaluate(f"document.body.textContent.match(new RegExp('{said}'))[1]")
    watched.until(f"document.getElementById('totals').textContent.includes(': {matching} incidents')")
    assert "Mon 08:00-09:00" in (page.text_content("#totals") or ""), "the list says which hours it counts"
    watched.until("document.querySelectorAll('.matrix td[aria-selected=\"true\"]').length === 1")
    page.click("#clear-slots")
    watched.until("document.getElementById('totals').textContent.includes(': 60,000 incidents')")
    watched.clean()


def test_hours_can_be_brushed_and_chosen_by_keyboard(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en#charts=1")
    watched.until(OPENED)
    page.locator('.matrix td[data-day="0"][data-hour="7"]').scroll_into_view_if_needed()
    start = page.locator('.matrix td[data-day="0"][data-hour="7"]').bounding_box()
    end = page.locator('.matrix td[data-day="4"][data-hour="9"]').bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 4, start["y"] + 4)
    page.mouse.down()
    page.mouse.move(end["x"] + 4, end["y"] + 4, steps=4)
    page.mouse.up()
    watched.until("location.hash.includes('h=7.8.9') && location.hash.includes('w=0.1.2.3.4')")
    watched.until("document.querySelectorAll('.matrix td[aria-selected=\"true\"]').length === 15")
    assert page.get_attribute("#weekday-2", "aria-pressed") == "true"
    page.click("#matrix-clear")
    watched.until("!location.hash.includes('h=')")
    watched.until("document.querySelectorAll('.matrix td[aria-selected=\"true\"]').length === 0")
    page.focus('.matrix td[tabindex="0"]')
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    watched.until("document.querySelectorAll('.matrix td[aria-selected=\"true\"]').length === 2")
    assert len(link(page)["h"].split(".")) == 2
    assert page.evaluate("document.activeElement.matches('.matrix td')"), "the focus stays in the matrix"
    watched.clean()


def test_two_periods_are_compared_with_a_test_and_the_map_says_so(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    page.click("#open-charts")
    page.click("#compare-toggle")
    watched.until("document.querySelector('#compare-table') !== null")
    assert link(page)["from"] == "2026-10-02", "thirty days, where no period was chosen"
    assert link(page)["vs"] == "previous"
    text = page.inner_text("#compare-box")
    assert "2026-09-02 - 2026-10-01, 30 days" in text
    assert "95% interval" in text
    assert page.is_visible("#compare-legend")
    assert "No evidence of change" in (page.text_content("#compare-legend") or "")
    page.click("#base-year")
    watched.until("document.getElementById('compare-box').textContent.includes('2025-10-02 - 2025-10-31')")
    page.click("#compare-table tbody tr:first-child")
    watched.until("document.querySelector('.leaflet-popup-content')?.textContent.includes('in 30 days')")
    again = open_page()
    other = again.go(page.evaluate("location.pathname + location.search + location.hash"))
    again.until("document.getElementById('compare-box').textContent.includes('2025-10-02 - 2025-10-31')")
    assert other.text_content("#compare-table") == page.text_content("#compare-table")
    page.click("#compare-toggle")
    watched.until("document.getElementById('compare-legend').hidden && location.hash.includes('heat')")
    watched.clean()


def test_a_link_restores_hours_and_the_charts_follow_the_area(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en#charts=1&h=22.23.99.x&w=5&area=150304009000&from=2026-01-01&to=2026-10-31")
    watched.until(OPENED)
    assert link(page)["h"] == "22.23"
    matching = count(page)
    assert 0 < matching < 300
    caption = page.locator("figure:has(#chart-trend) figcaption").text_content() or ""
    assert f" incidents, reports only (of {matching:,} that match" in caption
    assert "Sat 22:00-24:00" in caption
    watched.clean()


def test_escape_closes_the_charts_and_gives_the_focus_back(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    page.click("#open-charts")
    watched.until(OPENED)
    page.focus("#compare-toggle")
    page.keyboard.press("Escape")
    assert page.is_hidden("#charts")
    assert page.evaluate("document.activeElement.id") == "open-charts"
    watched.clean()
