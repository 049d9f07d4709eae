"""What the page is told under a filter is what the data say."""

import json

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

from gis.incidents import IncidentFilter
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR


def test_counts_of_the_summary_are_those_of_the_table(client: FlaskClient, services: Services) -> None:
    answer = client.get("/api/summary.json?from=2026-08-01&to=2026-10-31&found_by=report").get_json()
    table = services.incidents(LOCAL_OPERATOR, IncidentFilter())
    local = table["occurred_at"].dt.tz_convert("Asia/Shanghai")
    kept = table[(local >= "2026-08-01") & (local < "2026-11-01") & (table["found_by"] == "report")]
    assert (answer["incidents"], answer["of"]) == (len(kept), len(table))
    by_grid = kept["grid"].value_counts()
    assert {row["code"]: row["count"] for row in answer["ranked"] if row["count"]} == by_grid[
        by_grid.index != ""
    ].to_dict()


def test_shares_add_up_to_one(client: FlaskClient) -> None:
    rows = client.get("/api/summary.json").get_json()["ranked"]
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)


def test_area_filter_reaches_only_that_street(client: FlaskClient) -> None:
    rows = client.get("/api/summary.json?area=150304009000").get_json()["ranked"]
    assert {row["code"][:9] for row in rows if row["count"]} == {"150304009"}


def test_points_and_counts_hold_the_same_incidents(client: FlaskClient) -> None:
    """Above the cap places are summed; no incident is lost or counted twice."""
    answer = client.get("/api/incidents.json?bbox=106.5,39.3,106.9,39.8&columns=20").get_json()
    assert answer["mode"] == "counts"
    assert sum(count for _, _, count in answer["counts"]) == answer["in_view"] == answer["total"]


def test_few_incidents_come_as_points_with_their_time(client: FlaskClient) -> None:
    answer = client.get("/api/incidents.json?from=2026-10-31&to=2026-10-31").get_json()
    assert answer["mode"] == "points"
    assert len(answer["points"]) == answer["in_view"] == answer["total"] > 0
    moments = pd.to_datetime([row[4] for row in answer["points"]], utc=True).tz_convert("Asia/Shanghai")
    assert {str(day) for day in np.unique(moments.date)} == {"2026-10-31"}


def test_heat_states_unit_period_count_and_its_tiles_are_drawn(client: FlaskClient) -> None:
    heat = client.get("/api/heat.json?bandwidth=300&zoom=13&source=12345").get_json()
    assert heat["bandwidth_m"] == 300
    assert 1000 < heat["incidents"] < 60_000
    assert heat["legend"][-1]["to"] is None
    assert "source=12345" in heat["tiles"]
    column, row = 6524, 3098
    tile = client.get(heat["tiles"].format(z=13, x=column, y=row))
    assert tile.data.startswith(b"\x89PNG")
    assert "immutable" in tile.headers["Cache-Control"]
    assert "no-cache" in client.get(f"/tiles/heat/13/{column}/{row}.png?v=older").headers["Cache-Control"]
    far = client.get("/api/heat.json?bandwidth=300&zoom=8").get_json()
    assert far["bandwidth_m"] > 1000


@pytest.mark.parametrize("tile", ["13/8192/0", "13/0/8192", "31/0/0", "21/0/0"])
def test_a_tile_that_does_not_exist_is_refused(client: FlaskClient, tile: str) -> None:
    answer = client.get(f"/tiles/heat/{tile}.png")
    assert answer.status_code == 400
    assert answer.get_json()["zh"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/summary.json?from=yesterday",
        "/api/summary.json?from=2026-10-31&to=2026-10-01",
        "/api/summary.json?found_by=magic",
        "/api/heat.json?bandwidth=wide",
        "/api/heat.json?bandwidth=1",
        "/api/heat.json?bandwidth=nan",
        "/api/incidents.json?bbox=1,2,3",
        "/api/incidents.json?bbox=107,39,106,40",
        "/api/incidents.json?columns=0",
        "/api/incidents.json?columns=2.5",
        "/export/grids.csv?datum=EPSG:4610",
        "/export/grids.csv?datum=moon",
    ],
)
def test_what_makes_no_sense_is_refused_in_both_languages(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["zh"]
    assert problem["en"]
    assert "Traceback" not in json.dumps(problem)


@pytest.mark.parametrize(
    "path",
    ["/api/summary.json?area=999", "/api/areas/planet.geojson", "/api/layers/people.geojson", "/export/people.csv",
     "/export/grids.exe", "/api/plans/none.json", "/api/nothing"],
)  # fmt: skip
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_answer_is_told_once(client: FlaskClient) -> None:
    first = client.get("/api/summary.json")
    again = client.get("/api/summary.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    other = client.get("/api/summary.json?from=2026-10-01")
    assert other.headers["ETag"] != first.headers["ETag"]


def test_an_empty_store_gives_a_page_and_plain_words(empty_client: FlaskClient) -> None:
    assert empty_client.get("/").status_code == 200
    answer = empty_client.get("/api/summary.json")
    assert answer.status_code == 404
    assert "wangge import areas" in answer.get_json()["en"]


def test_a_filter_is_a_question_of_the_library_too(services: Services) -> None:
    """The page and the command line ask the same function."""
    everything = services.incidents(LOCAL_OPERATOR, IncidentFilter())
    assert len(everything) == len(services.incidents(LOCAL_OPERATOR, IncidentFilter()))


def test_vector_tiles_hold_grids_and_incidents_as_points_or_sums(client: FlaskClient, services: Services) -> None:
    tile = client.get("/tiles/vector/grid/12/3262/1558.mvt")
    assert tile.mimetype == "application/vnd.mapbox-vector-tile"
    assert tile.data.startswith(b"\x1a")
    assert client.get("/tiles/vector/grid/12/0/0.mvt").data == b""
    assert client.get("/tiles/vector/moon/12/0/0.mvt").status_code == 404
    assert client.get("/tiles/vector/incidents/21/0/0.mvt").status_code == 400
    few = client.get("/tiles/vector/incidents/12/3262/1558.mvt?from=2026-10-31").data
    many = client.get("/tiles/vector/incidents/10/815/389.mvt").data
    assert b"count" not in few
    assert b"count" in many
