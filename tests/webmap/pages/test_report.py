"""The report page: installable, whole in its cache, and told only what its reader may report."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tests.webmap.reporting.reporting_town import OPEN, ReportingTown
from tests.webmap.store.conftest import GRIDS
from webmap.pages.report import worker_script

ELSEWHERE = {"/static/report/sw.js", "/static/report/receipt.js", "/static/report/orders.js"}
"""Files of pages that need a network."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportingTown]:
    town = ReportingTown(tmp_path_factory.mktemp("town"), **OPEN)
    yield town
    town.close()


def told(page: str) -> dict[str, object]:
    """What the page knows beside its texts."""
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_manifest_is_that_of_an_installable_page(lang: str, town: ReportingTown) -> None:
    visitor = town.visitor()
    answer = visitor.get(f"/report/manifest.webmanifest?lang={lang}")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.text)
    assert (manifest["scope"], manifest["start_url"], manifest["display"]) == ("/report/", "/report/", "standalone")
    assert all(visitor.get(icon["src"]).mimetype == icon["type"] for icon in manifest["icons"])
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])


def test_the_worker_keeps_every_file_of_the_page_and_each_is_there(town: ReportingTown) -> None:
    script = worker_script()
    assert "__" not in script
    kept = json.loads(re.search(r"ASSETS = (\[.*?\]);", script)[1])  # type: ignore[index]
    static = files("webmap") / "static"
    shipped = {f"/static/report/{path.name}" for path in (static / "report").iterdir()}
    assert shipped - ELSEWHERE <= set(kept)
    imported = set()
    for path in kept:
        with town.visitor().get(path) as answer:
            assert answer.status_code == 200, path
        if path.startswith("/static/") and path.endswith(".js"):
            script = static.joinpath(*path.split("/")[2:]).read_text("utf-8")
            names = re.findall(r'^import .* from "([^"]+)";$', script, re.MULTILINE)
            imported |= {name if name.startswith("/") else str(Path(path).parent / name) for name in names}
    assert imported <= set(kept)


def test_the_policy_lets_the_page_run_no_script_of_its_own_words(town: ReportingTown) -> None:
    answer = town.client("worker").get("/report/")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text)
    assert "style=" not in answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_worker_is_offered_his_sources_and_a_resident_his_own(lang: str, town: ReportingTown) -> None:
    worker = told(town.client("worker").get(f"/report/?lang={lang}").text)
    assert [source["code"] for source in worker["sources"]] == ["inspection", "grid"]  # type: ignore[attr-defined]
    resident = told(town.visitor().get(f"/report/?lang={lang}").text)
    assert [source["code"] for source in resident["sources"]] == ["resident"]  # type: ignore[attr-defined]
    assert "D" not in {group["key"] for group in resident["groups"]}  # type: ignore[attr-defined]


def test_the_mark_of_an_account_is_its_own_and_does_not_name_it(town: ReportingTown) -> None:
    marks = {name: str(told(town.client(name).get("/report/").text)["who"]) for name in ("worker", "desk")}
    assert len(set(marks.values())) == 2
    assert not any(name in mark for name, mark in marks.items())


def test_the_ground_is_that_of_the_reader_and_known_again_by_its_tag(town: ReportingTown) -> None:
    client = town.client("desk")
    answer = client.get("/report/ground.json")
    assert [cell["code"] for cell in answer.get_json()["cells"]] == list(GRIDS[:2])
    again = client.get("/report/ground.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_who_may_not_report_gets_no_form(town: ReportingTown) -> None:
    assert town.client("figures").get("/report/").status_code == 403
