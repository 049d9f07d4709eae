"""Hot spots as a duty supervisor meets them: found, explained, compared, shown on the map, handed to the planner, printed."""

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Watched
from tests.browser.test_accessible import findings

pytestmark = [pytest.mark.browser]
Open = Callable[..., Watched]
AUTUMN = "from=2026-08-01&to=2026-10-31&l=district.street"
LISTED = "document.querySelectorAll('#spot-list tbody tr[data-spot]').length > 1"


def test_the_panel_ranks_explains_compares_and_leads_to_planner_and_brief(open_page: Open) -> None:
    watched = open_page()
    page = watched.go(f"/?lang=zh#{AUTUMN}")
    page.click("#tab-hot")
    watched.until(LISTED, 60)
    text = page.inner_text("#spot-body")
    assert re.search(r"2026-08-01 - 2026-10-31\(92 天,仅上报\):\d+ 个热点", text)
    assert "不说明原因" in text
    assert re.search(r"[+=] (新增|持续)", page.inner_text("#spot-list"))
    # The areas are on the map with rank and sign, and the legend says what they are.
    watched.until("document.querySelectorAll('.spot-mark').length > 1")
    assert "双侧检验,FDR 0.05" in page.inner_text("#legend")
    assert "spots" in page.evaluate("location.hash")
    # By keyboard: focus shines on the map, Enter opens the evidence.
    page.focus("#spot-list button.spot-name >> nth=1")
    page.keyboard.press("Enter")
    watched.until("document.querySelector('.spot-details')")
    evidence = page.inner_text("#spot-list .spot-details")
    for part in ("期望", "p 值", "PAI", "上期", "主要类别", "高发时段"):
        assert part in evidence
    assert page.get_attribute("#spot-list button.spot-name >> nth=1", "aria-expanded") == "true"
    assert findings(page) == []
    way = page.get_attribute(".spot-details a.button >> nth=0", "href")
    # The first brief of a machine compiles what cameras see.
    brief = page.request.get(watched.base + str(way), timeout=120_000)
    assert (brief.status, brief.headers["content-type"]) == (200, "application/pdf")
    page.evaluate("document.getElementById('spot-words').open = true")
    words = page.inner_text("#spot-words")
    for part in ("方格边长", "距离带宽", "默认定位", "出处", "Ord and Getis 1995", "莫兰指数得分"):
        assert part in words
    page.click("[data-plan]")
    assert page.is_visible("#plan-maker")
    assert re.search(r"起数最多的 \d+ 个网格为必到点", page.inner_text("#make-grids"))
    watched.clean()


def test_a_phone_shows_trends_with_evidence_and_says_what_cannot_be_judged(open_page: Open) -> None:
    watched = open_page(390, 844)
    page = watched.go("/?lang=en#from=2026-10-30&to=2026-10-30&l=district.trends")
    page.click("#tab-hot")
    watched.until("document.querySelector('#spot-problem')")
    assert "optimized hot spots need 60" in page.inner_text("#spot-problem")
    assert findings(page) == []
    # Chromium names every refused answer: here the refusal is the point.
    assert all("400" in each for each in watched.complaints)
    watched.complaints.clear()
    page.goto("about:blank")
    watched.go(f"/?lang=en#{AUTUMN}.trends&hm=scan&hv=none")
    watched.until("document.querySelectorAll('.trend-mark').length > 0")
    page.click("#legend summary")
    assert "Trend of grids: 13 steps of 7 days" in page.inner_text("#legend")
    page.click("#tab-hot")
    watched.until(LISTED, 60)
    assert page.input_value("#spot-method") == "scan"
    assert "not compared" in page.inner_text("#spot-list")
    assert "one-sided Monte Carlo" in page.inner_text("#legend")
    wide = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(wide)
    watched.clean()
