"""The table of roles: what each may do and may not, and where."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError, ScopeError
from webmap.auth.permissions import (
    ACTIONS,
    ADMINISTRATORS,
    OPERATOR,
    ROLES,
    Grant,
    actions_of,
    effective,
    require_action,
    require_role,
)

STREET_A, STREET_B = "150304009000", "150304010000"
GRID_OF_A = "150304009008001"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "roles.md"


def test_there_are_the_twelve_roles_of_the_district() -> None:
    assert list(ROLES) == [
        *("viewer", "grid_worker", "desk", "department_unit", "checker", "mediator", "supervisor", "analyst"),
        *("planner", "system_admin", "security_admin", "auditor"),
    ]
    assert set(ROLES) > ADMINISTRATORS
    assert OPERATOR not in ROLES


def test_every_action_of_a_role_is_one_and_every_action_is_somebodys() -> None:
    assert frozenset().union(*(role.actions for role in ROLES.values())) == ACTIONS


def test_the_document_names_every_role_and_every_action_it_may_do() -> None:
    rows = {line.split("|")[1].strip(): line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")}
    for key, role in ROLES.items():
        row = rows[f"`{key}`"]
        assert role.zh in row
        assert set(re.findall(r"`([a-z_]+)`", row)) - {key} == role.actions


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_administrators_share_no_action_with_anybody(role: str) -> None:
    others = frozenset().union(*(other.actions for key, other in ROLES.items() if key != role))
    assert ROLES[role].actions.isdisjoint(others)


def test_the_analyst_sees_aggregates_only() -> None:
    assert not {"see_points", "see_cameras", "export_points", "see_events"} & ROLES["analyst"].actions
    assert {"see_analyses", "export"} <= ROLES["analyst"].actions


def test_nobody_checks_what_he_may_handle_or_dispatch() -> None:
    assert [key for key, role in ROLES.items() if {"check_events", "handle_events"} <= role.actions] == []
    assert [key for key, role in ROLES.items() if {"check_events", "dispatch_events"} <= role.actions] == []


def test_who_exports_points_sees_them() -> None:
    for role in ROLES.values():
        assert "export_points" not in role.actions or {"see_points", "see_cameras", "export"} <= role.actions


def test_an_action_holds_in_the_areas_of_the_grants_that_bring_it() -> None:
    grants = [Grant("viewer", STREET_A), Grant("planner", STREET_B)]
    assert effective(grants, "see_points") == (STREET_A, STREET_B)
    assert effective(grants, "export_points") == (STREET_B,)
    assert effective(grants, "manage_accounts") == ()
    assert effective([*grants, Grant("planner")], "export_points") == ("",)


def test_an_area_inside_another_is_not_named_twice() -> None:
    assert effective([Grant("viewer", GRID_OF_A), Grant("desk", STREET_A)], "see_points") == (STREET_A,)


def test_nothing_is_nothing_and_never_everything() -> None:
    """A viewer with no areas sees everything, so nobody gets one by having no grant."""
    for grants in ([], [Grant("king")], [Grant("")], [Grant("auditor")]):
        assert effective(grants, "see_points") == ()
        with pytest.raises(ScopeError, match="not granted"):
            require_action("li", grants, "see_points")


def test_a_mistyped_action_is_an_error_and_no_refusal() -> None:
    for ask in (effective, lambda grants, action: require_action("li", grants, action)):
        with pytest.raises(InputError, match="no action"):
            ask([Grant("viewer")], "see_point")


def test_the_role_that_brings_the_action_is_told() -> None:
    grants = [Grant("viewer", STREET_A), Grant("planner", STREET_A)]
    assert require_action("li", grants, "export_points") == ((STREET_A,), "planner")
    assert require_action("li", [Grant("planner")], "export_points") == ((), "planner")


def test_the_local_operator_may_do_everything_and_is_never_granted() -> None:
    assert all(effective([Grant(OPERATOR)], action) == ("",) for action in ACTIONS)
    with pytest.raises(InputError, match="no role"):
        require_role(OPERATOR)


GRANTS = st.lists(st.builds(Grant, st.sampled_from(list(ROLES)), st.sampled_from(["", STREET_A, STREET_B, GRID_OF_A])))


@given(GRANTS, st.sampled_from(sorted(ACTIONS)))
def test_order_does_not_matter_and_a_further_grant_takes_nothing_away(grants: list[Grant], action: str) -> None:
    areas = effective(grants, action)
    assert effective(grants[::-1], action) == areas
    assert (action in actions_of(grants)) == bool(areas)
    more = effective([*grants, Grant("viewer", STREET_B)], action)
    assert "" in more or all(any(area.startswith(wider[:9]) for wider in more) for area in areas)
