"""A real server: figures summed over its workers, a log line for each request, and an end that cuts nobody off."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, open_store

HERE = Path(__file__).resolve().parent


@dataclass
class Running:
    """A server process, where it listens, and a session of a supervisor."""

    process: subprocess.Popen[str]
    port: int
    token: str

    def get(self, path: str) -> tuple[int, str]:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Two workers over an empty store."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    store = open_store(url, create=True)
    now = datetime.now(UTC)
    store.users.add("zhangwei", password="Wuda-2026-grid", viewer=LOCAL_OPERATOR, now=now, grants=[Grant("supervisor")])
    token = store.sessions.sign_in("zhangwei", "Wuda-2026-grid", now=now)
    store.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"WANGGE_DB": url, "WANGGE_PORT": str(port), "PYTHONPATH": str(HERE)}
    process = subprocess.Popen(
        [sys.executable, str(HERE / "slow_server.py")], env=environment, stderr=subprocess.PIPE, text=True
    )
    server = Running(process, port, token)
    try:
        _wait(server)
        yield server
    finally:
        # Told to end and not killed: a killed parent would leave its workers behind.
        process.terminate()
        process.communicate(timeout=60)


def _wait(server: Running) -> None:
    for _ in range(300):
        try:
            server.get("/readyz")
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer within 30 s")


def test_a_stopped_server_ends_running_requests_and_closes_streams(running: Running) -> None:
    stream = HTTPConnection("127.0.0.1", running.port, timeout=20)
    stream.request("GET", "/live", headers={"Cookie": f"{COOKIE}={running.token}"})
    opened = stream.getresponse()
    assert opened.status == 200
    assert opened.readline().startswith(b"retry")
    assert "wangge_live_streams 1.0" in running.get("/metrics")[1]
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(running.get, "/healthz?slow")
        time.sleep(0.7)
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert slow.result(20)[0] == 200
    opened.read()
    stream.close()
    _, log = running.process.communicate(timeout=60)
    assert running.process.returncode == 0
    assert time.monotonic() - began < 10
    assert any(json.loads(line).get("route") == "/healthz" for line in log.splitlines() if line.startswith("{"))


def test_any_worker_tells_the_figures_of_all(running: Running) -> None:
    for _ in range(40):
        running.get("/healthz")
    figures = [running.get("/metrics")[1] for _ in range(6)]
    counted = [
        re.search(r'requests_total\{method="GET",route="/healthz",status="200"\} (\S+)', text) for text in figures
    ]
    assert [float(found[1]) for found in counted if found] == [40.0] * 6
    running.process.send_signal(signal.SIGTERM)
    _, log = running.process.communicate(timeout=60)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert sum(line["route"] == "/healthz" for line in lines) == 40
