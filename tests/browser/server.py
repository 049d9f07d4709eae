"""A server as a test may treat it: killed without a word, and started again at the same port over the same store."""

import os
import subprocess
import time
from urllib.request import urlopen

from tests.browser.conftest import WANGGE


class Server:
    """``wangge serve`` in a process group of its own."""

    def __init__(self, db: str, port: int) -> None:
        self._db, self._port = db, port
        self.base = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        """It runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Run it and wait until it answers."""
        environment = os.environ | {
            "WANGGE_DB": self._db, "WANGGE_PORT": str(self._port), "WANGGE_WORKERS": "1", "WANGGE_LOG": "errors",
        }  # fmt: skip
        self._process = subprocess.Popen(
            [WANGGE, "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(300):
            try:
                with urlopen(f"{self.base}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """End it at once, with its workers: what it was about to do is not done."""
        if self._process is not None and self.is_alive:
            os.killpg(self._process.pid, 9)
            self._process.wait(60)
        self._process = None
