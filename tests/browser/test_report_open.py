"""The report form where everybody may report, and the page for 12345 work orders: no request leaves, nothing is claimed of others."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import WORKER, Watched, open_session, serve
from tests.browser.report_form import PAGE, cases, send, write
from tests.browser.test_accessible import findings
from tests.browser.test_phone_page import Phone
from webmap.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def open_base(report_db: str) -> Iterator[str]:
    """A server on which everybody may report."""
    yield from serve(report_db, {"WANGGE_PUBLIC_REPORTS": "on"})


def test_a_resident_reports_without_an_account_and_no_request_leaves(
    open_base: str, report_store: Store, open_page: Callable[..., Watched]
) -> None:
    watched = open_page(390, 844, at=open_base, token="")
    page = watched.go(f"{PAGE}?lang=zh")
    assert page.locator("#leave").count() == 0
    page.fill("#place-search", "富强社区")
    page.click("#place-found button")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.fill("#category-search", "路灯异常")
    page.keyboard.press("Enter")
    page.click("#check")
    watched.until("!document.getElementById('review').hidden")
    page.click("#send")
    watched.until("document.querySelectorAll('#done code').length === 1")
    assert [(event.source, event.found_by, event.reporter) for event in cases(report_store)] == [
        ("resident", "report", "")
    ]
    watched.clean()


def test_a_desk_checks_a_file_of_orders_and_brings_it_in(
    open_base: str, report_store: Store, report_db: str, open_page: Callable[..., Watched]
) -> None:
    watched = open_page(at=open_base, token=open_session(report_db, "paidan"))
    page = watched.go("/workorders?lang=zh")
    rows = "工单号,诉求人姓名,诉求时间,诉求类别,经度,纬度\nWD-1,王小明,2026-11-20,暴露垃圾,106.71,39.50\nWD-2,李丽,昨天,暴露垃圾,106.71,39.50\n"
    page.set_input_files("#file", {"name": "工单.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.click("#check-only")
    watched.until("document.querySelectorAll('#rejects tbody tr').length === 1")
    assert "诉求人姓名" in page.inner_text("#summary")
    assert cases(report_store) == []
    assert findings(page) == []
    page.click("#go")
    watched.until("document.querySelector('#summary h2').textContent === '导入结果'")
    assert len(cases(report_store)) == 1
    page = watched.go("/receipt?lang=zh#WD-1")
    assert "已收到" in page.inner_text("#state-part h2"), "whoever sees the case follows it by its number"
    watched.clean()


def test_where_everybody_may_report_a_workers_words_wait_for_the_worker(
    open_base: str, playwright: Playwright, tmp_path: Path, report_store: Store, report_db: str
) -> None:
    phone = Phone(playwright, tmp_path / "open", open_base, open_session(report_db, WORKER))
    phone.install(PAGE)
    phone.context.set_offline(True)
    write(phone, "网格员的,不是居民的")
    send(phone)
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    phone.until("document.getElementById('state').dataset.state === 'sign-in'")
    assert cases(report_store) == []
    phone.sign_in(open_session(report_db, WORKER))
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.waiting(0)
    assert [(event.source, event.reporter) for event in cases(report_store)] == [("inspection", WORKER)]
    phone.close()
