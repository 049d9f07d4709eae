"""The side desks from the command line: committees loaded, inspections kept, orders listed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gis.dispatch import committees as shipped
from tests.webmap.cases.town import Town
from tests.webmap.store.conftest import NOW
from webmap.cli import cli
from webmap.command import DONE, FINDINGS
from webmap.side_desks import inspections
from webmap.store.case_scope import CASE_OPERATOR

SITE = "schedule-0000-0000-0001"


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A town with a schedule, closed."""
    town = Town(f"sqlite:///{tmp_path / 'town.db'}", tmp_path)
    told = {"id": SITE, "site": "PA1", "kind": "safe_harbour", "name": "港湾", "lon": 106.705, "lat": 39.405}
    told |= {"start": NOW.date().isoformat(), "every_days": 7}
    inspections.plan(town.services, told, viewer=CASE_OPERATOR)
    town.close()
    return f"sqlite:///{tmp_path / 'town.db'}"


def run(db: str, *arguments: str) -> Result:
    result: Result = CliRunner().invoke(cli, [*arguments, "--db", db, "--json"], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def test_committees_inspections_and_orders_from_the_command_line(db: str) -> None:
    file = Path(shipped.__file__).parent / "mediation_committees.csv"
    assert json.loads(run(db, "committees", "load", str(file)).stdout)["committees"] == 43
    assert json.loads(run(db, "committees", "accounts", "A01", "mia").stdout)["accounts"] == ["mia"]
    span = ("--from", "2026-11-23", "--to", "2026-11-24")
    listed = json.loads(run(db, "inspections", "due", *span).stdout)
    assert [each["site_id"] for each in listed["due"]] == ["PA1"]
    kept = ("inspections", "check", SITE, "--id", "inspection-0000-0001", "--at", "2026-11-23T17:00:00+08:00")
    made = run(db, *kept, "--fail", "sign", "--skip", "alarm", "--note", "sign=褪色")
    assert made.return_value == FINDINGS
    told = json.loads(made.stdout)
    assert [each["item"] for each in told["events"]] == ["sign"]
    assert told["inspection"]["answers"]["alarm"] == "not_applicable"
    assert json.loads(run(db, "inspections", "due", *span).stdout)["counts"]["done"] == 1
    orders = run(db, "supervision", "list", "--overdue")
    assert (orders.return_value, json.loads(orders.stdout)["orders"]) == (DONE, [])
