"""``wangge import workorders``: cases from the command line, status 1 where rows came back, nothing twice."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gis.errors import InputError
from tests.webmap.cases.town import Town
from webmap.cli import cli
from webmap.command import DONE, FINDINGS

HEAD = "工单号,诉求人姓名,诉求时间,诉求类别,经度,纬度"
GOOD = "WD-1,王小明,2026-11-20 08:30,暴露垃圾,106.705,39.405"
BAD = "WD-2,李丽,昨天,暴露垃圾,106.705,39.405"


def run(db: str, *words: str, as_json: bool = True) -> tuple[int, str]:
    told = ["import", "workorders", *words, "--db", db, *(["--json"] if as_json else [])]
    outcome = CliRunner().invoke(cli, told, standalone_mode=False)
    if outcome.exception is not None:
        raise outcome.exception
    return int(outcome.return_value), outcome.stdout


def test_orders_are_brought_in_once_and_what_came_back_sets_the_status(tmp_path: Path) -> None:
    town = Town(f"sqlite:///{tmp_path / 'town.db'}", tmp_path)
    town.close()
    db = town.services.config.db
    good, both = tmp_path / "good.csv", tmp_path / "both.csv"
    good.write_text(f"{HEAD}\n{GOOD}\n", "utf-8")
    both.write_text(f"{HEAD}\n{GOOD}\n{BAD}\n", "gb18030")
    status, told = run(db, str(good))
    assert (status, json.loads(told)["made"]) == (DONE, 1)
    rejects = tmp_path / "back.csv"
    status, told = run(db, str(both), "--rejects", str(rejects), as_json=False)
    assert status == FINDINGS
    assert "新建 0 件,已有 1 件,退回 1 行" in told
    assert "诉求人姓名" in told
    assert "李丽" not in rejects.read_text("utf-8-sig")
    with pytest.raises(InputError, match="--map"):
        run(db, str(good), "--map", "time=诉求时间")
