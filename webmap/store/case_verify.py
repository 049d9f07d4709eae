"""Whether cases are what their moves say: no move missing or altered, the state that of the last one, deadlines those of the clocks."""

from collections.abc import Iterator

from sqlalchemy import Connection, and_, func, or_, select

from webmap.store.case_models import EVENT_CLOCKS, EVENT_MOVES, UNITS
from webmap.store.findings import Finding
from webmap.store.models import EVENTS


def case_findings(connection: Connection) -> Iterator[Finding]:
    """Every fault of the cases of a store."""
    yield from _broken_histories(connection)
    yield from _other_states(connection)
    yield from _unknown_units(connection)
    yield from _other_deadlines(connection)


def _broken_histories(connection: Connection) -> Iterator[Finding]:
    m = EVENT_MOVES.c
    rows = select(
        m.version.label("version"),
        m.source.label("source"),
        func.lag(m.target).over(partition_by=m.event, order_by=m.version).label("left_in"),
        func.lag(m.version).over(partition_by=m.event, order_by=m.version).label("before"),
    ).subquery()
    broken = and_(rows.c.before.is_not(None), or_(rows.c.before != rows.c.version - 1, rows.c.left_in != rows.c.source))
    count = int(connection.scalar(select(func.count()).select_from(rows).where(broken)) or 0)
    if count:
        zh = f"{count} 条办理记录与前一条不衔接:有记录被删除或改动。"
        yield Finding(
            "case", "event_moves", count, zh, f"{count} moves do not follow the one before: rows are gone or altered."
        )


def _other_states(connection: Connection) -> Iterator[Finding]:
    latest = select(EVENT_MOVES.c.event, func.max(EVENT_MOVES.c.version).label("version")).group_by(EVENT_MOVES.c.event)
    last = latest.subquery()
    joined = EVENTS.join(last, last.c.event == EVENTS.c.id).join(
        EVENT_MOVES, and_(EVENT_MOVES.c.event == last.c.event, EVENT_MOVES.c.version == last.c.version)
    )
    told = (
        (EVENTS.c.state, "target"),
        (EVENTS.c.version, "version"),
        (EVENTS.c.tier, "tier_to"),
        (EVENTS.c.unit, "unit_to"),
    )
    differs = or_(*(column != EVENT_MOVES.c[name] for column, name in told))
    count, example = connection.execute(
        select(func.count(), func.min(EVENTS.c.id)).select_from(joined).where(differs)
    ).one()
    if count:
        zh = f"{count} 个事件的状态与最后一条办理记录不符,例如 {example}。"
        yield Finding(
            "case", "events", count, zh, f"{count} events are not as their last move left them, such as {example}."
        )


def _unknown_units(connection: Connection) -> Iterator[Finding]:
    missing = and_(EVENTS.c.unit != "", EVENTS.c.unit.not_in(select(UNITS.c.code)), EVENTS.c.state != "archived")
    count, example = connection.execute(select(func.count(), func.min(EVENTS.c.unit)).where(missing)).one()
    if count:
        zh = f"{count} 个未归档事件的承办单位不存在,例如 {example}。"
        yield Finding(
            "case", "events", count, zh, f"{count} open events are with a unit that there is not, such as {example}."
        )


def _other_deadlines(connection: Connection) -> Iterator[Finding]:
    running = select(func.min(EVENT_CLOCKS.c.due_at)).where(
        EVENT_CLOCKS.c.event == EVENTS.c.id, EVENT_CLOCKS.c.stopped_at.is_(None)
    )
    has_clock = EVENTS.c.id.in_(select(EVENT_CLOCKS.c.event))
    differs = and_(has_clock, EVENTS.c.due_at.is_distinct_from(running.scalar_subquery()))
    count = int(connection.scalar(select(func.count()).select_from(EVENTS).where(differs)) or 0)
    if count:
        zh = f"{count} 个事件的最近期限与其时限记录不符。"
        yield Finding("case", "event_clocks", count, zh, f"The deadline of {count} events is not that of their clocks.")
