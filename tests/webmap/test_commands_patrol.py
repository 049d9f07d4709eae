"""``wangge patrol roster``, ``due`` and ``dosage`` as a person types them: JSON with what was promised, texts, exit status."""

import json
from pathlib import Path
from typing import Any

import pytest

from gis.errors import FilterError, InputError, NotFoundError
from webmap.cli import cli
from webmap.store import LOCAL_OPERATOR, open_store

STREET = "150304008000"
DAY = ("--from", "2026-11-28", "--to", "2026-11-28")


@pytest.fixture(scope="module")
def url(sample_db: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the sample, which these commands may change."""
    copy = tmp_path_factory.mktemp("commands") / "wuda.db"
    store = open_store(sample_db)
    store.snapshot(copy)
    store.close()
    return f"sqlite:///{copy}"


@pytest.fixture
def asked(url: str, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; its status and what it prints, read as JSON."""

    def run(*words: object) -> tuple[int, Any]:
        status = cli.main(["patrol", *map(str, words), "--db", url, "--json"], standalone_mode=False)
        return status, json.loads(capsys.readouterr().out)

    return run


def test_groups_a_template_and_the_days_that_come_of_them(asked: Any) -> None:
    groups = [word for name in ("甲1,甲2", "乙1", "丙1") for word in ("--group", name)]
    status, told = asked(
        *("roster", "groups", "--pattern", "three_groups_two_shifts", "--start", "2026-11-28", "--area", STREET),
        *groups,
    )
    assert (status, told["groups"][0], told["least_rest_h"]) == (0, ["甲1", "甲2"], 24.0)
    weekend = ("--kind", "off", "--weekday", 5, "--from", "2026-11-01", "--area", STREET)
    status, told = asked("roster", "template", "weekend", "--shift", "day12", *weekend, "--source", "must")
    assert (status, told["kind"], told["weekdays"], told["sources"]) == (0, "off", [5], ["must"])
    _, told = asked("roster", "show", *DAY)
    rows = {row["shift"]: row for row in told["shifts"] if row["area"] == STREET}
    assert (rows["day12"]["teams"], rows["day12"]["template"]) == (["甲1", "甲2"], "weekend")
    assert rows["night12"]["template"] == ""


def test_due_plans_are_made_once(asked: Any) -> None:
    status, told = asked("due", *DAY)
    assert (status, len(told["made"]), told["there"]) == (0, 1, 0)
    status, told = asked("due", *DAY)
    assert (status, told["made"], told["there"]) == (0, [], 1)
    status, told = asked("roster", "copy", "--from", "2026-12-05", "--to", "2026-12-05")
    assert (status, [each["shift"] for each in told["made"]]) == (0, ["day12"])


def test_an_own_cycle_says_when_nobody_is_there(asked: Any) -> None:
    status, told = asked("roster", "pattern", "two", "--cycle", "day,night,", "--offsets", "0,1", "--name", "两组")
    assert (status, told["uncovered"]) == (0, ["2:day", "3:night"])
    assert asked("roster", "drop", "pattern", "two") == (0, {"kind": "pattern", "id": "two"})
    with pytest.raises(NotFoundError):
        asked("roster", "drop", "pattern", "two")
    with pytest.raises(InputError, match="never"):
        asked("roster", "pattern", "two", "--cycle", "never,", "--offsets", "0")


def test_holidays_are_loaded_from_a_file_and_given_back(asked: Any, tmp_path: Path) -> None:
    assert asked("roster", "holidays")[1]["own"] is False
    file = tmp_path / "own.csv"
    file.write_text("date,kind,name_zh,name_en\n2026-11-28,makeup,调休,\n", "utf-8")
    assert asked("roster", "holidays", file) == (0, {"days": 1, "years": [2026], "own": True})
    rows = asked("roster", "show", *DAY)[1]["shifts"]
    assert "weekend" not in {row["template"] for row in rows}
    assert asked("roster", "holidays", "--default")[1]["own"] is False


def test_dosage_and_before_and_after_are_told_in_both_languages(
    asked: Any, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("dosage", "--from", "2024-01-01", "--to", "2024-01-31") == (0, [])
    store = open_store(url)
    codes = sorted(store.areas.read(LOCAL_OPERATOR).query("level == 'grid' and kind != 'special'")["code"])
    store.close()
    words = ["patrol", "dosage", "--start", "2026-10-01", "--place", codes[0], "--db", url]
    assert cli.main([*words, "--lang", "en"], standalone_mode=False) == 0
    assert "Comparison: for each patrolled grid" in capsys.readouterr().out
    assert cli.main([*words, "--rule", "rest"], standalone_mode=False) == 0
    assert "对照:两期均未巡到" in capsys.readouterr().out
    with pytest.raises(FilterError, match="do not cover"):
        asked("dosage", "--start", "2031-01-01", "--place", codes[0])


def test_settings_by_team_come_from_a_file_into_a_plan_and_a_template(asked: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"team_settings": [{"team": 1, "mode": "foot"}], "must_skills": {"school": ["急救"]}}))
    _, told = asked("plan", "--date", "2026-12-07", "--shift", "day", "--teams", 1, "--source", "must", "--own", own)
    assert [team["mode"] for team in told["teams"]] == ["foot"]
    _, told = asked("roster", "template", "walks", "--teams", 1, "--own", own)
    assert (told["team_settings"], told["must_skills"]) == ([{"team": "1", "mode": "foot"}], {"school": ["急救"]})
    for wrong in ("{", "[]", '{"teams": []}'):
        own.write_text(wrong)
        with pytest.raises(InputError, match=r"own\.json"):
            asked("roster", "template", "walks", "--own", own)
    with pytest.raises(InputError, match="Cannot read"):
        asked("plan", "--own", tmp_path / "none.json")
