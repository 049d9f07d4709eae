"""Every route, every role, a foreign area: who has street A sees and exports nothing of street B.

The cases are made from the routes themselves, so that a new route without a rule fails here.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from gis.incidents import IncidentFilter
from gis.tiles.heat_tiles import EMPTY
from tests.webmap.conftest import NOON, PASSWORD
from webmap import create_app
from webmap.api import openapi
from webmap.auth import gate
from webmap.auth.permissions import ROLES, Grant
from webmap.config import Config
from webmap.downloads import EXPORTS
from webmap.ops import health
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

OURS, THEIRS = "150304008000", "150304009000"
"""Two streets of the sample."""

OPEN = gate.ANYBODY | health.ENDPOINTS | {openapi.ENDPOINT}
VALUES = {
    "level": ["grid", "community", "street", "district", "special"],
    "name": ["cameras", "places", "streets", "buildings"],
    "layer": [*EXPORTS, "street", "places"],
    "file_format": ["csv", "geojson"],
    "plan_id": ["latest-of-district"],
    "camera": ["V0001"],
    "team": ["0"],
    "zoom": ["12"],
    "column": ["3262"],
    "row": ["1558"],
    "session": ["none"],
    "filename": ["css/map.css"],
}


@pytest.fixture(scope="module")
def services(sample_db: str) -> Iterator[Services]:
    """Services with one account a role, limited to one street, and one planner of the whole district."""
    store = open_store(sample_db)
    held = Services(store, Config(db=sample_db, request_limit="1000000/minute"), clock=lambda: NOON)
    known = {user.name for user in store.users.list()}
    for role in ROLES:
        if f"{role}-a" not in known:
            grants = [Grant(role, OURS)]
            store.users.add(f"{role}-a", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=grants)
    yield held
    store.close()


@pytest.fixture(scope="module")
def tokens(services: Services) -> dict[str, str]:
    return {role: services.store.sessions.sign_in(f"{role}-a", PASSWORD, now=NOON) for role in ROLES}


def client_of(services: Services, token: str = "") -> FlaskClient:
    client = create_app(services).test_client()
    if token:
        client.set_cookie(gate.COOKIE, token)
    return client


@pytest.fixture(scope="module")
def rules(services: Services) -> list[Rule]:
    """Every route."""
    return list(create_app(services).url_map.iter_rules())


@pytest.fixture(scope="module")
def plans(services: Services) -> list[str]:
    """The ids of all plans."""
    return [plan["id"] for plan in services.plans(LOCAL_OPERATOR)]


def addresses(rule: Rule, plans: list[str]) -> list[str]:
    """The addresses of a route, one for each value that its answer depends on."""
    found = [re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule)]
    for name in rule.arguments:
        values = plans if name == "plan_id" else VALUES.get(name, ["none"])
        found = [address.replace(f"<{name}>", value) for address in found for value in values]
    return found


def test_every_route_has_a_rule(rules: list[Rule]) -> None:
    known = OPEN | gate.SIGNED_IN | set(gate.ACTIONS)
    assert {rule.endpoint for rule in rules} - known == set()


def test_without_a_session_nothing_of_the_district_is_shown(
    services: Services, rules: list[Rule], plans: list[str]
) -> None:
    client = client_of(services)
    for rule in rules:
        if rule.endpoint in OPEN or "GET" not in (rule.methods or ()):
            continue
        for address in addresses(rule, plans):
            answer = client.get(address)
            assert answer.status_code in (302, 401), address
            assert answer.status_code == 401 or answer.headers["Location"].startswith("/sign-in")


def codes_of_theirs(services: Services) -> set[str]:
    tree = services.tree(LOCAL_OPERATOR)
    return {THEIRS, *tree.descendants(THEIRS)}


def text_of(data: bytes) -> str:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return data.decode("utf-8", "replace")


def without_declared(text: str, address: str) -> str:
    """Leaves out what a reporter of ours declared: a wrong label may well name a foreign grid."""
    if address == "/export/incidents.csv":
        table = pd.read_csv(io.StringIO(text), dtype=str)
        return str(table.drop(columns=[name for name in table if "填报" in name or "declared" in name]).to_csv())
    if address == "/export/incidents.geojson":
        return re.sub(r'"(填报[^"]*|declared[^"]*)": ?"[^"]*"', "", text)
    return text


@pytest.mark.parametrize("role", list(ROLES))
def test_a_role_gets_what_it_is_granted_and_only_in_its_area(
    role: str, services: Services, tokens: dict[str, str], rules: list[Rule], plans: list[str]
) -> None:
    client = client_of(services, tokens[role])
    theirs = codes_of_theirs(services)
    asked = 0
    for rule in rules:
        if rule.endpoint not in gate.ACTIONS or "GET" not in (rule.methods or ()) or rule.endpoint == "live.live":
            continue
        for address in addresses(rule, plans):
            values = dict(zip(rule.arguments, [], strict=False)) | _values(rule, address)
            action = gate.action_of(rule.endpoint, values)
            answer = client.get(address)
            asked += 1
            if action not in ROLES[role].actions:
                refused = answer.status_code == 403 or (rule.endpoint == "pages.index" and answer.status_code == 302)
                assert refused, (role, address, answer.status_code)
                continue
            assert answer.status_code in (200, 400, 403, 404, 409), (role, address, answer.status_code)
            text = without_declared(text_of(answer.data), address)
            shown = {code for code in theirs if code in text}
            assert shown == set(), (role, address, sorted(shown)[:3])
    assert asked > 45


def _values(rule: Rule, address: str) -> dict[str, str]:
    pattern = re.sub(
        r"<(?:\w+:)?(\w+)>", r"(?P<\1>[^/]+?)", re.escape(rule.rule).replace(r"\<", "<").replace(r"\>", ">")
    )
    found = re.fullmatch(pattern, address)
    return found.groupdict() if found else {}


@pytest.mark.parametrize("role", ["supervisor", "analyst", "viewer", "planner"])
@pytest.mark.parametrize(
    "path",
    ["/api/summary.json", "/api/heat.json", "/api/profile.json", "/tiles/heat/12/3262/1558.png", "/export/grids.csv"],
)
def test_a_foreign_area_cannot_be_asked_for(role: str, path: str, services: Services, tokens: dict[str, str]) -> None:
    answer = client_of(services, tokens[role]).get(f"{path}?area={THEIRS}")
    if path.startswith("/export/grids"):
        assert THEIRS[:9] not in text_of(answer.data)
        return
    assert answer.status_code == 404


def test_counts_of_a_limited_viewer_are_those_of_the_area(services: Services, tokens: dict[str, str]) -> None:
    limited = client_of(services, tokens["analyst"]).get("/api/summary.json").get_json()
    everything = services.incidents(LOCAL_OPERATOR, IncidentFilter(area=OURS))
    assert limited["of"] == limited["incidents"] == len(everything) > 100
    assert limited["counted"] == (everything["found_by"] == "report").sum() > 100


def test_no_tile_shows_what_lies_in_a_foreign_street(services: Services, tokens: dict[str, str]) -> None:
    """A tile in the middle of the foreign street is empty for us and full for its own people."""
    shape = services.areas(LOCAL_OPERATOR).set_index("code").loc[THEIRS].geometry.representative_point()
    zoom = 17
    column = int((shape.x / 360 + 0.5) * 2**zoom)
    row = int((0.5 - np.arctanh(np.sin(np.radians(shape.y))) / (2 * np.pi)) * 2**zoom)
    path = f"/tiles/heat/{zoom}/{column}/{row}.png?bandwidth=300"
    assert client_of(services, tokens["viewer"]).get(path).data == EMPTY
    everyone = services.store.sessions.sign_in("zhangwei", PASSWORD, now=NOON)
    assert client_of(services, everyone).get(path).data != EMPTY


def test_reads_of_points_and_exports_are_in_the_log(services: Services, tokens: dict[str, str]) -> None:
    client = client_of(services, tokens["supervisor"])
    last = int(services.store.audit.checkpoint().split(":")[0])
    client.get("/api/incidents.json?bbox=106.7,39.5,106.71,39.51")
    client.get("/export/incidents.csv")
    services.flush()
    rows = services.store.audit.since(last)
    assert [row.action for row in rows if row.actor == "supervisor-a"].count("points.read") == 1
    assert any(row.action == "export" and row.subject == "incidents.csv" for row in rows)
    assert "106.7" not in json.dumps([row.subject for row in rows])
    assert services.store.audit.verify() == []


def test_an_analyst_gets_no_kernel_that_shows_single_reports(services: Services, tokens: dict[str, str]) -> None:
    ask = "/api/heat.json?bandwidth=30&zoom=18"
    assert client_of(services, tokens["analyst"]).get(ask).get_json()["bandwidth_m"] == 250
    assert client_of(services, tokens["supervisor"]).get(ask).get_json()["bandwidth_m"] == 30
