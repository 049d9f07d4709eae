"""Write docs/benchmarks.md from the JSON lines that the benchmark scripts print.

Usage: make bench > bench.jsonl; python benchmarks/table.py bench.jsonl
"""

import json
import os
import platform
import sys
from pathlib import Path

HEAD = """# Benchmarks

Each script in `benchmarks/` runs ours and the peers in one run (`make bench`; `BENCH_ARGS=--quick` for a short one).
`ratio` says how many times better ours is; above 1 is ahead. Made by `python benchmarks/table.py`; machine: {machine}.

| figure | n | ours | peer | peer's | unit | ratio | further |
|---|---|---|---|---|---|---|---|
"""
SHOWN = {"name", "n", "ours", "peer", "peer_name", "unit", "ratio"}


def rows(lines: list[str]) -> list[dict[str, object]]:
    """The JSON objects among the printed lines; everything else a script printed is left out."""
    return [json.loads(line) for line in lines if line.startswith("{")]


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {platform.system()}"


def table(found: list[dict[str, object]]) -> str:
    """The page, one row a figure."""
    body = []
    for row in found:
        further = ", ".join(f"{key} {value}" for key, value in row.items() if key not in SHOWN)
        cells = [row.get(key, "") for key in ("name", "n", "ours", "peer_name", "peer", "unit", "ratio")]
        body.append("| " + " | ".join("" if cell in (None, "none") else str(cell) for cell in [*cells, further]) + " |")
    return HEAD.format(machine=machine()) + "\n".join(body) + "\n"


if __name__ == "__main__":
    source = Path(sys.argv[1]).read_text("utf-8").splitlines() if len(sys.argv) > 1 else sys.stdin.read().splitlines()
    target = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
    target.write_text(table(rows(source)), "utf-8")
    print(f"{target}: {len(rows(source))} figures")
