"""Charts and comparisons by address: what they count is what the table holds, and what makes no sense is refused."""

import numpy as np
import pytest
from flask.testing import FlaskClient
from scipy.stats import binomtest

from gis.incidents import IncidentFilter
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR

AUGUST = "from=2026-08-01&to=2026-08-31"
EITHER = "found_by=report&found_by=patrol"
WAYS = {"usual": "", "reports": "&found_by=report", "findings": "&found_by=patrol", "either": f"&{EITHER}"}
BOTH = f"{AUGUST}&from2=2026-07-01&to2=2026-07-31"


def test_every_part_holds_all_incidents_of_the_filter_and_says_of_how_many(client: FlaskClient) -> None:
    summary = client.get(f"/api/summary.json?{AUGUST}&found_by=report").get_json()
    answer = client.get(f"/api/profile.json?{AUGUST}&found_by=report").get_json()
    n = summary["incidents"]
    for part in ("trend", "matrix", "categories", "sources"):
        told = answer[part]
        assert (told["period"], told["total"], told["of"]) == (summary["period"], n, summary["of"]), part
    assert sum(row["count"] for row in answer["trend"]["bins"]) == n
    assert np.sum(answer["matrix"]["counts"]) + answer["matrix"]["day_only"] == n
    assert answer["categories"]["rows"] == sorted(summary["categories"], key=lambda row: (-row["count"], row["code"]))
    assert sum(row["count"] for row in answer["sources"]["rows"]) == n


def test_charts_count_what_the_hot_grids_count_and_say_so(client: FlaskClient) -> None:
    summary = client.get(f"/api/summary.json?{AUGUST}").get_json()
    asked = {name: client.get(f"/api/profile.json?{AUGUST}{more}").get_json()["trend"] for name, more in WAYS.items()}
    assert asked["usual"]["found_by"] == asked["reports"]["found_by"] == summary["found_by"] == ["report"]
    assert asked["usual"]["total"] == asked["reports"]["total"] == summary["counted"] < summary["incidents"]
    assert asked["usual"]["incidents"] == asked["either"]["total"] == summary["incidents"]
    assert asked["either"]["found_by"] == ["report", "patrol"]
    assert asked["reports"]["total"] + asked["findings"]["total"] == asked["either"]["total"]
    assert client.get(f"/api/compare.json?{BOTH}").get_json()["found_by"] == ["report"]


def test_a_month_is_told_by_day_and_three_years_by_week(client: FlaskClient) -> None:
    month = client.get(f"/api/profile.json?{AUGUST}").get_json()["trend"]
    assert (month["bin"], len(month["bins"])) == ("day", 31)
    assert month["bins"][0]["from"] == month["bins"][0]["to"] == "2026-08-01"
    years = client.get("/api/profile.json").get_json()["trend"]
    assert years["bin"] == "week"
    assert years["bins"][0]["from"] == "2023-11-01", "cut at the first day of the data, a Wednesday"
    assert years["bins"][0]["whole"] is False


def test_the_matrix_divides_by_how_often_an_hour_came(client: FlaskClient) -> None:
    matrix = client.get("/api/profile.json?from=2026-08-03&to=2026-08-16").get_json()["matrix"]
    assert matrix["slots"] == [[2.0] * 24] * 7


def test_hour_and_weekday_reach_every_answer(client: FlaskClient, services: Services) -> None:
    query = "hour=7&hour=8&weekday=0&weekday=4"
    local = services.incidents(LOCAL_OPERATOR, IncidentFilter())["occurred_at"].dt.tz_convert("Asia/Shanghai").dt
    expected = int((local.hour.isin([7, 8]) & local.day_of_week.isin([0, 4])).sum())
    assert expected > 100
    assert client.get(f"/api/summary.json?{query}").get_json()["incidents"] == expected
    assert client.get(f"/api/incidents.json?{query}").get_json()["total"] == expected
    assert client.get(f"/api/heat.json?{query}&bandwidth=300").get_json()["incidents"] <= expected
    counts = np.array(client.get(f"/api/profile.json?{query}&{EITHER}").get_json()["matrix"]["counts"])
    assert counts.sum() == counts[np.ix_([0, 4], [7, 8])].sum() == expected


@pytest.mark.parametrize(
    "query", ["hour=24", "hour=-1", "hour=x", "hour=7.5", "hour=%2B7", "hour=%D9%A7", "weekday=7", "weekday=Mon"]
)
@pytest.mark.parametrize("path", ["summary", "profile", "incidents", "heat"])
def test_what_is_no_hour_or_weekday_is_refused(client: FlaskClient, path: str, query: str) -> None:
    answer = client.get(f"/api/{path}.json?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["zh"]
    assert answer.get_json()["en"]


def test_an_export_names_its_hours_and_weekdays(client: FlaskClient) -> None:
    text = client.get("/export/incidents.kml?lang=en&hour=22&hour=23&weekday=5&from=2026-08-01").data.decode()
    assert "Sat 22:00-24:00" in text


def test_a_grid_is_compared_with_itself(client: FlaskClient) -> None:
    now = {r["code"]: r["count"] for r in client.get(f"/api/summary.json?{AUGUST}").get_json()["ranked"]}
    then = client.get("/api/summary.json?from=2026-07-01&to=2026-07-31").get_json()
    before = {row["code"]: row["count"] for row in then["ranked"]}
    answer = client.get(f"/api/compare.json?{BOTH}").get_json()
    assert {row["code"]: row["count"] for row in answer["rows"]} == now
    assert {row["code"]: row["base"] for row in answer["rows"]} == before
    first = answer["rows"][0]
    test = binomtest(first["count"], first["count"] + first["base"], 0.5)
    assert first["p"] == pytest.approx(test.pvalue, abs=1e-9)
    assert answer["total"]["base"] == then["counted"]
    assert answer["total"]["low"] < answer["total"]["ratio"] < answer["total"]["high"]
    assert answer["judged"] == sum(row["q"] is not None for row in answer["rows"])
    assert answer["period"]["exposure_days"] == answer["base_period"]["exposure_days"] == 31


def test_a_comparison_follows_the_other_filters(client: FlaskClient) -> None:
    answer = client.get(f"/api/compare.json?{BOTH}&area=150304009000&weekday=0&hour=8").get_json()
    assert {row["code"][:9] for row in answer["rows"]} == {"150304009"}
    assert (answer["period"]["exposure_days"], answer["base_period"]["exposure_days"]) == (5, 4), "Mondays"
    assert answer["of"] == 60_000


def test_days_before_the_first_record_do_not_count_as_quiet(client: FlaskClient) -> None:
    query = "from=2024-01-01&to=2024-01-31&from2=2023-10-01&to2=2023-11-30"
    answer = client.get(f"/api/compare.json?{query}").get_json()
    assert answer["base_period"]["asked_days"] == 61
    assert answer["base_period"]["exposure_days"] == 30


@pytest.mark.parametrize(
    "query",
    [
        AUGUST,
        "from2=2026-07-01&to2=2026-07-31",
        f"{AUGUST}&from2=2026-07-01",
        f"{AUGUST}&from2=2026-07-15&to2=2026-08-15",
        f"{AUGUST}&from2=2026-07-31&to2=2026-07-01",
        f"{AUGUST}&from2=2016-07-01&to2=2016-07-31",
        f"{AUGUST}&from2=july&to2=2026-07-31",
        "from=2026-08-03&to=2026-08-03&from2=2026-08-04&to2=2026-08-04&weekday=0",
    ],
)
def test_what_cannot_be_compared_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/compare.json?{query}").status_code == 400


@pytest.mark.parametrize("path", ["profile.json?from=2026-08-01", "compare.json?" + BOTH])
def test_an_answer_is_known_again_by_its_tag(client: FlaskClient, path: str) -> None:
    tag = client.get(f"/api/{path}").headers["ETag"]
    assert client.get(f"/api/{path}", headers={"If-None-Match": tag}).status_code == 304


def test_an_empty_store_has_an_empty_profile(empty_client: FlaskClient) -> None:
    answer = empty_client.get("/api/profile.json").get_json()
    assert answer["total"] == 0
    assert answer["categories"]["rows"] == []
    assert empty_client.get(f"/api/compare.json?{BOTH}").status_code == 400


def test_the_offline_map_says_which_hours_it_is_fixed_to(client: FlaskClient) -> None:
    page = client.get("/map.html?lang=en&from=2026-10-01&hour=8&weekday=0").data.decode()
    assert "2026-10-01 - 2026-10-31 Mon 08:00-09:00" in page
