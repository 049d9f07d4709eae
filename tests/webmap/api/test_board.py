"""The board over HTTP: figures that can be counted by hand, files with periods, and who sees what of small counts."""

import csv
import io
import zipfile
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from tests.webmap.cases.lives import DESK, STREET
from tests.webmap.conftest import NOON, signed_in
from webmap.services import Services
from webmap.store.cases import CaseQuery

DAYS = "from=2026-11-10&to=2026-11-23"


def told(services: Services, name: str, query: str = DAYS) -> dict:  # type: ignore[type-arg]
    answer = signed_in(services, name).get(f"/api/events/board?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_what_was_received_and_is_open_is_what_the_list_counts(desk: Services) -> None:
    every = desk.store.cases.page(CaseQuery(limit=500), DESK)
    board = told(desk, "chief")
    live = [case for case in every if case.state not in ("resolved", "merged", "withdrawn", "rejected", "archived")]
    assert board["whole"]["counts"]["received"] == len(every) == 40
    assert board["whole"]["backlog"]["open"] == len(live)
    assert board["whole"]["counts"]["filed"] == sum(case.version > 3 or case.state != "reported" for case in every)


@pytest.mark.parametrize("by", ["tier", "area", "category", "unit", "source"])
def test_groups_add_up_to_the_whole(desk: Services, by: str) -> None:
    board = told(desk, "chief", f"{DAYS}&by={by}")
    known = board["groups"]
    assert known
    received = sum(group["counts"]["received"] for group in known)
    if by == "unit":
        # A report that no unit was given yet belongs to none.
        assert received < board["whole"]["counts"]["received"]
    else:
        assert received == board["whole"]["counts"]["received"]
    assert all(group["zh"] and group["en"] for group in known)


def test_every_rate_names_its_numerator_and_denominator(desk: Services) -> None:
    whole = told(desk, "chief")["whole"]
    assert [rate["figure"] for rate in whole["rates"]][:4] == ["filed", "rejected", "completed", "closed"]
    for rate in whole["rates"]:
        assert rate["numerator"] == whole["counts"][rate["top"]]
        assert rate["denominator"] == whole["counts"][rate["of"]]
        if rate["denominator"]:
            assert rate["share"] == pytest.approx(rate["numerator"] / rate["denominator"], abs=1e-6)


def test_a_role_of_one_street_counts_the_cases_of_that_street(desk: Services) -> None:
    every = desk.store.cases.page(CaseQuery(limit=500), DESK)
    ours = [case for case in every if case.street == STREET]
    board = told(desk, "chief-street")
    assert board["whole"]["counts"]["received"] == len(ours)
    areas = told(desk, "chief", f"{DAYS}&by=area&area={STREET}")
    assert areas["whole"]["counts"]["received"] == len(ours)
    assert {group["code"][:9] for group in areas["groups"]} == {STREET[:9]}


def test_filters_of_the_case_limit_the_figures(desk: Services) -> None:
    every = desk.store.cases.page(CaseQuery(limit=500), DESK)
    board = told(desk, "chief", f"{DAYS}&category=06010&source=web")
    wanted = [case for case in every if case.category == "06010" and case.source == "web"]
    assert board["whole"]["counts"]["received"] == len(wanted)


def test_who_sees_aggregates_alone_gets_whole_months_and_no_small_count(desk: Services) -> None:
    board = told(desk, "analyst-all", "from=2026-10-15&to=2026-11-20&by=area")
    assert board["period"]["from"], board["period"]["to"] == ("2026-10-01", "2026-10-31")
    assert board["scope"]["withheld_below"] == 5
    numbers = [value for part in (board["whole"], *board["groups"]) for value in part["counts"].values()]
    assert not any(value is not None and 0 < value < 5 for value in numbers)
    refused = signed_in(desk, "analyst-all").get("/api/events/board?category=06010&lang=en")
    assert refused.status_code == 400
    assert "aggregates alone" in refused.get_json()["en"]


@pytest.mark.parametrize(
    "query", ["by=colour", "from=2026-11-20&to=2026-11-01", "from=soon", "to=9999-12-31", "from=0001-01-01"]
)
def test_what_makes_no_sense_is_refused(desk: Services, query: str) -> None:
    assert signed_in(desk, "chief").get(f"/api/events/board?{query}").status_code == 400


def test_an_area_of_somebody_else_is_not_there(desk: Services) -> None:
    answer = signed_in(desk, "chief-street").get("/api/events/board?area=150304009000")
    assert answer.status_code == 404


def test_the_file_says_what_the_board_says(desk: Services) -> None:
    board = told(desk, "chief", f"{DAYS}&by=category")
    answer = signed_in(desk, "chief").get(f"/export/board.csv?{DAYS}&by=category&lang=en")
    assert "filename=wangge-board-2026-11-10-2026-11-23.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    closed = next(row for row in rows if row["name"] == "all" and row["figure"] == "closed of due")
    rate = next(rate for rate in board["whole"]["rates"] if rate["figure"] == "closed")
    assert (closed["numerator"], closed["denominator"]) == (str(rate["numerator"]), str(rate["denominator"]))
    assert (closed["from"], closed["to"]) == ("2026-11-10", "2026-11-23")
    assert {row["code"] for row in rows} >= {group["code"] for group in board["groups"]}
    book = signed_in(desk, "chief").get(f"/export/board.xlsx?{DAYS}&lang=zh")
    with zipfile.ZipFile(io.BytesIO(book.data)) as parts:
        assert "结案率" in parts.read("xl/worksheets/sheet1.xml").decode()


def test_a_file_is_noted_and_only_for_who_may_export(desk: Services) -> None:
    signed_in(desk, "chief").get(f"/export/board.csv?{DAYS}")
    entry = desk.store.audit.since(0, 100_000, action="export")[-1]
    assert entry.subject == "board.csv"
    assert signed_in(desk, "unit-all").get("/export/board.csv").status_code == 403
    assert signed_in(desk, "chief").get("/export/board.pdf").status_code == 400


def test_the_usual_period_is_the_last_thirty_days(desk: Services) -> None:
    board = told(desk, "chief", "")
    assert (board["period"]["from"], board["period"]["to"]) == ("2026-10-25", "2026-11-23")
    as_of = datetime.fromisoformat(board["period"]["as_of"])
    assert as_of == NOON
    assert as_of.astimezone(ZoneInfo("Asia/Shanghai")).hour == 12


@pytest.mark.parametrize("by", ["tier", "area", "category", "unit", "source"])
def test_a_store_without_cases_has_a_board_of_zeros(empty_client: FlaskClient, by: str) -> None:
    answer = empty_client.get(f"/api/events/board?by={by}")
    assert answer.status_code == 200, answer.text
    board = answer.get_json()
    assert (board["groups"], board["whole"]["counts"]["received"], board["whole"]["backlog"]["open"]) == ([], 0, 0)
    assert {rate["share"] for rate in board["whole"]["rates"]} == {None}
    for page in ("/desk", "/desk/board", "/desk/routing"):
        assert empty_client.get(page).status_code == 200
