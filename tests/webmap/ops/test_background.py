"""Background work goes on after a failure, beside a slow neighbour, and ends when told."""

import logging
import threading

import pytest

from webmap.ops.background import Background


def test_work_that_fails_is_done_again_and_a_slow_one_holds_nobody_back(caplog: pytest.LogCaptureFixture) -> None:
    turns: list[int] = []
    third, release, slow = threading.Event(), threading.Event(), threading.Event()

    def fail() -> None:
        turns.append(1)
        if len(turns) == 3:
            third.set()
        raise ValueError("secret")

    def wait() -> None:
        slow.set()
        release.wait(20)

    work = Background()
    work.add("slow", 0.001, wait)
    work.add("bad", 0.001, fail)
    with caplog.at_level(logging.ERROR, logger="webmap"):
        work.start()
        assert slow.wait(20)
        assert third.wait(20)
        release.set()
        work.stop(20)
    done = len(turns)
    assert "bad failed: ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert not [each for each in threading.enumerate() if each.name in ("wangge-slow", "wangge-bad")]
    assert len(turns) == done
