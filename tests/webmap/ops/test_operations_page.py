"""The pages for those who run the service: the same blocks in both languages, and a unit without faults."""

import re
import shutil
import subprocess
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"


def blocks(page: str) -> list[str]:
    """The code blocks of a page."""
    return re.findall(r"```\w+\n(.*?)```", (DOCS / page).read_text("utf-8"), re.S)


def test_both_pages_show_the_same_files() -> None:
    assert blocks("operations.md") == blocks("operations.zh.md")
    assert len(blocks("operations.md")) == 6


def test_the_unit_is_hardened_and_every_line_is_a_setting(tmp_path: Path) -> None:
    unit = blocks("operations.md")[0]
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "User=wangge"} <= set(unit.splitlines())
    assert all(re.fullmatch(r"|\[\w+\]|\w+=.*", line) for line in unit.splitlines())
    (tmp_path / "wangge.service").write_text(unit)
    if tool := shutil.which("systemd-analyze"):
        done = subprocess.run(
            [tool, "verify", str(tmp_path / "wangge.service")], capture_output=True, text=True, check=False
        )
        found = [line for line in done.stderr.splitlines() if "wangge.service" in line]
        assert [line for line in found if "is not executable" not in line and "Unknown" in line] == []


def test_the_container_runs_without_root() -> None:
    lines = blocks("operations.md")[1].splitlines()
    assert lines.index("USER 10001") < next(at for at, line in enumerate(lines) if line.startswith("CMD"))
