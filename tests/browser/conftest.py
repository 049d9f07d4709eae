"""A real server over the shipped sample and a real Chromium that reports every outside request and console message."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from sqlalchemy import text

from tests.shared_store import made_once
from webmap import plan_life
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.console import Console
from webmap.demo import prepare_demo
from webmap.planning import PlanRequest, make_plan
from webmap.services import Services, utc_now
from webmap.store import LOCAL_OPERATOR, Store, open_store

CHROMIUM = "/usr/bin/chromium"
WORKER = "wangyuan"
NAME, PASSWORD = "zhangwei", "Wuda-2026-grid"
WANGGE = str(Path(sys.executable).with_name("wangge"))
# A root user is the normal case in containers, and Chromium refuses root inside its sandbox.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo_db(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample without its cases, which end at the day of the test: what the map counts is the same every day."""

    def make(path: Path) -> None:
        url = f"sqlite:///{path}"
        store = open_store(url, create=True)
        prepare_demo(Services(store, Config(db=url), clock=utc_now), Console(db=url, as_json=False, lang="zh"))
        store.close()
        add_supervisor(url)

    return f"sqlite:///{made_once(tmp_path_factory, 'browser', make)}"


@pytest.fixture(scope="session")
def session(demo_db: str) -> str:
    """The token of a supervisor's session."""
    return open_session(demo_db)


def add_supervisor(url: str) -> None:
    """An account that sees the whole district."""
    store = open_store(url)
    now = datetime.now(UTC)
    store.users.add(NAME, password=PASSWORD, viewer=LOCAL_OPERATOR, now=now, grants=[Grant("supervisor")])
    store.close()


def open_session(url: str, name: str = "") -> str:
    """A session as the sign-in opens it."""
    store = open_store(url)
    token = store.sessions.sign_in(name or NAME, PASSWORD, now=datetime.now(UTC))
    store.close()
    return token


@pytest.fixture(scope="session")
def street_db(demo_db: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the sample with a worker's account and a plan that runs now, two hours old."""
    file = tmp_path_factory.mktemp("street") / "street.db"
    with closing(sqlite3.connect(demo_db.removeprefix("sqlite:///"))) as sample, closing(sqlite3.connect(file)) as copy:
        sample.backup(copy)
    url = f"sqlite:///{file}"
    store = open_store(url)
    now = utc_now()
    store.users.add(WORKER, password=PASSWORD, viewer=LOCAL_OPERATOR, now=now, grants=[Grant("grid_worker")])
    services = Services(store, Config(db=url), clock=utc_now)
    made = make_plan(
        services, PlanRequest(day=services.today(), shift="day", teams=3, iterations=200), viewer=LOCAL_OPERATOR
    )
    # The shift is moved to now: what the phone says must lie in it.
    began = now - timedelta(hours=2)
    moved = json.loads(json.dumps(made)) | {"shift_start": began.isoformat()}
    for team in moved["teams"]:
        for name in ("leave", "back"):
            team[name] = (began + timedelta(seconds=team[f"{name}_s"])).isoformat()
        for stop in team["stops"]:
            stop |= {
                name: (began + timedelta(seconds=stop[f"{name}_s"])).isoformat()
                for name in ("arrive", "start", "leave")
            }
    moved = {name: value for name, value in moved.items() if name != "id"}
    plan = store.plans.save(moved, viewer=LOCAL_OPERATOR, now=now, base=made["id"])
    plan_life.publish(services, plan, viewer=LOCAL_OPERATOR)
    store.plans.move(plan, "running", viewer=LOCAL_OPERATOR, now=now)
    store.close()
    return url


@pytest.fixture(scope="session")
def report_db(demo_db: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the sample with a worker and a desk, for tests that report."""
    file = tmp_path_factory.mktemp("report") / "report.db"
    with closing(sqlite3.connect(demo_db.removeprefix("sqlite:///"))) as sample, closing(sqlite3.connect(file)) as copy:
        sample.backup(copy)
    url = f"sqlite:///{file}"
    store = open_store(url)
    for name, role in ((WORKER, "grid_worker"), ("paidan", "desk")):
        store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=utc_now(), grants=[Grant(role)])
    store.close()
    return url


@pytest.fixture
def report_store(report_db: str) -> Iterator[Store]:
    """The store behind it; each test begins without cases."""
    held = open_store(report_db)
    with held._database.writing() as connection:
        for table in ("photos", "attachments", "event_keys", "event_clocks", "event_notices", "event_moves", "events"):
            connection.execute(text(f"DELETE FROM {table}"))
    yield held
    held.close()


def serve(db: str, extra: dict[str, str] | None = None) -> Iterator[str]:
    """Run ``wangge serve`` until the fixture ends; yields the address."""
    port = free_port()
    environment = os.environ | {"WANGGE_DB": db, "WANGGE_PORT": str(port), "WANGGE_WORKERS": "1"} | (extra or {})
    # Nobody reads this pipe while the server runs: a line for each request would fill it.
    environment["WANGGE_LOG"] = "errors"
    server = subprocess.Popen([WANGGE, "serve"], env=environment, stderr=subprocess.PIPE)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if server.poll() is not None:
                raise RuntimeError((server.stderr.read() if server.stderr else b"").decode())
            try:
                with urlopen(f"{base}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.2)
        yield base
    finally:
        server.terminate()
        server.wait(60)
        if server.stderr:
            server.stderr.close()


@pytest.fixture(scope="session")
def base(demo_db: str) -> Iterator[str]:
    """Address of a server over the sample."""
    yield from serve(demo_db)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One driver for all browsers: a thread may run no second one."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield running
    running.close()


@dataclass
class Watched:
    """A page and what went wrong on it."""

    page: Page
    base: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str = "/?lang=zh") -> Page:
        """Open a path and wait until the page says that it is done."""
        self.page.goto(self.base + path)
        self.ready()
        return self.page

    def ready(self) -> None:
        """Wait for the page's own mark; ``wait_for_function`` needs eval, which the policy forbids."""
        self.until("document.documentElement.dataset.ready === 'yes'")

    def until(self, expression: str, seconds: float = 20.0) -> None:
        """Poll an expression until it holds."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"never came true: {expression}; {self.complaints}")
            time.sleep(0.05)

    def clean(self) -> None:
        """No request left this server and nothing was complained about."""
        assert self.outside == []
        assert self.complaints == []


@pytest.fixture
def open_page(browser: Browser, base: str, session: str) -> Iterator[Callable[..., Watched]]:
    """Open a watched page of a given size."""
    contexts = []

    def start(width: int = 1440, height: int = 900, at: str = base, token: str = session) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        if token and at.startswith("http"):
            context.add_cookies([{"name": COOKIE, "value": token, "url": at, "httpOnly": True}])
        contexts.append(context)
        watched = Watched(context.new_page(), at)
        ours = (at, "data:", "blob:", "file:")
        watched.page.on("request", lambda r: None if r.url.startswith(ours) else watched.outside.append(r.url))
        watched.page.on(
            "console", lambda m: watched.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        return watched

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """Where downloads of this test go."""
    return tmp_path
