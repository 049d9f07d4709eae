"""Alarms: signed, of a device that is known, one case a burst, and nothing in them but device, kind and moment."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from gis.layers import codelists
from tests.webmap.reporting.reporting_town import OPEN, SECRET, ReportingTown
from tests.webmap.store.conftest import GRIDS
from webmap.reporting.alarms import KINDS
from webmap.store import LOCAL_OPERATOR
from webmap.store.case_scope import CASE_OPERATOR
from webmap.store.cases import CaseQuery

OTHER = "whsec_WllYV1ZVVFNSUVBPTk1MS0pJSEdGRURDQkE="


@pytest.fixture
def town(tmp_path: Path, cameras: pd.DataFrame) -> Iterator[ReportingTown]:
    town = ReportingTown(tmp_path, **OPEN)
    town.store.layer("cameras").upsert(cameras, viewer=LOCAL_OPERATOR, now=town.now)
    yield town
    town.close()


@pytest.fixture
def cameras() -> pd.DataFrame:
    """Two cameras, the second with its number of GB/T 28181."""
    return pd.DataFrame(
        {
            "id": ["c0", "c1"],
            "device_id": ["", "15030400001326002816"],
            "lon": [106.705, 106.715],
            "lat": 39.405,
            "grid": GRIDS[:2],
        }
    )


def cases(town: ReportingTown) -> int:
    return len(town.store.cases.page(CaseQuery(), CASE_OPERATOR))


def test_every_kind_is_a_category_of_ours_and_none_is_of_persons() -> None:
    assert all(codelists.in_scheme("wangge", code) for code in KINDS.values())
    assert not [kind for kind, code in KINDS.items() if code[0] in "DP"]


def test_an_alarm_becomes_a_case_where_its_device_stands(town: ReportingTown) -> None:
    answer = town.alarm()
    assert answer.status_code == 201, answer.get_json()
    event = town.store.cases.get(answer.get_json()["event"], CASE_OPERATOR)
    assert (event.category, event.source, event.found_by, event.grid) == ("F01", "sensor", "report", GRIDS[0])
    assert (event.lon, event.lat) == (106.705, 39.405)
    assert event.body["attributes"] == {"by": "smoke", "device": "c0", "kind": "smoke"}
    assert town.alarm("15030400001326002816", "gas").status_code == 201, "known by its national number too"


def test_a_burst_is_one_case_and_a_later_alarm_another(town: ReportingTown) -> None:
    first = town.alarm().get_json()["event"]
    for minutes in (0, 5, 9):
        at = (town.now + timedelta(minutes=minutes)).isoformat()
        answer = town.alarm(at=at)
        assert (answer.status_code, answer.get_json()) == (200, {"event": first, "is_new": False}), minutes
    town.pass_hours(10 / 60)
    assert town.alarm().status_code == 201
    assert town.alarm(kind="gas").status_code == 201, "another kind is another alarm"
    assert cases(town) == 3


def test_an_alarm_that_is_not_signed_by_its_source_is_refused(town: ReportingTown) -> None:
    assert town.alarm(secret=OTHER).status_code == 401
    assert town.visitor().post("/api/alarms", json={"device": "c0"}).status_code == 401
    town.configure()
    assert town.alarm().status_code == 401, "without keys nobody sends alarms"
    assert cases(town) == 0


def test_an_old_signature_is_refused(town: ReportingTown) -> None:
    from webmap.notify.signing import signed_headers

    body = b'{"device": "c0", "kind": "smoke"}'
    headers = signed_headers([SECRET], "m", int(town.now.timestamp()) - 400, body) | {"X-Wangge-Source": "smoke"}
    assert town.visitor().post("/api/alarms", data=body, headers=headers).status_code == 401


def test_an_alarm_with_anything_else_in_it_is_refused_whole_and_not_repeated(town: ReportingTown) -> None:
    for field in ("picture", "plate", "name", "url", "lon"):
        answer = town.alarm(**{field: "蒙C12345"})
        assert answer.status_code == 400, field
        assert "蒙C12345" not in answer.text
    assert cases(town) == 0


def test_what_makes_no_sense_is_refused(town: ReportingTown) -> None:
    late = (town.now - timedelta(days=2)).isoformat()
    ahead = (town.now + timedelta(hours=1)).isoformat()
    for wrong in (
        {"kind": "person"},
        {"at": "now"},
        {"at": late},
        {"at": ahead},
        {"at": 5},
        {"device": ""},
        {"device": []},
    ):
        assert town.alarm(**wrong).status_code == 400, wrong  # type: ignore[arg-type]
    assert town.alarm("c9").status_code == 404
    assert town.alarm(device="x" * 3000).status_code == 413
