"""Reports over HTTP: kept once, without people, refused in words, and from everybody only where the operator says so."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.webmap.photos.pictures import as_bytes, gradient
from tests.webmap.reporting.reporting_town import OPEN, ReportingTown, uuid7
from tests.webmap.store.conftest import GRIDS, NOW
from webmap.store.case_scope import CASE_OPERATOR
from webmap.store.cases import CaseQuery


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ReportingTown]:
    town = ReportingTown(tmp_path, **OPEN)
    yield town
    town.close()


def cases(town: ReportingTown) -> list[str]:
    return [event.id for event in town.store.cases.page(CaseQuery(), CASE_OPERATOR)]


def test_a_report_is_kept_with_its_grid_and_a_receipt(town: ReportingTown) -> None:
    answer = town.told()
    told = answer.get_json()
    assert answer.status_code == 201, told
    assert told["place"]["code"] == GRIDS[0]
    assert len(told["receipt"]) == 14
    event = town.store.cases.get(uuid7(1), CASE_OPERATOR)
    assert (event.source, event.found_by, event.reporter, event.grid) == ("inspection", "patrol", "worker", GRIDS[0])


def test_names_and_numbers_are_masked_before_they_are_kept_and_shown_back(town: ReportingTown) -> None:
    told = town.told(text="王小明电话13812345678,垃圾没人收", address="联系人王小明").get_json()
    kept = town.store.cases.get(uuid7(1), CASE_OPERATOR).body
    assert told["text"] == kept["text"]
    assert told["address"] == kept["address"]
    assert not any(person in str(kept) for person in ("王小明", "13812345678"))
    assert "垃圾没人收" in told["text"]
    checked = town.send("worker", "/api/reports/check", town.form(2, text="王小明电话13812345678")).get_json()
    assert "13812345678" not in str(checked)


def test_the_same_report_again_is_answered_the_same_and_kept_once(town: ReportingTown) -> None:
    first, again = town.told(), town.told()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert cases(town) == [uuid7(1)]


def test_other_content_under_a_known_id_is_a_conflict_and_overwrites_nothing(town: ReportingTown) -> None:
    town.told()
    answer = town.told(text="something else")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "id")
    assert town.store.cases.get(uuid7(1), CASE_OPERATOR).body["text"] == "一堆垃圾"
    assert town.told(name="boss", source="resident").status_code == 409, "nor is it told to another account"


def test_a_work_order_is_taken_once(town: ReportingTown) -> None:
    assert town.told(1, "desk", source="12345", work_order="WD-1").status_code == 201
    answer = town.told(2, "desk", source="12345", work_order="WD-1")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "work_order")
    assert town.told(3, "desk", source="12345").get_json()["code"] == "work_order", "and none is refused"


WRONG: list[tuple[str, dict[str, object]]] = [
    ("outside", {"lon": 106.5}),
    ("outside", {"lon": 106.725}),
    ("place", {"lon": None}),
    ("place", {"lat": "39.405"}),
    ("place", {"lat": float("nan")}),
    ("category", {"category": "A02"}),
    ("category", {"category": "99999"}),
    ("category", {"category": ""}),
    ("time", {"occurred_at": "2026-11-23T08:00:00"}),
    ("time", {"occurred_at": (NOW + timedelta(hours=1)).isoformat()}),
    ("time", {"occurred_at": "2020-01-01T00:00:00Z"}),
    ("time", {"occurred_at": None}),
    ("id", {"id": "event-0000-0000-0001"}),
    ("too_long", {"text": "x" * 2001}),
    ("too_long", {"address": "\x00"}),
    ("too_long", {"text": 5}),
]


def test_what_cannot_be_taken_is_refused_in_words_with_a_code(town: ReportingTown) -> None:
    for path in ("/api/reports", "/api/reports/check"):
        for code, wrong in WRONG:
            answer = town.send("worker", path, town.form() | wrong)
            told = answer.get_json()
            assert (answer.status_code, told["code"]) == (400, code), wrong
            assert told["zh"] != told["en"]
    assert cases(town) == []


def test_a_place_outside_the_workers_area_is_told_apart_from_one_outside_the_district(town: ReportingTown) -> None:
    assert "your area" in town.told(lon=106.735).get_json()["en"]
    assert "Wuda" in town.told(name="boss", source="resident", lon=100.0).get_json()["en"]


def test_what_was_found_on_patrol_cannot_be_claimed_by_a_desk(town: ReportingTown) -> None:
    assert town.told(name="desk", source="inspection").status_code == 400
    town.told(1, source="grid")
    assert town.store.cases.get(uuid7(1), CASE_OPERATOR).found_by == "report"


def test_what_may_be_the_same_is_told_before_sending_whoever_reported_it(town: ReportingTown) -> None:
    town.told(1, "boss", source="resident", lon=106.7062)
    town.pass_hours(3)
    (found,) = town.send("worker", "/api/reports/check", town.form(2, occurred_at=town.now.isoformat())).get_json()[
        "similar"
    ]
    assert (found["distance_m"], found["hours"], found["same_kind"], found["state_zh"]) == (100, 3.0, True, "已上报")
    assert set(found) == {
        *("ref", "distance_m", "hours", "same_kind", "category_zh", "category_en", "state_zh", "state_en")
    }
    assert cases(town) == [uuid7(1)], "nothing is kept by looking"
    town.told(2, same_as=found["ref"])
    assert town.store.cases.get(uuid7(2), CASE_OPERATOR).body["attributes"] == {"same_as": uuid7(1)}


def test_without_an_account_nothing_is_taken_unless_the_operator_says_so(town: ReportingTown) -> None:
    town.configure()
    visitor = town.visitor()
    assert visitor.post("/api/reports", json=town.form()).status_code == 401
    assert visitor.get("/api/reports/session.json").status_code == 401
    assert visitor.get("/report/").status_code == 302
    assert visitor.get("/report/ground.json").status_code == 302


def test_a_visitor_reports_and_gets_a_receipt_and_nothing_else(town: ReportingTown) -> None:
    visitor = town.visitor()
    assert visitor.get("/api/reports/session.json").get_json()["sources"] == ["resident"]
    answer = visitor.post("/api/reports", json=town.form())
    assert answer.status_code == 201, answer.get_json()
    event = town.store.cases.get(uuid7(1), CASE_OPERATOR)
    assert (event.source, event.found_by, event.reporter) == ("resident", "report", "")
    for path in ("/api/events", "/api/boot.json", f"/api/events/{uuid7(1)}", "/api/areas/grid.geojson"):
        assert visitor.get(path).status_code == 401, path
    assert visitor.post("/api/reports", json=town.form(2, category="D02")).status_code == 400
    assert visitor.post("/api/reports", json=town.form(2, source="inspection")).status_code == 400


def test_a_visitor_hears_of_near_cases_in_coarse_steps(town: ReportingTown) -> None:
    town.told(1, lon=106.7062)
    town.pass_hours(5)
    form = town.form(2, occurred_at=town.now.isoformat())
    (found,) = town.visitor().post("/api/reports/check", json=form).get_json()["similar"]
    assert (found["distance_m"], found["hours"]) == (150, 6)


def test_a_visitor_hears_nothing_of_a_burglary_next_door(town: ReportingTown) -> None:
    town.told(1, category="P01")
    checked = town.visitor().post("/api/reports/check", json=town.form(2, category="P01")).get_json()
    assert checked["similar"] == []
    assert len(town.send("worker", "/api/reports/check", town.form(2, category="P01")).get_json()["similar"]) == 1


def test_visitors_are_counted_by_address_and_accounts_are_not(town: ReportingTown) -> None:
    town.configure(**OPEN | {"report_limit": "2/hour"})
    visitor = town.visitor()
    answers = [visitor.post("/api/reports", json=town.form(number)).status_code for number in range(1, 5)]
    assert answers == [201, 201, 429, 429]
    assert town.told(9).status_code == 201


def test_another_site_cannot_make_a_browser_report(town: ReportingTown) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    assert town.visitor().post("/api/reports", json=town.form(), headers=headers).status_code == 403
    assert town.client("worker").post("/api/reports", json=town.form()).status_code == 403, "nor without the token"


def test_who_may_not_report_is_refused(town: ReportingTown) -> None:
    assert town.told(name="figures").status_code == 403


def test_a_photo_needs_the_receipt_of_its_report_and_is_kept_once(town: ReportingTown) -> None:
    receipt = town.told().get_json()["receipt"]
    other = town.told(2, lon=106.7045).get_json()["receipt"]
    visitor = town.visitor()
    path = f"/api/reports/{uuid7(1)}/photos/{uuid7(7)}?hide=0.1,0.1,0.5,0.5"
    picture = as_bytes(gradient())
    for wrong in ("", "AAAA-BBBB-CCCC", other):
        assert visitor.post(path, data=picture, headers={"X-Receipt": wrong}).status_code == 404
    for _ in range(2):
        answer = visitor.post(path, data=picture, headers={"X-Receipt": receipt})
        assert answer.status_code == 201, answer.get_json()
    (kept,) = town.store.photos.of_event(uuid7(1), CASE_OPERATOR)
    assert kept.hidden == 1
    assert (
        visitor.post(path.replace(uuid7(7), uuid7(8)), data=b"no photo", headers={"X-Receipt": receipt}).status_code
        == 400
    )


def test_half_a_character_is_refused(town: ReportingTown) -> None:
    body = json.dumps(town.form(text="\ud800"))
    answer = town.visitor().post("/api/reports", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "half a sign" in answer.get_json()["en"]


def test_a_body_beyond_any_report_is_not_read(town: ReportingTown) -> None:
    answer = town.visitor().post("/api/reports", data=b"x" * 200_000, content_type="application/json")
    assert answer.status_code in (400, 413)


def test_the_id_of_a_case_is_not_taken_for_a_telephone(town: ReportingTown) -> None:
    named = "01a22471-1e71-732b-bf13-685936714c71"
    assert town.told(same_as=named).status_code == 201
    assert town.store.cases.get(uuid7(1), CASE_OPERATOR).body["attributes"] == {"same_as": named}
    assert town.told(2, same_as="13812345678").get_json()["code"] == "same_as"
