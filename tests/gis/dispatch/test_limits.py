"""The table of time limits: the shipped one, a district's own, and what is refused."""

from pathlib import Path

import pytest

from gis.dispatch.clocks import Limit
from gis.dispatch.limits import STAGES, URGENCIES, LimitTable, TimeLimit, load_limits, shipped_limits
from gis.errors import ColumnError, InputError, NotFoundError
from gis.incidents.taxonomy import categories

HEAD = "stage,category,urgency,amount,unit,source\n"


def test_every_stage_has_a_limit_for_every_category_and_urgency() -> None:
    table = shipped_limits()
    ours = categories().query("scheme == 'wangge'")["code"]
    for stage in STAGES:
        for urgency in URGENCIES:
            assert all(table.find(stage, code, urgency=urgency).limit.amount > 0 for code in [*ours, "no such code"])


def test_every_category_of_the_shipped_table_is_one_of_ours_and_every_figure_names_its_source() -> None:
    ours = set(categories().query("scheme == 'wangge'")["code"])
    for row in shipped_limits().rows:
        assert row.category == "*" or row.category in ours
        assert "second-hand" in row.source or "not from a standard" in row.source


@pytest.mark.parametrize(
    ("stage", "category", "urgency", "limit"),
    [
        ("handle", "06010", "", Limit(1, "working_day")),  # Jiyuan, 暴露垃圾
        ("handle", "06001", "", Limit(15, "working_day")),  # Jiyuan, 违法搭建
        ("handle", "06012", "", Limit(5, "working_hour")),  # Jiyuan, 道路不洁
        ("handle", "01037", "", Limit(5, "working_day")),
        ("handle", "06010", "emergency", Limit(2, "urgent_hour")),  # Beijing 12345 draft
        ("handle", "01037", "utility", Limit(24, "hour")),
        ("case", "01037", "", Limit(7, "day")),
        ("case", "01037", "complex", Limit(15, "day")),
        ("handle", "01037", "complex", Limit(5, "working_day")),  # no row of its own: the general case
    ],
)
def test_the_limits_that_were_seen_are_found(stage: str, category: str, urgency: str, limit: Limit) -> None:
    assert shipped_limits().find(stage, category, urgency=urgency).limit == limit


def test_the_longest_category_wins() -> None:
    rows = [
        TimeLimit("handle", code, "", Limit(n, "hour"), "own")
        for n, code in enumerate(["*", "06*", "060*", "06010"], 1)
    ]
    table = LimitTable(rows)
    assert [table.find("handle", code).limit.amount for code in ("01001", "06110", "06011", "06010")] == [1, 2, 3, 4]
    with pytest.raises(NotFoundError, match="check"):
        table.find("check", "06010")


def test_a_districts_own_table_is_read_and_every_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "limits.csv"
    path.write_text(HEAD + "handle,06*,,2,working_day,notice 12 of 2026\n", encoding="utf-8-sig")
    assert load_limits(path).find("handle", "06010").source == "notice 12 of 2026"
    bad = ["sleep,*,,1,hour,x", "handle,*,,1,week,x", "handle,*,,one,hour,x", "handle,*,,0,hour,x", "handle,,,1,hour,x",
           "handle,*,,1,hour,", "handle,*,soon,1,hour,x"]  # fmt: skip
    path.write_text(HEAD + "\n".join(bad) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="Lines 2, 3, 4, 5, 6, 7, 8 "):
        load_limits(path)
    path.write_text(HEAD + "handle,*,,1,hour,x\nhandle,*,,2,hour,x\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"twice.*handle \*"):
        load_limits(path)
    path.write_text("stage,category\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="urgency, amount, unit, source"):
        load_limits(path)
