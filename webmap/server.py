"""Run the map: granian in front of the Flask application, one store per worker process.

The workers read their configuration from the environment, so that every one of them is told the same.
"""

import atexit
import gc
import os
import socket
import tempfile
from typing import TYPE_CHECKING

from flask import Flask

from gis.errors import ConfigError
from webmap.config import Config, load_config

if TYPE_CHECKING:
    from webmap.console import Console


def build_app() -> Flask:
    """The application of one worker process, configured by the environment."""
    from webmap import create_app
    from webmap.chores import chores
    from webmap.ops.requestlog import start_logging
    from webmap.ops.stopping import on_stop_signal
    from webmap.plan_life import retire
    from webmap.services import Services, utc_now
    from webmap.store import open_store

    config = load_config()
    start_logging(config)
    services = Services(open_store(config.db), config, clock=utc_now)
    retire(services)
    # Streams never end by themselves and would hold the worker; other requests end in peace before the store closes.
    background = chores(services)

    def stop() -> None:
        services.changes.stop()
        background.stop()

    on_stop_signal(stop)
    atexit.register(services.close)
    # Registered last, so called first: what is under way ends before the store closes.
    atexit.register(lambda: background.stop(patience_s=5.0))
    background.start()
    app = create_app(services)
    settle()
    return app


def settle() -> None:
    """Keep what a worker loaded at its start out of every later collection of garbage.

    A list of five thousand cases sets off a full collection, which would walk through all modules each time: a tenth of a second.
    """
    gc.collect()
    gc.freeze()


def free_port(config: Config) -> None:
    """Make sure that the port is free before long work begins.

    Raises
    ------
    ConfigError
        Another program listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise ConfigError(
                zh=f"{config.host}:{config.port} 不能使用({error.strerror})。请换一个端口,例如 PORT={config.port + 1} make demo。",
                en=f"{config.host}:{config.port} cannot be used ({error.strerror}). "
                f"Choose another port, for example PORT={config.port + 1} make demo.",
            ) from error


def serve(config: Config, console: "Console", *, target: str = "webmap.server:build_app") -> None:
    """Serve until stopped; at the signal, running requests have ``stop_timeout`` seconds to end.

    Parameters
    ----------
    target
        Module and function that make the application of a worker.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from webmap.warming import beside

    os.environ.update(config.to_environment())
    url = f"http://{config.host}:{config.port}"
    console.say(f"地图已就绪:{url}(按 Ctrl+C 停止)", f"The map is ready: {url} (stop with Ctrl+C)")
    with tempfile.TemporaryDirectory(prefix="wangge-metrics-") as figures, beside():
        # Workers are forked: prometheus_client reads this when it is imported, so it is not imported here.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        Granian(
            target,
            factory=True,
            interface=Interfaces.WSGI,
            address=config.host,
            port=config.port,
            workers=config.workers,
            blocking_threads=config.threads,
            workers_kill_timeout=config.stop_timeout,
            log_level=LogLevels.error,
        ).serve()
