"""The pages of the desks: who gets which, in one language, with names and choices and nothing of a case but where it is shown."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.webmap.cases.lives import DESK, STREET
from tests.webmap.conftest import signed_in
from webmap.pages.desk_frame import MODULES, SHARED, named_moves
from webmap.services import Services
from webmap.store.cases import CaseQuery

FOLDER = Path(str(files("webmap") / "static" / "desk"))


def boot_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.S)
    assert found
    told: dict[str, object] = json.loads(found[1])
    return told


@pytest.fixture
def officer(desk: Services) -> FlaskClient:
    return signed_in(desk, "desk-all")


@pytest.mark.parametrize("path", ["/desk", "/desk/routing"])
def test_a_desk_gets_its_pages_with_units_states_and_moves_by_name(officer: FlaskClient, path: str) -> None:
    page = officer.get(f"{path}?lang=zh")
    assert page.status_code == 200
    boot = boot_of(page.text)
    assert len(boot["states"]) == 18
    assert {unit["code"] for unit in boot["units"]} >= {"water", "housing"}  # type: ignore[attr-defined]
    assert "accept" in boot["my_moves"]  # type: ignore[operator]
    assert "check_pass" in boot["my_moves"]  # type: ignore[operator]
    assert boot["edits_rules"] is False
    assert 'href="/desk/board"' not in page.text, "a desk has no analyses"


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("analyst-all", "/desk", 403),
        ("analyst-all", "/desk/routing", 403),
        ("analyst-all", "/desk/board", 200),
        ("unit-all", "/desk", 200),
        ("unit-all", "/desk/routing", 403),
        ("unit-all", "/desk/board", 403),
        ("chief", "/desk/board", 200),
        ("chief", "/desk/routing", 200),
    ],
)
def test_a_page_is_given_to_the_roles_that_may_use_it(desk: Services, name: str, path: str, status: int) -> None:
    assert signed_in(desk, name).get(path).status_code == status


def test_rules_are_edited_by_who_manages_them_for_the_whole_district(desk: Services) -> None:
    assert boot_of(signed_in(desk, "chief").get("/desk/routing").text)["edits_rules"] is True
    assert boot_of(signed_in(desk, "chief-street").get("/desk/routing").text)["edits_rules"] is False


def test_a_case_is_on_its_page_and_one_of_another_street_is_not_there(desk: Services, officer: FlaskClient) -> None:
    every = desk.store.cases.page(CaseQuery(limit=40), DESK)
    ours = next(case for case in every if case.street == STREET)
    theirs = next(case for case in every if case.street != STREET)
    street = signed_in(desk, "desk-street")
    assert f'"id":"{ours.id}"' in street.get(f"/desk/{ours.id}").text
    assert street.get(f"/desk/{theirs.id}").status_code == 404
    assert officer.get(f"/desk/{theirs.id}").status_code == 200
    assert officer.get("/desk/no-such-case").status_code == 404


def test_a_look_at_a_case_is_in_the_audit_log(desk: Services, officer: FlaskClient) -> None:
    case = desk.store.cases.page(CaseQuery(limit=1), DESK)[0]
    officer.get(f"/desk/{case.id}")
    desk.flush()
    entry = desk.store.audit.since(0, 100_000, action="points.read")[-1]
    assert (entry.subject, entry.detail["path"]) == ("events", f"/desk/{case.id}")


@pytest.mark.parametrize("path", ["/desk", "/desk/routing", "/desk/board"])
def test_the_english_page_has_no_chinese_of_its_own(desk: Services, path: str) -> None:
    page = signed_in(desk, "chief").get(f"{path}?lang=en").text
    words = re.sub(r"<script.*?</script>|<[^>]+>", "", page, flags=re.S).replace("中文", "")
    assert re.findall(r"[\u4e00-\u9fff]+", words) == []


def test_the_other_language_keeps_the_filters_of_the_address(officer: FlaskClient) -> None:
    page = officer.get("/desk?state=handled&tier=street&lang=zh").text
    assert 'href="/desk?state=handled&amp;tier=street&amp;lang=en"' in page


def test_the_map_leads_to_the_desk_whom_it_serves(desk: Services) -> None:
    assert 'id="to-desk" href="/desk"' in signed_in(desk, "desk-all").get("/").text
    assert 'id="to-desk" href="/desk/board"' in signed_in(desk, "analyst-all").get("/").text
    assert 'id="to-desk"' not in signed_in(desk, "chief").get("/map.html").text, "a file that opens offline has no desk"


def test_every_script_is_listed_and_every_text_it_asks_for_exists() -> None:
    shipped = {path.stem for path in FOLDER.glob("*.js")}
    assert shipped == set(MODULES)
    catalog = json.loads((files("webmap") / "translations" / "zh.json").read_text("utf-8"))
    scripts = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.js"))
    asked = set(re.findall(r"\bt\(\"([\w.:]+)\"", scripts))
    assert len(asked) > 100
    assert asked - catalog.keys() == set()


def test_scripts_import_nothing_that_the_map_of_imports_lacks() -> None:
    scripts = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.js"))
    asked = set(re.findall(r'(?:from|import) "([\w/]+)"', scripts))
    assert asked == asked & {*(f"desk/{name}" for name in MODULES), *(f"wangge/{name}" for name in SHARED)}


def test_a_move_of_several_rows_is_offered_once_with_all_its_states() -> None:
    moves = {move["key"]: move for move in named_moves()}
    assert len(moves) == len(named_moves())
    assert set(moves["check_fail"]["sources"]) == {"handled", "checking"}
    assert moves["dispatch"]["needs"] == ["unit"]
