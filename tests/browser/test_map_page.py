"""The map as a supervisor meets it: in a real browser, over a real server, with the shipped sample."""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest

from tests.browser.conftest import Watched, serve

pytestmark = pytest.mark.browser
Open = Callable[..., Watched]
CJK = re.compile(r"[\u4e00-\u9fff]")


def pixels(watched: Watched, pane: str) -> int:
    """Painted pixels of a canvas pane: a blank layer has none."""
    return int(
        watched.page.evaluate(
            """pane => [...document.querySelectorAll(`.leaflet-${pane}-pane canvas`)].reduce((sum, canvas) => {
              const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              for (let i = 3; i < data.length; i += 4) sum += data[i] > 0;
              return sum; }, 0)""",
            pane,
        )
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_map_opens_whole_without_asking_anything_outside(open_page: Open, lang: str, size: tuple[int, int]) -> None:
    watched = open_page(*size)
    page = watched.go(f"/?lang={lang}")
    assert pixels(watched, "lines") > 500, "boundaries are drawn"
    assert page.evaluate("document.querySelectorAll('.leaflet-heat-pane img').length") >= 1
    assert page.evaluate("document.querySelectorAll('.stop-number').length") > 10
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"
    watched.clean()


def test_every_layer_can_be_shown_and_hidden(open_page: Open) -> None:
    watched = open_page()
    page = watched.go()
    page.click("#tab-layers")
    for name in ("values", "incidents", "places", "cameras", "grid", "special", "buildings"):
        page.click(f"#layer-{name}")
    watched.until("document.querySelectorAll('.count-bubble').length > 3")
    watched.until("document.querySelector('#legend-body').textContent.includes('摄像机')")
    for name in ("heat", "patrol", "incidents", "labels"):
        page.click(f"#layer-{name}")
    watched.until(
        "document.querySelectorAll('.count-bubble, .stop-number, .place-label, .leaflet-heat-pane img').length === 0"
    )
    watched.clean()


def test_a_filter_reaches_every_layer_and_list_at_once(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en#l=heat.values.incidents.district")
    watched.until("document.querySelectorAll('.count-bubble').length > 0")
    before = page.evaluate(
        "[document.querySelector('.leaflet-heat-pane img').src, document.getElementById('totals').textContent]"
    )
    page.get_by_role("button", name="7 days", exact=True).click()
    watched.until("document.querySelectorAll('.count-bubble').length === 0")
    watched.until(f"document.querySelector('.leaflet-heat-pane img').src !== {before[0]!r}")
    watched.until("document.getElementById('totals').textContent.includes('2026-10-25 - 2026-10-31')")
    assert page.text_content("#totals") != before[1]
    assert "in view of" in (page.text_content("#legend-body") or ""), "points now, and the legend says so"
    watched.clean()


def test_a_day_that_is_none_is_said_and_changes_nothing(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    before = page.text_content("#totals")
    page.fill("#day-from", "2026-02-30")
    page.press("#day-from", "Enter")
    watched.until("document.getElementById('state').textContent.includes('2026-02-30')")
    assert page.text_content("#totals") == before
    watched.clean()


def test_search_by_code_goes_to_the_grid_and_explains_it(open_page: Open) -> None:
    watched = open_page()
    page = watched.go()
    page.fill("#search", "150304009008001")
    page.press("#search", "Enter")
    watched.until("document.querySelector('.leaflet-popup-content')?.textContent.includes('先锋社区第1网格')")
    text = page.text_content(".leaflet-popup-content") or ""
    assert "第 " in text
    assert "起/km²" in text
    watched.clean()


def test_a_link_restores_filter_layers_and_place(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh")
    page.get_by_role("button", name="近30天").click()
    page.select_option("#area", "150304009000")
    page.click("#tab-layers")
    page.click("#layer-places")
    watched.until("location.hash.includes('150304009000') && location.hash.includes('places')")
    watched.until("document.getElementById('totals').textContent.includes('2026-10-02')")
    watched.until("document.getElementById('totals').textContent.includes('共 23 个')")
    link = page.evaluate("location.pathname + location.search + location.hash")
    totals = page.text_content("#totals")
    other = open_page()
    again = other.go(link)
    other.until("document.getElementById('totals').textContent.length > 0")
    assert again.text_content("#totals") == totals
    assert again.input_value("#area") == "150304009000"
    assert again.evaluate("window.wanggeMap.getZoom()") == page.evaluate("window.wanggeMap.getZoom()")
    other.clean()


def test_the_ranked_list_leads_to_its_grid(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    page.click("#tab-hot")
    name = page.text_content("#hot-list tbody tr:first-child td:nth-child(2)") or ""
    page.click("#hot-list tbody tr:first-child")
    watched.until("document.querySelector('.leaflet-popup-content') !== null")
    assert name.removesuffix("hot") in (page.text_content(".leaflet-popup-content h3") or "")
    watched.clean()


def test_patrol_assignments_say_when_where_and_why(open_page: Open) -> None:
    watched = open_page()
    page = watched.go()
    page.click("#tab-patrol")
    page.click(".team summary")
    first = page.text_content(".team[open] li:first-child") or ""
    assert re.search(r"2[0-3]:\d\d", first), "the night shift begins at 20:00 local time"
    assert "停留" in first
    page.click(".team[open] li:first-child button")
    watched.until("document.querySelector('.leaflet-popup-content') !== null")
    sheet = page.get_attribute(".team[open] .files a", "href")
    page.goto(watched.base + str(sheet))
    assert page.locator("body > svg").count() == 1
    assert page.locator("figure.qr svg").bounding_box()["width"] == pytest.approx(26 / 25.4 * 96, abs=1)
    assert page.locator("tbody tr").count() > 3
    watched.clean()


def test_no_english_in_the_chinese_page_and_no_chinese_in_the_english_one(open_page: Open) -> None:
    chinese = open_page().go("/?lang=zh")
    for tab in ("filters", "layers", "hot", "patrol"):
        chinese.click(f"#tab-{tab}")
        words = re.findall(r"[A-Za-z]{4,}", chinese.inner_text("body"))
        assert set(words) <= {"English", "Excel", "Wangge"}, tab
    english = open_page().go("/?lang=en")
    for tab in ("filters", "layers", "hot", "patrol"):
        english.click(f"#tab-{tab}")
        assert CJK.findall(english.inner_text("body").replace("中文", "")) == [], tab


def test_the_panel_works_by_keyboard(open_page: Open) -> None:
    page = open_page().go("/?lang=en")
    page.focus("#tab-filters")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-layers"
    assert page.is_visible("#pane-layers")
    assert page.is_hidden("#pane-filters")


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "shp", "kml", "csv", "xlsx", "parquet"])
def test_exports_come_down_in_every_format(open_page: Open, downloads: Path, kind: str) -> None:
    watched = open_page()
    page = watched.go("/?lang=en")
    page.click("#open-export")
    page.select_option("#export-layer", "hotspots")
    page.select_option("#export-format", kind)
    with page.expect_download() as coming:
        page.click("#export-go")
    file = downloads / coming.value.suggested_filename
    coming.value.save_as(file)
    assert "wgs84" in file.name
    assert file.stat().st_size > 1000
    if kind in ("gpkg", "geojson"):
        assert len(gpd.read_file(file)) == 157
    watched.clean()


def test_the_offline_file_opens_with_the_network_cut(open_page: Open, downloads: Path) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh")
    page.click("#open-export")
    with page.expect_download() as coming:
        page.click("#export-html")
    file = downloads / "map.html"
    coming.value.save_as(file)
    alone = open_page(at=file.as_uri())
    alone.page.context.set_offline(True)
    alone.go("")
    assert pixels(alone, "lines") > 500
    assert alone.page.evaluate("document.querySelector('.leaflet-heat-pane img').naturalWidth") > 100
    assert alone.page.is_visible("#frozen")
    requests = [url for url in alone.outside if not url.startswith(("file:", "data:"))]
    assert requests == []
    assert alone.complaints == []


def test_the_printed_map_has_title_period_legend_and_north(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh")
    page.emulate_media(media="print")
    assert page.is_visible(".print-head h1")
    assert "2023-11-01" in (page.text_content("#print-period") or "")
    assert page.is_visible(".north")
    assert page.is_visible("#legend")
    assert page.is_visible(".leaflet-control-scale")
    assert page.is_hidden(".side")


def test_a_sheet_of_a3_is_drawn_larger_and_prints_dark_pages_light(open_page: Open) -> None:
    watched = open_page()
    watched.page.add_init_script("try { localStorage.setItem('wangge-theme', 'dark') } catch {}")
    page = watched.go()
    page.evaluate("() => { window.print = () => { window.printed = document.querySelector('.stage').clientWidth; }; }")
    page.click(".more summary")
    page.click("#print-a3")
    watched.until("window.printed > 0")
    assert page.evaluate("window.printed") == pytest.approx(400 / 25.4 * 96, abs=2)
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    width, height = (float(side) for side in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheet)[0])
    assert (width, height) == (pytest.approx(420 / 25.4 * 72, abs=2), pytest.approx(297 / 25.4 * 72, abs=2))
    page.emulate_media(media="print")
    ink = page.evaluate("getComputedStyle(document.querySelector('.legend')).color")
    assert ink == "rgb(29, 39, 51)"


def test_the_print_button_draws_the_same_ground_at_the_sheets_size(open_page: Open) -> None:
    watched = open_page()
    page = watched.go("/?lang=zh")
    before = page.evaluate("window.wanggeMap.getBounds().toBBoxString()").split(",")
    page.evaluate("() => { window.print = () => { window.printed = document.querySelector('.stage').clientWidth; }; }")
    page.click("#print")
    watched.until("window.printed > 0")
    assert page.evaluate("window.printed") == pytest.approx(277 / 25.4 * 96, abs=2)
    after = page.evaluate("window.wanggeMap.getBounds().toBBoxString()").split(",")
    west, south, east, north = (float(edge) for edge in before)
    room = 0.01 * (north - south)
    assert float(after[0]) <= west + room
    assert float(after[1]) <= south + room
    assert float(after[2]) >= east - room
    assert float(after[3]) >= north - room
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.is_visible(".side")
    watched.clean()


def test_amap_tiles_are_moved_under_our_layers(open_page: Open, demo_db: str, tmp_path: Path) -> None:
    """A tile set in GCJ-02 sits hundreds of metres off here; the page shifts it by that much."""
    del tmp_path
    extra = {"WANGGE_TILES_URL": "/static/vendor/leaflet/images/layers.png?{z}/{x}/{y}", "WANGGE_TILES_DATUM": "gcj02"}
    for address in serve(demo_db, extra):
        watched = open_page(at=address)
        page = watched.go("/?lang=en")
        shift = float(page.evaluate("document.documentElement.dataset.tileShift"))
        assert 380 < shift < 430, "GCJ-02 is off by 388 to 424 m in Wuda"
        watched.until("document.querySelectorAll('.leaflet-tiles-pane img.leaflet-tile').length > 0")
        moved = page.evaluate(
            """() => { const map = window.wanggeMap, zoom = map.getZoom();
              const tile = document.querySelector('.leaflet-tiles-pane img.leaflet-tile');
              const [, x, y] = tile.src.match(/\\?\\d+\\/(\\d+)\\/(\\d+)/).map(Number);
              const plain = map.latLngToContainerPoint(map.unproject([x * 256, y * 256], zoom));
              const box = tile.getBoundingClientRect(), stage = map.getContainer().getBoundingClientRect();
              const there = map.containerPointToLatLng([box.left - stage.left, box.top - stage.top]);
              return map.distance(there, map.containerPointToLatLng(plain)); }"""
        )
        metres_per_pixel = page.evaluate(
            "window.wanggeMap.distance(window.wanggeMap.containerPointToLatLng([0, 400]), window.wanggeMap.containerPointToLatLng([1, 400]))"
        )
        assert moved == pytest.approx(shift, abs=2 * metres_per_pixel)
        watched.clean()
