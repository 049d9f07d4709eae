"""Long work told line by line: a line of JSON for each step, and at last the answer or the problem. It knows no plan and no forecast."""

import json
import logging
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any

from flask import Response

from gis.errors import StoreError, WanggeError
from webmap.api.errors import UNEXPECTED, status_of

NDJSON = "application/x-ndjson"
Tell = Callable[[dict[str, Any]], None]
_PLANNING = Semaphore(1)
_JUDGING = Semaphore(1)
"""One plan or forecast, and one analysis, at a time in a worker: each keeps a core busy for seconds."""
_log = logging.getLogger(__name__)


def planning_lines(work: Callable[[Tell], dict[str, Any]]) -> Response:
    """The lines of a piece of planning or of a forecast; what ``work`` returns is the last of them.

    A reader who goes away does not stop it.

    Raises
    ------
    StoreError
        Another one is at work.
    """
    if not _PLANNING.acquire(blocking=False):
        raise StoreError(
            zh="正在排另一个方案或做另一次预测,请稍候再试。",
            en="Another plan or forecast is being made at this moment; try again in a little while.",
        )
    return _begun(work, _PLANNING, "wangge-plan")


def judging_lines(work: Callable[[Tell], dict[str, Any]]) -> Response:
    """The lines of an analysis that takes a while; what ``work`` returns is the last of them.

    Raises
    ------
    StoreError
        Another one is at work.
    """
    if not _JUDGING.acquire(blocking=False):
        raise StoreError(
            zh="正在做另一项分析,请稍候再试。",
            en="Another analysis is at work at this moment; try again in a little while.",
        )
    return _begun(work, _JUDGING, "wangge-judge")


def _begun(work: Callable[[Tell], dict[str, Any]], turn: Semaphore, name: str) -> Response:
    """The lines of work that has its turn, which it gives back at its end."""
    told: SimpleQueue[dict[str, Any] | None] = SimpleQueue()

    def run() -> None:
        try:
            told.put(work(told.put))
        except WanggeError as error:
            told.put({"problem": {"status": status_of(error), "zh": error.zh, "en": error.en}})
        except Exception as error:  # noqa: BLE001 - the answer began long ago and would end as if all had gone well
            _log.error("unexpected error in long work", exc_info=error)
            told.put({"problem": {"status": 500, "zh": UNEXPECTED[0], "en": UNEXPECTED[1]}})
        finally:
            turn.release()
            told.put(None)

    # Begun here and not with the first line: an answer that is never read would keep the place for ever.
    Thread(target=run, name=name, daemon=True).start()
    return Response(_lines(told), mimetype=NDJSON, headers={"X-Accel-Buffering": "no"})


def _lines(told: SimpleQueue[dict[str, Any] | None]) -> Iterator[str]:
    while (line := told.get()) is not None:
        yield json.dumps(line, ensure_ascii=False) + "\n"
