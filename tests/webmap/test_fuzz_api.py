"""Any request that the document allows, and many that it does not, gets an answer that the document tells of."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.webmap.conftest import NOON, PASSWORD
from webmap import create_app
from webmap.api.openapi import ROUTES, Route, path_of
from webmap.auth.gate import COOKIE
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.security.csrf import HEADER, csrf_token
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store


@pytest.fixture(scope="module")
def services(sample_db: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over a copy of the sample: what is written here must not reach other tests."""
    copy = tmp_path_factory.mktemp("fuzz") / "wuda.db"
    whole = open_store(sample_db)
    whole.snapshot(copy)
    whole.close()
    store = open_store(f"sqlite:///{copy}")
    yield Services(store, Config(db=store.url), clock=lambda: NOON)
    store.close()


@pytest.fixture(scope="module")
def api_schema(services: Services) -> Any:
    """The document of the application over the sample."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(services))


@pytest.fixture(scope="module")
def session(services: Services) -> dict[str, str]:
    """The cookie of a supervisor who checks in as well."""
    grants = [Grant("supervisor"), Grant("grid_worker")]
    services.store.users.add("fuzz", password=PASSWORD, viewer=LOCAL_OPERATOR, now=services.clock(), grants=grants)
    token = services.store.sessions.sign_in("fuzz", PASSWORD, now=services.clock())
    return {COOKIE: token}


SLOW = {
    ("/api/alarms", "post"),
    ("/live", "get"),
    ("/api/plans", "post"),
    ("/api/plans/<plan_id>/one-more", "post"),
    ("/api/forecasts", "post"),
    ("/api/patrol/due", "post"),
    ("/api/patrol/copy", "post"),
}
"""A stream without an end, searches of seconds, and alarms, whose door opens to a signature alone; they are tried in tests of their own."""
HEAVY = "/api/cameras/"
"""Each new question about cameras takes a second or more."""
WANTED = [not_a_server_error, status_code_conformance, content_type_conformance]


def _bounded(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("examples", [3, pytest.param(20, marks=pytest.mark.long)], ids=["few", "many"])
@pytest.mark.parametrize(
    "route", [route for route in ROUTES if (route.rule, route.method) not in SLOW], ids=lambda r: f"{r.method} {r.rule}"
)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda m: m.value)
def test_every_answer_is_one_that_the_document_tells_of(
    route: Route, mode: GenerationMode, examples: int, api_schema: Any, session: dict[str, str]
) -> None:
    operation = api_schema[path_of(route.rule)][route.method.upper()]

    seen: set[int] = set()

    @_bounded(max(1, examples // 5) if route.rule.startswith(HEAVY) else examples)
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        answer = case.call(cookies=session, headers={HEADER: csrf_token(session[COOKIE])})
        seen.add(answer.status_code)
        case.validate_response(answer, checks=WANTED)

    holds()
    # A fuzz of a shut door finds nothing.
    assert 401 not in seen
    if route.rule in ("/api/checkins", "/api/patrol/session.json"):
        assert seen <= {200, 400}
