"""The page of the side desks has the rows of their tables."""

from pathlib import Path

import pytest

from gis.dispatch.disputes import dispute_moves
from gis.dispatch.key_areas import key_area_moves
from gis.dispatch.supervision import order_moves

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("suffix", [".md", ".zh.md"])
def test_every_move_stands_on_the_page_with_its_roles(suffix: str) -> None:
    text = "".join((ROOT / "docs" / (page + suffix)).read_text("utf-8") for page in ("side_desks", "key_areas"))
    rows = [
        f"| {' '.join(f'`{s}`' for s in row.sources)} | `{row.name}` | `{row.target}` | {row.zh} | {' '.join(sorted(row.roles))} | {' '.join(row.needs)} |"
        for row in (*dispute_moves(), *order_moves(), *key_area_moves())
    ]
    assert [row for row in rows if row not in text] == []
