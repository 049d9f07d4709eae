"""What every command of ``wangge`` has in common: its options and its exit status. It knows no command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gis.errors import Lang
from webmap.console import Console

DONE, FINDINGS, WRONG_USE, FAILED = 0, 1, 2, 3
"""Exit status."""


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes; they arrive as one ``console``."""

    @click.option("--db", envvar="WANGGE_DB", default=None, help="数据库地址 / store URL [sqlite:///wangge.db]")
    @click.option("--json", "as_json", is_flag=True, help="以 JSON 输出 / print JSON")
    @click.option("--lang", type=click.Choice(["zh", "en"]), envvar="WANGGE_LANG", default="zh", help="语言 / language")
    @click.option("--config", type=click.Path(path_type=Path), envvar="WANGGE_CONFIG", help="配置文件 / TOML file")
    @click.pass_context
    def run(
        context: click.Context,
        /,
        db: str | None,
        as_json: bool,
        lang: Lang,
        config: Path | None,
        **rest: Any,
    ) -> Any:
        console = Console(db=db, as_json=as_json, lang=lang, config_file=config)
        status = context.invoke(command, console=console, **rest)
        return DONE if status is None else status

    run.__name__ = command.__name__
    run.__doc__ = command.__doc__
    return run
