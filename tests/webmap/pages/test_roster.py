"""The page of the calendar: readers get no buttons and no drafts, an empty store gets a page, and words are in one language."""

import re

import pytest
from flask.testing import FlaskClient

from tests.webmap.conftest import NOON, PASSWORD, signed_in
from webmap.auth.permissions import Grant
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR


def test_a_store_without_anything_has_a_calendar_all_the_same(empty_client: FlaskClient) -> None:
    page = empty_client.get("/patrol/roster?lang=en")
    assert page.status_code == 200
    assert page.text.count('colspan="4">No shift') == 14
    assert "There are no incidents yet." in page.text


def test_a_reader_sees_tonights_published_plan_and_no_buttons(services: Services) -> None:
    services.store.users.add(
        "page-reader", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOON, grants=[Grant("viewer")]
    )
    page = signed_in(services, "page-reader").get("/patrol/roster?lang=en&from=2026-11-23&to=2026-11-23").text
    assert 'data-state="published"' in page
    assert "asked for by no rule, planned by hand" in page
    assert "roster-due" not in page
    assert "roster-form" not in page


def test_the_english_page_has_no_chinese_but_names(client: FlaskClient) -> None:
    page = client.get("/patrol/roster?lang=en").text
    words = re.sub(r"<script.*?</script>|<[^>]+>", "", page, flags=re.S).replace("中文", "")
    assert re.findall(r"[\u4e00-\u9fff]+", words) == []


@pytest.mark.parametrize("query", ["from=soon", "from=2026-11-30&to=2026-11-23", "from=2026-01-01&to=2026-12-31"])
def test_days_that_make_no_sense_are_refused_with_a_page(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/patrol/roster?lang=en&{query}")
    assert answer.status_code == 400
    assert "<h1" in answer.text
