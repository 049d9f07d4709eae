"""Cameras as a supervisor meets them on the map: how much is seen, what is not, trying changes, where the next belong."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.browser.conftest import Watched
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, open_store

pytestmark = [pytest.mark.browser, pytest.mark.long]
Open = Callable[..., Watched]
CJK = re.compile(r"[\u4e00-\u9fff]")
AT = "&at=17/39.50900/106.70800"


def painted(watched: Watched, pane: str) -> int:
    """Painted pixels of a canvas pane, read from a copy."""
    return int(
        watched.page.evaluate(
            """pane => [...document.querySelectorAll(`.leaflet-${pane}-pane canvas`)].reduce((sum, canvas) => {
              const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
              copy.drawImage(canvas, 0, 0);
              const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
              for (let i = 3; i < data.length; i += 4) sum += data[i] > 0;
              return sum; }, 0)""",
            pane,
        )
    )


def section(watched: Watched, number: int) -> None:
    """Open one part of the panel of cameras alone."""
    watched.page.evaluate(
        "number => document.querySelectorAll('#camera-panel > details').forEach((part, i) => { part.open = i === number; })",
        number,
    )


def test_the_panel_tells_shares_with_what_they_are_shares_of(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh#l=district")
    page.click("#tab-cameras")
    watched.until("document.querySelectorAll('#camera-areas tbody tr').length >= 8", 60)
    text = page.inner_text("#camera-coverage")
    assert re.search(r"在线或状态未知 \d+ / 800 台", text)
    assert re.search(r"\d[\d.]* km² / 共 \d[\d.]* km²", text)
    before = page.inner_text("#camera-coverage table")
    page.select_option("#camera-basis-choice", "may")
    watched.until(f"document.querySelector('#camera-coverage table')?.innerText !== {before!r}", 60)
    page.select_option("#camera-band-choice", "identify")
    watched.until("location.hash.includes('px=identify')")
    watched.clean()


def test_each_layer_of_cameras_draws_and_says_what_its_colours_mean(open_page: Open) -> None:
    watched = open_page()
    page = watched.go(f"/?lang=zh#l=district{AT}")
    page.click("#tab-layers")
    assert painted(watched, "fills") == 0
    for name, words in (("views", "必见"), ("depth", "3 台及以上"), ("blind", "盲区")):
        page.click(f"#layer-{name}")
        watched.until(f"document.getElementById('legend-body').textContent.includes('{words}')", 60)
        watched.until("document.getElementById('state').textContent === ''", 60)
        assert painted(watched, "fills") > 300, name
        page.click(f"#layer-{name}")
        watched.until(f"!document.getElementById('legend-body').textContent.includes('{words}')")
    watched.clean()


def test_a_blind_spot_of_the_list_is_shown_with_its_reason(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en#l=district")
    page.click("#tab-cameras")
    section(watched, 1)
    watched.until("document.querySelectorAll('#camera-blind tbody tr').length >= 20", 60)
    reason = page.inner_text("#camera-blind tbody tr:first-child .why:last-child")
    page.click("#camera-blind tbody tr:first-child")
    watched.until("document.querySelector('.leaflet-popup-content')?.textContent.includes('no. 1')")
    assert reason in page.inner_text(".leaflet-popup-content")
    watched.until("document.querySelectorAll('.blind-number').length === 20")
    watched.clean()


def test_a_camera_is_added_dragged_and_turned_and_the_effect_shows(open_page: Open) -> None:
    watched = open_page()
    page = watched.go(f"/?lang=zh#l=district.buildings{AT}")
    page.click("#tab-cameras")
    section(watched, 3)
    page.click("#trial-add")
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    watched.until("document.querySelector('#trial-note')?.textContent.includes('可见')", 60)
    first = page.inner_text("#trial-note")
    tip = page.locator(".trial-tip").bounding_box()
    assert tip is not None
    page.mouse.move(tip["x"] + 9, tip["y"] + 9)
    page.mouse.down()
    page.mouse.move(tip["x"] + 109, tip["y"] + 129, steps=6)
    page.mouse.up()
    watched.until("document.getElementById('trial-azimuth')?.value !== '0'")
    assert 20 < int(page.input_value("#trial-azimuth")) < 180, "the tip was drawn to the south-east"
    watched.until(f"document.getElementById('trial-note')?.textContent !== {first!r}")
    page.fill("#trial-range_m", "30")
    page.press("#trial-range_m", "Enter")
    watched.until("location.hash.includes('%2C30%2C')")
    page.focus(".trial-point")
    here = page.evaluate("location.hash.match(/try=([^&]+)/)[1]")
    page.keyboard.press("Shift+ArrowRight")
    watched.until(f"!location.hash.includes({here!r})")
    assert re.search(r"[+±]", page.inner_text("#trial-result"))
    watched.clean()


def test_a_camera_of_the_register_is_moved_on_trial_and_the_register_stays(open_page: Open) -> None:
    watched = open_page()
    page = watched.go(f"/?lang=zh#l=district.cameras{AT}")
    before = page.evaluate("fetch('/api/layers/cameras.geojson').then((answer) => answer.text())")
    shown = page.evaluate(
        """() => { const map = window.wanggeMap; let found = null;
          map.eachLayer((layer) => { if (layer.feature?.properties?.camera_type && map.getBounds().pad(-0.2).contains(layer.getLatLng()))
            found ??= { ...map.latLngToContainerPoint(layer.getLatLng()), id: layer.feature.properties.id }; });
          return found; }"""
    )
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + shown["x"], box["y"] + shown["y"])
    page.get_by_role("button", name="状态历史").click()
    watched.until("document.querySelector('.history')?.textContent.includes('起')")
    page.get_by_role("button", name="试着移动或转向").click()
    watched.until("document.querySelectorAll('#trial-result tbody tr').length === 5", 60)
    assert f"try={shown['id']}" in page.evaluate("location.hash")
    page.get_by_role("button", name="清空试算").click()
    watched.until("!location.hash.includes('try=')")
    assert page.evaluate("fetch('/api/layers/cameras.geojson').then((answer) => answer.text())") == before
    watched.clean()


def test_a_trial_opens_from_its_link_and_has_a_report_with_files(open_page: Open) -> None:
    watched = open_page()
    page = watched.go(f"/?lang=en#l=district&try=new-1%2C106.707%2C39.5091%2C98%2C70%2C80%2C5&off=V0466{AT}")
    watched.until("document.querySelectorAll('#trial-result tbody tr').length === 5", 60)
    assert page.locator(".trial-list li").count() == 2
    change = page.inner_text("#trial-result tbody tr:first-child td:last-child")
    address = page.get_attribute("#trial-report", "href")
    page.goto(watched.base + str(address))
    told = page.inner_text("#result tbody tr:first-child td:last-child")
    assert re.sub(r"\D", "", told) == re.sub(r"\D", "", change)
    assert page.locator("#changes tbody tr").count() == 2
    link = page.get_attribute("a[href^='/export/camera_trial.csv']", "href")
    text = page.evaluate("address => fetch(address).then((answer) => answer.text())", link)
    assert [row["id"] for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))] == ["new-1"]
    watched.clean()


def test_proposals_come_with_their_bound_and_go_on_trial(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh#l=district")
    page.click("#tab-cameras")
    section(watched, 4)
    page.fill("#sites-count", "3")
    page.press("#sites-count", "Tab")
    page.click("#sites-go")
    watched.until("document.querySelectorAll('#sites-result tbody tr').length === 3", 120)
    assert re.search(r"没有更好的选择|差距不超过", page.inner_text("#sites-result"))
    assert page.locator(".site-number").count() == 3
    page.click("#sites-take")
    watched.until("document.querySelectorAll('.trial-list li').length === 3")
    watched.clean()


def test_a_zone_drawn_on_the_map_keeps_proposals_out(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh#l=district.streets")
    page.click("#tab-cameras")
    section(watched, 4)
    page.click("#sites-zone")
    box = page.locator(".stage").bounding_box()
    assert box is not None
    west, north = box["x"] + 0.5 * box["width"], box["y"] + 0.05 * box["height"]
    east, south = box["x"] + 0.98 * box["width"], box["y"] + 0.95 * box["height"]
    for x, y in ((west, north), (east, north), (east, south), (west, south)):
        page.mouse.click(x, y)
    page.keyboard.press("Enter")
    page.click("#sites-go")
    watched.until("document.querySelectorAll('#sites-result tbody tr').length === 5", 120)
    edge = page.evaluate("([x, y]) => window.wanggeMap.containerPointToLatLng([x, y]).lng", [west - box["x"], 0])
    placed = page.evaluate(
        """() => { const found = []; window.wanggeMap.eachLayer((layer) => {
          if (layer.options?.icon?.options?.className === 'site-number') found.push(layer.getLatLng().lng); }); return found; }"""
    )
    assert len(placed) == 5
    assert max(placed) <= edge + 1e-6
    watched.clean()


def test_failures_say_what_hangs_on_one_camera_and_try_without_it(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh#l=district")
    page.click("#tab-cameras")
    section(watched, 2)
    watched.until("document.querySelectorAll('#camera-failures tbody tr').length > 15", 60)
    assert re.search(r"137 处重点场所中,\d+ 处只靠一台摄像机", page.inner_text("#camera-failures"))
    page.locator("#camera-failures button", has_text="试停").first.click()
    watched.until("document.querySelector('#trial-result .worse') !== null", 60)
    watched.clean()


def test_no_english_in_the_chinese_panel_and_no_chinese_in_the_english_one(open_page: Open) -> None:
    for lang, stray in (("zh", re.compile(r"[A-Za-z]{4,}")), ("en", CJK)):
        watched = open_page()
        page = watched.go(f"/?lang={lang}#l=district.views.depth.blind")
        page.click("#tab-cameras")
        page.evaluate("document.querySelectorAll('#camera-panel > details').forEach((part) => { part.open = true; })")
        watched.until("document.querySelectorAll('#camera-failures tbody tr').length > 15", 60)
        watched.until("document.querySelectorAll('#camera-blind tbody tr').length > 15", 60)
        for place in ("#pane-cameras", "#legend"):
            assert stray.findall(page.inner_text(place)) == [], (lang, place)
        watched.clean()


def test_the_panel_has_room_on_a_phone(open_page: Open) -> None:
    watched = open_page(390, 844)
    page = watched.go("/?lang=en")
    page.click("#tab-cameras")
    watched.until("document.querySelectorAll('#camera-areas tbody tr').length >= 8", 60)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(
        "document.getElementById('pane-cameras').scrollWidth <= document.getElementById('pane-cameras').clientWidth"
    )
    watched.clean()


def test_who_may_not_see_cameras_is_offered_none_of_it(open_page: Open, demo_db: str) -> None:
    store = open_store(demo_db)
    now = datetime.now(UTC)
    store.users.add("lilei", password="Wuda-2026-grid", viewer=LOCAL_OPERATOR, now=now, grants=[Grant("analyst")])
    token = store.sessions.sign_in("lilei", "Wuda-2026-grid", now=now)
    store.close()
    watched = open_page(token=token)
    page = watched.go("/?lang=zh#l=district.cameras.views.blind&try=new-1%2C106.7%2C39.5")
    assert page.locator("#tab-cameras").count() == 0
    page.click("#tab-layers")
    assert page.locator("#layer-cameras, #layer-views, #layer-depth, #layer-blind").count() == 0
    watched.clean()
