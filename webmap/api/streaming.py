"""Long work told line by line: a line of JSON for each step, and at last the answer or the problem. It knows no plan."""

import json
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any

from flask import Response

from gis.errors import StoreError, WanggeError
from webmap.api.errors import status_of

NDJSON = "application/x-ndjson"
Tell = Callable[[dict[str, Any]], None]
_PLANNING = Semaphore(1)
"""One search at a time in a worker: it keeps a core busy for seconds."""


def planning_lines(work: Callable[[Tell], dict[str, Any]]) -> Response:
    """The lines of a piece of planning; what ``work`` returns is the last of them.

    A reader who goes away does not stop it.

    Raises
    ------
    StoreError
        Another one is at work.
    """
    if not _PLANNING.acquire(blocking=False):
        raise StoreError(
            zh="正在排另一个方案,请稍候再试。",
            en="Another plan is being made at this moment; try again in a little while.",
        )
    return Response(_lines(work), mimetype=NDJSON, headers={"X-Accel-Buffering": "no"})


def _lines(work: Callable[[Tell], dict[str, Any]]) -> Iterator[str]:
    told: SimpleQueue[dict[str, Any] | None] = SimpleQueue()

    def run() -> None:
        try:
            told.put(work(told.put))
        except WanggeError as error:
            told.put({"problem": {"status": status_of(error), "zh": error.zh, "en": error.en}})
        finally:
            _PLANNING.release()
            told.put(None)

    Thread(target=run, name="wangge-plan", daemon=True).start()
    while (line := told.get()) is not None:
        yield json.dumps(line, ensure_ascii=False) + "\n"
