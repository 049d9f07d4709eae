"""Roles as data: which role may do what, and where an account may do it. The table of docs/roles.md in code.

It knows no database and no request, and it never widens: a role that is not in the table may do nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gis.divisions import is_within
from gis.errors import InputError, ScopeError

ACTIONS = frozenset(
    {
        "see_map",  # areas, streets, places, counts by area
        "see_points",  # single incidents at their place
        "see_cameras",  # single cameras at their place
        "mask_cameras",  # ground that no camera may watch
        "see_analyses",  # heat, hot grids, rates, trends, forecasts by grid: aggregates
        "export",  # aggregates as files
        "export_points",  # points and cameras as files
        "see_plans",
        "make_plans",
        "publish_plans",
        "check_in",  # at the places of the own assignment
        "report_events",
        "see_own_events",  # reported by oneself or dispatched to the own unit
        "see_events",
        "dispatch_events",
        "handle_events",
        "check_events",
        "escalate_events",
        "manage_routing",  # to which unit an event goes
        "see_own_disputes",  # of the own area or the own committee
        "see_disputes",
        "register_disputes",
        "mediate_disputes",
        "see_inspections",
        "plan_inspections",
        "see_own_orders",  # supervision orders that one gave or that are to the own unit
        "supervise_units",  # give orders to units, close them
        "see_key_areas",
        "propose_key_areas",
        "designate_key_areas",
        "import_data",
        "manage_system",
        "manage_accounts",
        "read_audit",
    }
)
"""Everything that may be granted."""


@dataclass(frozen=True)
class Role:
    """A role of docs/roles.md.

    Parameters
    ----------
    zh, en
        Its names.
    actions
        What it may do, in the areas of its grant.
    """

    zh: str
    en: str
    actions: frozenset[str]


def _role(zh: str, en: str, *actions: str) -> Role:
    return Role(zh, en, frozenset(actions))


ROLES: dict[str, Role] = {
    "viewer": _role("查看者", "viewer", "see_map", "see_points", "see_analyses", "see_plans", "export"),
    "grid_worker": _role(
        "网格员",
        "grid worker",
        *("see_map", "see_plans", "check_in", "report_events", "see_own_events", "see_inspections"),
    ),
    "desk": _role(
        "调度席",
        "desk",
        *("see_map", "see_points", "see_plans", "report_events", "see_own_events", "see_events", "dispatch_events"),
        *("see_own_disputes", "see_disputes", "register_disputes", "see_inspections", "plan_inspections"),
        *("see_own_orders", "supervise_units", "see_key_areas", "propose_key_areas"),
    ),
    "department_unit": _role(
        "承办单位", "department unit", "see_map", "see_own_events", "handle_events", "see_own_orders"
    ),
    "checker": _role(
        "核查员",
        "checker",
        *("see_map", "see_points", "see_own_events", "see_events", "check_events", "see_key_areas"),
    ),
    "mediator": _role("调解员", "mediator", "see_map", "see_own_disputes", "mediate_disputes"),
    "supervisor": _role(
        "督导员",
        "supervisor",
        *("see_map", "see_points", "see_cameras", "mask_cameras", "see_analyses", "export", "export_points"),
        *("see_plans", "make_plans", "publish_plans", "report_events", "see_own_events", "see_events"),
        *("escalate_events", "manage_routing"),
        *("see_own_disputes", "see_disputes", "see_inspections", "plan_inspections"),
        *("see_own_orders", "supervise_units", "see_key_areas", "propose_key_areas", "designate_key_areas"),
    ),
    "analyst": _role("分析员", "analyst", "see_map", "see_analyses", "export", "see_key_areas"),
    "planner": _role(
        "规划员",
        "planner",
        *("see_map", "see_points", "see_cameras", "mask_cameras", "see_analyses", "export", "export_points"),
        *("see_plans", "make_plans", "see_key_areas"),
    ),
    "system_admin": _role("系统管理员", "system administrator", "import_data", "manage_system"),
    "security_admin": _role("安全管理员", "security administrator", "manage_accounts"),
    "auditor": _role("审计员", "auditor", "read_audit"),
}
"""The roles that can be granted, in the order of docs/roles.md."""

ADMINISTRATORS = frozenset({"system_admin", "security_admin", "auditor"})
"""Nobody holds two of these."""

OPERATOR = "operator"
"""The local operator of the command line, who may do everything and is never granted."""


@dataclass(frozen=True, order=True)
class Grant:
    """One role in one area.

    Parameters
    ----------
    role
        A key of ``ROLES``.
    area
        Code of the area whose subtree it holds for; empty for the whole district.
    """

    role: str
    area: str = ""


def effective(grants: Iterable[Grant], action: str) -> tuple[str, ...]:
    """Areas in which an account may do something.

    Parameters
    ----------
    action
        One of ``ACTIONS``.

    Returns
    -------
    areas
        ``("",)`` for the whole district, ``()`` for nowhere, otherwise codes in order without those that lie inside
        another. Never hand it to a ``Viewer``, to whom ``()`` means everything: ask ``Account.viewer``.

    Raises
    ------
    InputError
        There is no such action: a mistyped one must not look like a refusal.
    """
    if action not in ACTIONS:
        raise InputError(zh=f"没有操作“{action}”。", en=f"There is no action '{action}'.")
    areas = {grant.area for grant in grants if _may(grant.role, action)}
    if "" in areas:
        return ("",)
    return tuple(sorted(a for a in areas if not any(other != a and is_within(a, other) for other in areas)))


def actions_of(grants: Iterable[Grant]) -> frozenset[str]:
    """Everything an account may do somewhere."""
    return frozenset().union(*(ROLES[grant.role].actions for grant in grants if grant.role in ROLES))


def require_action(name: str, grants: Iterable[Grant], action: str) -> tuple[tuple[str, ...], str]:
    """Where an account may do something, and by which role; refuses one that may do it nowhere.

    Parameters
    ----------
    name
        The account, for the message.

    Returns
    -------
    areas, role
        ``areas`` as the store's ``Viewer`` takes them: empty for the whole district.

    Raises
    ------
    ScopeError
        The account may not do it anywhere.
    InputError
        There is no such action.
    """
    held = sorted(grants)
    areas = effective(held, action)
    if not areas:
        raise ScopeError(
            zh=f"账号“{name}”没有此项权限 ({action})。", en=f"The account '{name}' is not granted this ({action})."
        )
    role = next(grant.role for grant in held if _may(grant.role, action))
    return (() if areas == ("",) else areas), role


def require_role(role: str) -> None:
    """Refuse a role that cannot be granted.

    Raises
    ------
    InputError
        It is not in ``ROLES``.
    """
    if role not in ROLES:
        raise InputError(
            zh=f"没有角色“{role}”;可用:{'、'.join(ROLES)}。",
            en=f"There is no role '{role}'; there are {', '.join(ROLES)}.",
        )


def _may(role: str, action: str) -> bool:
    return role == OPERATOR or (role in ROLES and action in ROLES[role].actions)
