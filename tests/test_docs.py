"""Documents cannot lag: every command, option, setting, error class and role occurs in them, in both languages."""

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from gis import errors
from webmap.cli import cli
from webmap.config import Config, TileSource

ROOT = Path(__file__).resolve().parent.parent
COMMAND_PAGES = ["docs/commands.md", "docs/commands.zh.md"]


def commands(group: click.Group, prefix: str = "wangge") -> list[tuple[str, click.Command]]:
    """Every command below a group, with its full name."""
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        full = f"{prefix} {name}"
        found += commands(command, full) if isinstance(command, click.Group) else [(full, command)]
    return found


@pytest.mark.parametrize("page", COMMAND_PAGES)
def test_every_command_and_option_is_described(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    missing = []
    for name, command in commands(cli):
        missing += [] if f"`{name}" in text else [name]
        for parameter in command.params:
            option = next((o for o in parameter.opts if o.startswith("--")), None)
            missing += [f"{name} {option}"] if option and option not in text else []
    assert missing == []


@pytest.mark.parametrize("page", COMMAND_PAGES)
def test_every_setting_is_described(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    names = [f.name for f in fields(Config) if f.name != "tiles"] + [f"tiles.{f.name}" for f in fields(TileSource)]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_error_class_is_drawn_in_the_tree() -> None:
    drawn = errors.__doc__ or ""
    classes = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)]
    assert [name for name in classes if name not in drawn] == []


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_link_of_the_readme_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_wangge_command_of_the_readme_exists(page: str) -> None:
    known = {name for name, _ in commands(cli)}
    used = re.findall(
        r"^(wangge [a-z]+(?: (?:plan|check|add|list|verify))?)", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE
    )
    assert used
    assert [command for command in used if command not in known] == []


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = (
        [
            block
            for language, block in re.findall(r"^```(\w*)\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.S | re.M)
            if not language
        ]
        for page in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
