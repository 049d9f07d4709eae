"""The phone page with the network really cut: nothing that was said at a stop is lost, and nothing is counted twice."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright
from sqlalchemy import text

from tests.browser.conftest import CHROMIUM, FLAGS, PASSWORD, WORKER, free_port, open_session
from tests.browser.server import Server
from tests.browser.test_accessible import findings
from webmap import plan_life
from webmap.auth.gate import COOKIE
from webmap.config import Config
from webmap.services import Services, utc_now
from webmap.store import LOCAL_OPERATOR, Store, open_store
from webmap.store.checkins import CheckIn

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def one_server(street_db: str) -> Iterator[Server]:
    running = Server(street_db, free_port())
    yield running
    running.kill()


@pytest.fixture
def server(one_server: Server) -> Server:
    """A server that a test may kill and start again at the same port."""
    if not one_server.is_alive:
        one_server.start()
    return one_server


@pytest.fixture
def store(street_db: str) -> Iterator[Store]:
    """The store behind it; each test begins without check-ins."""
    held = open_store(street_db)
    with held._database.writing() as connection:
        connection.execute(text("DELETE FROM checkins"))
    yield held
    held.close()


@pytest.fixture
def path(store: Store) -> str:
    """The page of the first team of the running plan."""
    plan = next(plan for plan in store.plans.list(LOCAL_OPERATOR) if plan.status == "running")
    return f"/patrol/{plan.id}/0"


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


class Phone:
    """A phone: a browser whose profile lives on the disk, so that it can be closed and opened again."""

    def __init__(self, playwright: Playwright, profile: Path, base: str, token: str) -> None:
        self._playwright, self._profile, self.base = playwright, profile, base
        self.context: BrowserContext
        self.page: Page
        self.complaints: list[str] = []
        self.open()
        self.sign_in(token)

    def open(self) -> None:
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self._profile),
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport={"width": 390, "height": 844},
            locale="zh-CN",
        )
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, token: str) -> None:
        # Kept with the profile, as the sign-in's own cookie is.
        expires = (utc_now() + timedelta(hours=12)).timestamp()
        self.context.add_cookies(
            [{"name": COOKIE, "value": token, "url": self.base, "httpOnly": True, "expires": expires}]
        )

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.until("document.documentElement.dataset.ready === 'yes'")

    def until(self, expression: str, seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"never came true: {expression}; {self.complaints}")
            time.sleep(0.05)

    def install(self, path: str) -> None:
        """Open the page and wait until it is kept."""
        self.go(path)
        self.until("document.documentElement.dataset.offline === 'ready'")

    def waiting(self, count: int) -> None:
        self.until(f"document.getElementById('state').dataset.waiting === '{count}'")

    def send(self, button: str) -> None:
        """Say it and wait until the server has it: the count is none before it was said, too."""
        self.page.click(button)
        self.page.wait_for_selector("#left" if button == "#arrived" else "#arrived")
        self.waiting(0)

    def state(self) -> str:
        return str(self.page.evaluate("document.getElementById('state').dataset.state"))

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path, server: Server, street_db: str) -> Iterator[Phone]:
    held = Phone(playwright, tmp_path / "profile", server.base, open_session(street_db, WORKER))
    yield held
    held.close()


def kinds(store: Store) -> list[str]:
    with store._database.reading() as connection:
        return sorted(connection.execute(text("SELECT kind FROM checkins")).scalars())


def say_three(phone: Phone) -> None:
    """Arrive, leave, and arrive at the next."""
    for number, button in enumerate(("#arrived", "#left", "#arrived"), 1):
        phone.page.click(button)
        phone.waiting(number)


def test_the_browser_finds_the_page_installable(phone: Phone, path: str) -> None:
    phone.install(path)
    session = phone.context.new_cdp_session(phone.page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    assert json.loads(told["data"])["scope"] == "/patrol/"


def test_without_a_network_the_assignment_opens_and_three_check_ins_arrive_once(
    phone: Phone, path: str, store: Store
) -> None:
    phone.install(path)
    name = phone.page.inner_text("#next h2")
    phone.context.set_offline(True)
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert phone.page.inner_text("#next h2") == name
    assert "离线" in phone.page.inner_text("#state")
    say_three(phone)
    assert "3 条待上传" in phone.page.inner_text("#state")
    assert kinds(store) == []
    phone.context.set_offline(False)
    phone.waiting(0)
    assert kinds(store) == ["arrived", "arrived", "left"]
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert kinds(store) == ["arrived", "arrived", "left"], "said once, kept once"
    assert phone.page.locator("#stops [data-state=done]").count() == 1
    assert phone.complaints == []


def test_with_the_server_dead_and_the_browser_closed_nothing_is_lost(
    phone: Phone, path: str, server: Server, store: Store
) -> None:
    phone.install(path)
    server.kill()
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    say_three(phone)
    assert phone.state() == "offline"
    phone.close()
    phone.open()
    phone.go(path)
    phone.waiting(3)
    phone.close()
    server.start()
    phone.open()
    phone.go(path)
    phone.waiting(0)
    assert kinds(store) == ["arrived", "arrived", "left"]


def test_an_answer_that_got_lost_makes_no_duplicate(phone: Phone, path: str, store: Store) -> None:
    phone.install(path)
    sent: list[int] = []

    def lose(route: object) -> None:
        # The server keeps them, and the phone never hears of it.
        answer = route.fetch()  # type: ignore[attr-defined]
        sent.append(answer.status)
        route.abort()  # type: ignore[attr-defined]

    phone.context.route("**/api/checkins", lose)
    phone.page.click("#arrived")
    phone.until("document.getElementById('state').dataset.state === 'offline'")
    assert (sent, kinds(store)) == ([200], ["arrived"])
    phone.waiting(1)
    phone.context.unroute("**/api/checkins")
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.waiting(0)
    assert kinds(store) == ["arrived"]


def test_a_sign_in_that_ended_meanwhile_keeps_the_queue_and_a_new_one_sends_it(
    phone: Phone, path: str, store: Store, street_db: str
) -> None:
    phone.install(path)
    phone.context.set_offline(True)
    say_three(phone)
    for session in store.sessions.list(WORKER, now=utc_now()):
        store.sessions.revoke(session.id, viewer=LOCAL_OPERATOR, now=utc_now())
    # A worker of the server remembers an open session for two seconds.
    until(lambda: phone.context.request.get(f"{phone.base}/api/patrol/session.json").status == 401)
    phone.context.set_offline(False)
    phone.until("document.getElementById('state').dataset.state === 'sign-in'")
    phone.waiting(3)
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert "登录已过期" in phone.page.inner_text("#help"), "the page that was kept goes on and says so"
    assert kinds(store) == []
    with phone.page.expect_navigation():
        phone.page.click("#sign-in")
    phone.page.fill("input[name=name]", WORKER)
    phone.page.fill("input[name=password]", PASSWORD)
    with phone.page.expect_navigation():
        phone.page.click("button.primary")
    phone.until("document.documentElement.dataset.ready === 'yes'")
    phone.waiting(0)
    assert kinds(store) == ["arrived", "arrived", "left"]


def test_two_tabs_send_the_same_queue_once(phone: Phone, path: str, store: Store) -> None:
    phone.install(path)
    phone.context.set_offline(True)
    say_three(phone)
    second = phone.context.new_page()
    second.goto(phone.base + path)
    phone.context.set_offline(False)
    phone.waiting(0)
    second.close()
    assert kinds(store) == ["arrived", "arrived", "left"]


def test_a_new_version_is_offered_and_what_was_said_of_the_old_one_still_holds(
    phone: Phone, path: str, store: Store, street_db: str
) -> None:
    phone.install(path)
    phone.send("#arrived")
    old = path.split("/")[2]
    services = Services(store, Config(db=street_db), clock=utc_now)
    document = store.plans.get(old, LOCAL_OPERATOR).document
    new = store.plans.save(document | {"note": "v2", "base": old}, viewer=LOCAL_OPERATOR, now=utc_now(), base=old)
    plan_life.publish(services, new, viewer=LOCAL_OPERATOR)
    phone.page.click("#left")
    phone.until("!document.getElementById('newer').hidden")
    with phone.page.expect_navigation():
        phone.page.click("#newer a")
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert phone.page.locator("#stops [data-state=done]").count() == 1


def test_what_was_said_of_a_place_on_one_day_says_nothing_of_it_on_another(
    phone: Phone, path: str, store: Store
) -> None:
    """Hot grids and must-visits have the same ids on every day; a phone keeps what was said for some days."""
    document = store.plans.get(path.split("/")[2], LOCAL_OPERATOR).document
    bare = {name: value for name, value in document.items() if name not in ("id", "base")}
    other = store.plans.save(bare | {"date": "2030-01-01"}, viewer=LOCAL_OPERATOR, now=utc_now())
    store.plans.move(other, "published", viewer=LOCAL_OPERATOR, now=utc_now(), check=lambda _document: [])
    phone.install(path)
    for button in ("#arrived", "#left"):
        phone.send(button)
    phone.context.route("**/api/checkins", lambda route: route.abort())
    phone.page.click("#arrived")
    phone.waiting(1)
    phone.go(f"/patrol/{other}/0")
    assert phone.page.locator("#stops [data-state=done], #stops [data-state=there]").count() == 0
    assert phone.page.inner_text("#next .number") == "1"
    phone.waiting(1)  # What waits is told and sent from any page of the phone.
    phone.context.unroute("**/api/checkins")
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.waiting(0)
    phone.go(path)
    assert phone.page.locator("#stops [data-state=done]").count() == 1


def republish(store: Store, street_db: str, bend: Callable[[dict[str, Any]], None]) -> str:
    """A new version of the running plan, published."""
    services = Services(store, Config(db=street_db), clock=utc_now)
    old = next(plan for plan in store.plans.list(LOCAL_OPERATOR) if plan.status == "running")
    document = json.loads(json.dumps(old.document)) | {"base": old.id}
    bend(document)
    new = store.plans.save(document, viewer=LOCAL_OPERATOR, now=utc_now(), base=old.id)
    plan_life.publish(services, new, viewer=LOCAL_OPERATOR)
    return new


@pytest.mark.parametrize("streams", [True, False])
def test_an_idle_page_hears_of_a_new_version_and_takes_it_on_a_tap(
    streams: bool, phone: Phone, path: str, store: Store, street_db: str
) -> None:
    if not streams:
        phone.context.route("**/live?*", lambda route: route.fulfill(status=503, json={"poll": "/api/changes.json"}))
    phone.install(path)
    phone.send("#arrived")
    phone.context.set_offline(True)
    phone.page.click("#left")
    phone.waiting(1)
    phone.context.route("**/api/checkins", lambda route: route.abort())
    phone.context.set_offline(False)
    new = republish(store, street_db, lambda document: document.update(note="again"))
    if not streams:
        phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.until("!document.getElementById('newer').hidden")
    assert phone.page.inner_text("#newer") == "方案已更新,本队不变,点此打开"
    assert phone.page.url.endswith(path), "nobody is taken away from a stop"
    assert findings(phone.page) == []
    phone.context.unroute("**/api/checkins")
    with phone.page.expect_navigation():
        phone.page.click("#newer a")
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert f"/patrol/{new}/0" in phone.page.url
    phone.waiting(0)
    assert kinds(store) == ["arrived", "left"]
    assert phone.page.locator("#stops [data-state=done]").count() == 1
    assert phone.complaints == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_target_is_large_and_axe_finds_nothing(
    lang: str, phone: Phone, path: str, store: Store, tmp_path: Path
) -> None:
    phone.install(f"{path}?lang={lang}")
    phone.page.click(".skip summary")
    small = phone.page.evaluate(
        "[...document.querySelectorAll('main button, main a, main summary')].filter((e) => e.offsetParent)"
        ".filter((e) => { const box = e.getBoundingClientRect(); return box.width < 48 || box.height < 48; })"
        ".map((e) => e.outerHTML.slice(0, 80))"
    )
    assert small == []
    assert findings(phone.page) == []
    assert phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.send("#arrived")
    assert findings(phone.page) == []
    phone.go(f"/patrol/?lang={lang}")
    assert findings(phone.page) == []
    assert phone.page.locator(".teams a").count() >= 3


@pytest.mark.parametrize("choice", [False, True])
def test_signing_out_on_the_page_takes_the_assignment_off_the_phone_and_leaves_what_waits(
    choice: bool, phone: Phone, path: str, store: Store, street_db: str
) -> None:
    phone.install(path)
    phone.context.route("**/api/checkins", lambda route: route.abort())
    phone.page.click("#arrived")
    phone.waiting(1)
    if choice:
        phone.go("/patrol/")
    phone.page.on("dialog", lambda dialog: dialog.accept())
    with phone.page.expect_navigation():
        phone.page.click("#leave button")
    assert phone.page.url == f"{phone.base}/sign-in"
    assert phone.page.evaluate("caches.keys().then((names) => names.filter((name) => name.includes('pages')))") == []
    phone.context.unroute("**/api/checkins")
    phone.sign_in(open_session(street_db, WORKER))
    phone.go(path)
    phone.waiting(0)
    assert kinds(store) == ["arrived"]


def test_a_second_phone_of_the_team_goes_on_where_the_first_one_was(phone: Phone, path: str, store: Store) -> None:
    plan, team = path.split("/")[2], int(path.split("/")[3])
    visit = store.plans.get(plan, LOCAL_OPERATOR).document["teams"][team]["stops"][0]["id"]
    first = [CheckIn(f"the-first-phone-{kind}", plan, team, visit, kind, utc_now()) for kind in ("arrived", "left")]
    assert {receipt.state for receipt in store.checkins.add(first, viewer=LOCAL_OPERATOR, now=utc_now())} == {"kept"}
    phone.install(path)
    assert phone.page.locator("#stops [data-state=done]").count() == 1
    assert phone.page.inner_text("#next .number") == "2"


def test_the_choice_of_a_team_opens_without_a_network(phone: Phone, path: str, store: Store) -> None:
    phone.install(path)
    phone.go("/patrol/")
    phone.page.reload()
    phone.until("document.documentElement.dataset.ready === 'yes'")
    phone.context.set_offline(True)
    phone.go("/patrol/")
    phone.page.click(f".teams a[href='{path}']")
    phone.until("document.documentElement.dataset.ready === 'yes'")
    assert "离线" in phone.page.inner_text("#state")
    phone.context.set_offline(False)
