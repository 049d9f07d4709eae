"""The real server with one slow address more: any address asked with ``?slow`` takes two seconds."""

import time
from collections.abc import Iterable
from typing import Any

from flask import Flask

from webmap.config import load_config
from webmap.console import Console
from webmap.server import build_app, serve

SLOW_S = 2.0


def slow_app() -> Flask:
    """The application of a worker."""
    app = build_app()
    inner = app.wsgi_app

    def answer(environ: Any, start: Any) -> Iterable[bytes]:
        if environ["QUERY_STRING"] == "slow":
            time.sleep(SLOW_S)
        return inner(environ, start)

    app.wsgi_app = answer  # type: ignore[method-assign]
    return app


if __name__ == "__main__":
    config = load_config()
    serve(config, Console(db=config.db, as_json=False, lang="en"), target="slow_server:slow_app")
