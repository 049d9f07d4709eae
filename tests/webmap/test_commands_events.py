"""``wangge events`` does what the API does, as the local operator."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.webmap.cases.town import Town
from webmap.cli import cli
from webmap.command import DONE, FINDINGS

UNITS = "code,zh,en,tier,area,accounts\nwater,水务,water,district,,pipe\nfire,消防,fire,city,,\n"
RULES = "order,category,area,hours,weekdays,source,found_by,unit,tier\n1,06*,*,*,*,*,*,water,street\n2,06*,*,*,*,web,*,fire,\n"


@pytest.fixture
def db(tmp_path: Path) -> str:
    town = Town(f"sqlite:///{tmp_path / 'town.db'}", tmp_path)
    town.report("boss")
    town.close()
    return town.services.config.db


def run(db: str, *words: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(cli, ["events", *words, "--db", db, "--json"], standalone_mode=False)
    if outcome.exception is not None:
        raise outcome.exception
    return int(outcome.return_value), outcome.stdout


def test_cases_are_listed_shown_and_moved(db: str) -> None:
    status, told = run(db, "list", "--state", "reported")
    (event,) = json.loads(told)["events"]
    assert (status, event["version"]) == (DONE, 2)
    status, told = run(db, "move", event["id"], "reject", "--version", "2", "--reason", "not ours")
    assert json.loads(told)["event"]["state"] == "rejected"
    status, told = run(db, "show", event["id"])
    assert [step["move"] for step in json.loads(told)["history"]] == ["submit", "reject"]
    assert json.loads(run(db, "list", "--work")[1])["of"] == 0


def test_units_and_rules_are_loaded_and_a_hidden_rule_is_told(db: str, tmp_path: Path) -> None:
    units, rules = tmp_path / "units.csv", tmp_path / "rules.csv"
    units.write_text(UNITS, "utf-8")
    rules.write_text(RULES, "utf-8")
    assert json.loads(run(db, "units", str(units))[1]) == {"units": 2}
    status, told = run(db, "rules", "check", str(rules))
    assert (status, json.loads(told)) == (FINDINGS, {"rules": 2, "never_reached": [[2, 1]]})
    assert json.loads(run(db, "rules", "load", str(rules), "--note", "first")[1]) == {"version": 1, "rules": 2}


def test_the_clocks_run_from_the_command_line(db: str) -> None:
    """The report is of 2026-11-23; today lies before or after, and either way the second run finds nothing left."""
    run(db, "tick")
    status, told = run(db, "tick")
    assert status == DONE
    assert [json.loads(told)[name] for name in ("warned", "escalated", "told")] == [0, 0, 0]
