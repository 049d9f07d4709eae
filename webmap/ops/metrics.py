"""Counts and durations for Prometheus, summed over the workers of a server. No label holds what a reader asked for.

With ``PROMETHEUS_MULTIPROC_DIR`` set (the server sets it), every worker writes its figures into that folder and any of
them answers for all; without it the figures are those of this process.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gis.errors import WanggeError

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
DURATIONS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The figures of one worker.

    Parameters
    ----------
    streams
        Live streams that are open now in this worker.
    version
        Generation and change number of the store, ``"1.42"``.
    """

    def __init__(self, *, streams: Callable[[], int], version: Callable[[], str]) -> None:
        self._registry = CollectorRegistry()
        self._streams_now, self._version_now = streams, version
        self.requests = Counter(
            "wangge_requests_total",
            "Requests by route, method and status",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self.durations = Histogram(
            "wangge_request_seconds",
            "Seconds until the answer is ready, by route",
            ("route",),
            buckets=DURATIONS_S,
            registry=self._registry,
        )
        self.tiles = Counter(
            "wangge_tile_cache_total",
            "Tiles by what the browser's copy was worth: hit (304) or miss",
            ("result",),
            registry=self._registry,
        )
        self._streams = Gauge(
            "wangge_live_streams", "Open live streams", multiprocess_mode="livesum", registry=self._registry
        )
        self._generation, self._change = (
            Gauge(f"wangge_store_{name}", text, multiprocess_mode="livemostrecent", registry=self._registry)
            for name, text in (
                ("generation", "Rises with every restore of the store"),
                ("change", "Number of the latest change in the store"),
            )
        )

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request; ``route`` is the template, never the path."""
        self.requests.labels(route, method, str(status)).inc()
        self.durations.labels(route).observe(seconds)
        if route.startswith("/tiles/") and status in (200, 304):
            self.tiles.labels("hit" if status == 304 else "miss").inc()
        self.note_streams()

    def note_streams(self) -> None:
        """Write down how many streams are open now."""
        self._streams.set(self._streams_now())

    def render(self) -> tuple[bytes, str]:
        """The text of Prometheus and its content type."""
        self.note_streams()
        try:
            generation, change = (int(part) for part in self._version_now().split("."))
        except WanggeError:
            pass  # The figures of the requests are wanted most when the store does not answer.
        else:
            self._generation.set(generation)
            self._change.set(change)
        registry = self._registry
        if os.environ.get(FOLDER):
            forget_dead(Path(os.environ[FOLDER]))
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST


def forget_dead(folder: Path) -> None:
    """Drop the gauges of workers that ended; their counters stay in the sums."""
    for file in folder.glob("gauge_live*_*.db"):
        told = re.search(r"_(\d+)\.db$", file.name)
        if told and not psutil.pid_exists(int(told[1])):
            mark_process_dead(int(told[1]), str(folder))  # type: ignore[no-untyped-call]
