"""The tables of the side desks: disputes, inspections and their schedules, supervision orders, key areas, committees. As ``models``, it only describes."""

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Table

from webmap.store.models import LOCATED, METADATA, TEXT, Instant

SIDE_CASES = Table(
    "side_cases",
    METADATA,
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("state", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    *(Column(name, TEXT, nullable=False) for name in ("unit", "committee", "ref", *LOCATED, "body")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("due_at", Instant),
    Index("ix_side_cases_kind_state", "kind", "state"),
    Index("ix_side_cases_kind_ref", "kind", "ref"),
)
"""``kind`` is ``dispute``, ``schedule``, ``inspection``, ``order`` or ``key_area``. ``unit`` is that of an order, ``committee`` that of a dispute,
``ref`` what it is about: the schedule of an inspection, the event of an order, the site of a schedule, the hot spot of a key area. ``body`` is JSON."""

SIDE_MOVES = Table(
    "side_moves",
    METADATA,
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    *(Column(name, TEXT, nullable=False) for name in ("move", "source", "target", "role", "actor")),
    Column("at", Instant, nullable=False),
    *(Column(name, TEXT, nullable=False) for name in ("reason", "detail")),
    ForeignKeyConstraint(["kind", "id"], ["side_cases.kind", "side_cases.id"], name="fk_side_moves_case"),
)
"""One row a move, never changed; ``version`` is that of the case after it."""

COMMITTEES = Table(
    "committees",
    METADATA,
    Column("code", TEXT, primary_key=True),
    *(Column(name, TEXT, nullable=False) for name in ("kind", "name_zh", "name_en", "area", "topics")),
)
"""Mediation committees; ``topics`` are categories parted by blanks."""

COMMITTEE_ACCOUNTS = Table(
    "committee_accounts",
    METADATA,
    Column("committee", TEXT, ForeignKey("committees.code"), primary_key=True),
    Column("account", TEXT, primary_key=True),
    Index(None, "account"),
)
"""Which accounts belong to a committee."""
