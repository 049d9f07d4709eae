"""The report form with the network really cut: nothing that was written is lost, nothing is sent twice, nothing is kept of people."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Playwright

from tests.browser.conftest import WORKER, free_port, open_session
from tests.browser.report_form import PAGE, cases, photo, review, send, write
from tests.browser.server import Server
from tests.browser.test_accessible import findings
from tests.browser.test_phone_page import Phone, until
from webmap.services import utc_now
from webmap.store import LOCAL_OPERATOR, Store
from webmap.store.case_scope import CASE_OPERATOR
from webmap.store.events import Event

pytestmark = [pytest.mark.browser, pytest.mark.long]

LON, LAT = 106.7100, 39.5000


@pytest.fixture(scope="module")
def one_server(report_db: str) -> Iterator[Server]:
    running = Server(report_db, free_port())
    yield running
    running.kill()


@pytest.fixture
def server(one_server: Server) -> Server:
    """A server that a test may kill and start again at the same port."""
    if not one_server.is_alive:
        one_server.start()
    return one_server


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path, server: Server, report_db: str) -> Iterator[Phone]:
    held = Phone(playwright, tmp_path / "profile", server.base, open_session(report_db, WORKER))
    yield held
    held.close()


def test_the_browser_finds_the_page_installable(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    session = phone.context.new_cdp_session(phone.page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert session.send("Page.getAppManifest")["errors"] == []


def test_a_report_with_a_photo_arrives_masked_with_its_grid_and_receipt(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    write(phone, "王小明说井盖坏了,电话13812345678")
    phone.page.set_input_files(
        "#photos input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    phone.until("!document.querySelector('.photo-canvas').hidden")
    phone.page.click("#check")
    assert "没有加入" in phone.page.inner_text("#problem"), "a photo that was chosen is not forgotten"
    phone.page.click(".photo-add")
    phone.page.click("#photo-keep")
    phone.until("document.querySelectorAll('.photos img').length === 1")
    review(phone)
    assert "13812345678" not in phone.page.inner_text("#review")
    assert "已遮盖" in phone.page.inner_text("#masked")
    phone.page.click("#send")
    phone.until("!document.getElementById('done').hidden")
    phone.waiting(0)
    receipt = phone.page.inner_text("#done code")
    (event,) = cases(report_store)
    assert (event.source, event.found_by, event.reporter) == ("inspection", "patrol", WORKER)
    assert phone.page.inner_text("#records .said") == event.body["text"]
    assert report_store.cases.by_key("receipt", receipt) == event.id
    (kept,) = report_store.photos.of_event(event.id, CASE_OPERATOR)
    assert kept.hidden == 1
    picture = np.asarray(Image.open(io.BytesIO(report_store.photos.read(event.id, kept.id, CASE_OPERATOR)[1])))
    assert picture[kept.height // 2, kept.width // 2].max() < 30, "what was hidden is black"
    assert phone.complaints == []


def test_without_a_network_several_drafts_are_kept_and_arrive_once(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    phone.context.set_offline(True)
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    for number in (1, 2):
        write(phone, f"第{number}件")
        review(phone)
        assert "没有网络" in phone.page.inner_text("#review")
        phone.page.click("#send")
        phone.waiting(number)
    write(phone, "还没写完")
    phone.page.click("#new")
    phone.until("document.querySelectorAll('#records [data-state=draft]').length === 1")
    assert phone.page.locator("#records [data-state=draft]").count() == 1
    assert cases(report_store) == []
    phone.context.set_offline(False)
    phone.waiting(0)
    assert sorted(event.body["text"] for event in cases(report_store)) == ["第1件", "第2件"]
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert len(cases(report_store)) == 2
    assert phone.page.locator("#records [data-state=sent] code").count() == 2, "their receipts are on the phone"
    phone.page.click("#records [data-state=draft] .acts button")
    phone.until("document.getElementById('text').value === '还没写完'")
    phone.until("document.getElementById('lies-in').dataset.code.length === 15")


def test_with_the_server_dead_and_the_browser_closed_nothing_is_lost(
    phone: Phone, server: Server, report_store: Store
) -> None:
    phone.install(PAGE)
    server.kill()
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    write(phone, "服务器停了")
    send(phone)
    phone.waiting(1)
    phone.close()
    phone.open()
    phone.go(PAGE)
    phone.waiting(1)
    phone.close()
    server.start()
    phone.open()
    phone.go(PAGE)
    phone.waiting(0)
    assert [event.body["text"] for event in cases(report_store)] == ["服务器停了"]


def test_an_answer_that_got_lost_makes_no_duplicate_and_freezes_the_words(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    write(phone, "答复丢了")
    review(phone)
    sent: list[int] = []

    def lose(route: object) -> None:
        # The server keeps it, and the phone never hears of it.
        answer = route.fetch()  # type: ignore[attr-defined]
        sent.append(answer.status)
        route.abort()  # type: ignore[attr-defined]

    phone.context.route("**/api/reports", lose)
    phone.page.click("#send")
    phone.until("document.getElementById('state').dataset.state === 'offline'")
    assert (sent, len(cases(report_store))) == ([201], 1)
    phone.waiting(1)
    assert phone.page.locator("#records .acts").count() == 0, "what may have arrived is not changed"
    phone.context.unroute("**/api/reports")
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.waiting(0)
    assert len(cases(report_store)) == 1
    assert phone.page.locator("#records code").count() == 1


def test_a_conflict_is_typed_and_can_go_on_as_a_new_report(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    phone.context.set_offline(True)
    write(phone, "我的内容")
    send(phone)
    phone.waiting(1)
    first = phone.page.get_attribute("#records li", "data-id") or ""
    other = Event(
        first, "wangge", "06010", utc_now(), lon=LON, lat=LAT, district="150304000000", body={"text": "别的内容"}
    )
    report_store.cases.create(other, receipt="AAAA-AAAA-AAAA", viewer=CASE_OPERATOR, now=utc_now())
    phone.context.set_offline(False)
    phone.until("document.querySelectorAll('#records [data-state=conflict]').length === 1")
    assert "没有覆盖" in phone.page.inner_text("#records")
    assert [event.body["text"] for event in cases(report_store)] == ["别的内容"]
    phone.page.click("#records [data-state=conflict] .acts button")
    phone.until("document.getElementById('text').value === '我的内容'")
    send(phone)
    phone.waiting(0)
    assert sorted(event.body["text"] for event in cases(report_store)) == ["别的内容", "我的内容"]


def test_what_may_be_the_same_is_shown_and_can_be_said_to_be(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    write(phone, "第一次")
    send(phone)
    phone.waiting(0)
    write(phone, "第二次")
    review(phone)
    assert "同类" in phone.page.inner_text("#similar")
    send(phone, "#similar .same")
    by_text = {event.body["text"]: event for event in cases(report_store)}
    assert by_text["第二次"].body["attributes"] == {"same_as": by_text["第一次"].id}
    write(phone, "第三次")
    send(phone)
    assert len(cases(report_store)) == 3


def test_outside_the_district_nothing_is_sent_and_the_page_says_why(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    phone.page.fill("#category-search", "供水井盖")
    phone.page.keyboard.press("Enter")
    box = phone.page.locator("#map").bounding_box()
    assert box is not None
    phone.page.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8)
    phone.until("document.getElementById('lies-in').classList.contains('bad')")
    assert "范围之外" in phone.page.inner_text("#lies-in")
    phone.page.click("#check")
    assert "范围之外" in phone.page.inner_text("#problem")
    assert not phone.page.is_visible("#review")


def test_the_position_is_asked_for_once_and_only_by_the_button(phone: Phone, report_store: Store) -> None:
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"longitude": LON, "latitude": LAT})
    phone.page.add_init_script(
        "window.asked = []; const held = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...all) => { window.asked.push('once'); held(...all); };"
        "navigator.geolocation.watchPosition = () => { window.asked.push('track'); };"
    )
    phone.install(PAGE)
    assert phone.page.evaluate("window.asked") == []
    phone.page.click("#here")
    phone.until("document.getElementById('lies-in').dataset.code.length === 15")
    assert phone.page.evaluate("window.asked") == ["once"]


def test_another_account_on_the_phone_neither_sees_nor_sends_what_waits(
    phone: Phone, report_store: Store, report_db: str
) -> None:
    phone.install(PAGE)
    phone.context.set_offline(True)
    write(phone, "网格员的")
    send(phone)
    phone.waiting(1)
    phone.sign_in(open_session(report_db, "paidan"))
    phone.context.set_offline(False)
    phone.until("document.getElementById('state').dataset.state === 'other'")
    assert cases(report_store) == []
    phone.go(PAGE)
    assert phone.page.locator("#records li").count() == 0
    phone.sign_in(open_session(report_db, WORKER))
    phone.go(PAGE)
    phone.waiting(0)
    assert [event.reporter for event in cases(report_store)] == [WORKER]


def test_a_sign_in_that_ended_keeps_everything_and_a_new_one_sends_it(
    phone: Phone, report_store: Store, report_db: str
) -> None:
    phone.install(PAGE)
    phone.context.set_offline(True)
    write(phone, "过期之后")
    send(phone)
    phone.waiting(1)
    for session in report_store.sessions.list(WORKER, now=utc_now()):
        report_store.sessions.revoke(session.id, viewer=LOCAL_OPERATOR, now=utc_now())
    until(lambda: phone.context.request.get(f"{phone.base}/api/reports/session.json").status == 401)
    phone.context.set_offline(False)
    phone.until("document.getElementById('state').dataset.state === 'sign-in'")
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert "登录已过期" in phone.page.inner_text("#help"), "the page that was kept goes on and says so"
    phone.waiting(1)
    phone.sign_in(open_session(report_db, WORKER))
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.waiting(0)
    assert len(cases(report_store)) == 1


def test_the_receipt_leads_to_the_case_and_the_holder_withdraws_it(phone: Phone, report_store: Store) -> None:
    phone.install(PAGE)
    write(phone, "查进度")
    send(phone)
    phone.waiting(0)
    with phone.page.expect_navigation():
        phone.page.click("#done a")
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert "已收到" in phone.page.inner_text("#state-part h2")
    assert "查进度" in phone.page.inner_text("#case")
    assert findings(phone.page) == []
    phone.page.fill("#why-withdraw", "看错了")
    phone.page.click("#withdraw button")
    phone.until("document.querySelector('#state-part h2').textContent.includes('已撤回')")
    assert [event.state for event in cases(report_store)] == ["withdrawn"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_target_is_large_and_axe_finds_nothing(lang: str, phone: Phone, report_store: Store) -> None:
    phone.install(f"{PAGE}?lang={lang}")
    assert findings(phone.page) == []
    phone.page.click(".groups summary")
    phone.page.click("#category-groups details:nth-child(2) summary")
    phone.page.fill("#place-search", "富强" if lang == "zh" else "Fuqiang")
    phone.page.fill("#category-search", "a" if lang == "en" else "垃圾")
    small = phone.page.evaluate(
        "[...document.querySelectorAll('main button, main a, main summary, main input:not([type=file])')].filter((e) => e.offsetParent)"
        ".filter((e) => { const box = (e.closest('.radio') ?? e).getBoundingClientRect(); return box.width < 43 || box.height < 43; })"
        ".map((e) => e.outerHTML.slice(0, 80))"
    )
    assert small == []
    assert findings(phone.page) == []
    assert phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
