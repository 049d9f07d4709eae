"""What may be reported, by whom and as what: presence is told apart, and residents are offered what is theirs."""

import pytest

from gis.errors import InputError
from webmap.auth.permissions import ROLES
from webmap.i18n import catalog
from webmap.reporting.choices import PUBLIC_ROLE, SOURCES, group_of, groups, may_report, source_of, sources_of


def test_what_a_grid_worker_finds_is_kept_apart_and_what_a_resident_tells_him_is_not() -> None:
    assert [(source.code, source.found_by) for source in sources_of({"grid_worker"})] == [
        ("inspection", "patrol"),
        ("grid", "report"),
    ]


def test_the_usual_source_stands_where_none_is_named() -> None:
    assert source_of("", {"grid_worker"}).code == "inspection"
    assert source_of("", {"desk"}).code == "12345"
    assert source_of("", {PUBLIC_ROLE}).code == "resident"


@pytest.mark.parametrize("code", ["inspection", "12345", "police", "x"])
def test_a_resident_cannot_name_a_source_of_others(code: str) -> None:
    with pytest.raises(InputError, match="not yours to name"):
        source_of(code, {PUBLIC_ROLE})


def test_nobody_but_a_grid_worker_makes_a_finding_of_patrol() -> None:
    others = set(ROLES) - {"grid_worker"} | {PUBLIC_ROLE}
    assert all(source.found_by == "report" for source in sources_of(others))


def test_every_role_that_may_report_has_a_source() -> None:
    assert [name for name, role in ROLES.items() if "report_events" in role.actions and not sources_of({name})] == []


@pytest.mark.parametrize("code", ["M01", "A02", ""])
def test_names_of_classes_and_notices_of_the_system_are_not_reported(code: str) -> None:
    assert not may_report(code, public=False)


@pytest.mark.parametrize("code", ["D02", "C01", "H02", "V04"])
def test_residents_are_offered_no_disputes_and_no_inspections(code: str) -> None:
    assert may_report(code, public=False)
    assert not may_report(code, public=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("public", [False, True])
def test_every_category_stands_in_one_group_with_a_name(lang: str, public: bool) -> None:
    found = groups(lang, public=public)  # type: ignore[arg-type]
    codes = [item["code"] for group in found for item in group["items"]]
    assert len(codes) == len(set(codes)) > 250
    assert all(may_report(code, public=public) for code in codes)
    assert all(
        group["name"] and {group_of(item["code"]) for item in group["items"]} == {group["key"]} for group in found
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_source_has_its_words(lang: str) -> None:
    text = catalog(lang)  # type: ignore[arg-type]
    assert [s.code for s in SOURCES if f"source.{s.code}" not in text or f"report.source.{s.code}" not in text] == []
