"""Whether records of the side desks are what their moves say, with committees, units and events that exist."""

from collections.abc import Iterator

from sqlalchemy import Connection, and_, func, or_, select

from webmap.store.case_models import UNITS
from webmap.store.documents import parsed
from webmap.store.findings import Finding
from webmap.store.models import EVENTS
from webmap.store.side_models import COMMITTEES, SIDE_CASES, SIDE_MOVES

_AT_ONCE = 500


def side_findings(connection: Connection) -> Iterator[Finding]:
    """Every fault of the side desks of a store."""
    yield from _broken_histories(connection)
    yield from _other_states(connection)
    yield from _unknown_owners(connection)
    yield from _lost_events(connection)


def _broken_histories(connection: Connection) -> Iterator[Finding]:
    m = SIDE_MOVES.c
    of = (m.kind, m.id)
    rows = select(
        m.version.label("version"),
        m.source.label("source"),
        func.lag(m.target, 1, "").over(partition_by=of, order_by=m.version).label("left_in"),
        func.lag(m.version, 1, 0).over(partition_by=of, order_by=m.version).label("before"),
    ).subquery()
    broken = or_(rows.c.before != rows.c.version - 1, rows.c.left_in != rows.c.source)
    count = int(connection.scalar(select(func.count()).select_from(rows).where(broken)) or 0)
    if count:
        zh = f"{count} 条纠纷、检查或督办记录与前一条不衔接:有记录被删除或改动。"
        yield Finding("side", "side_moves", count, zh, f"{count} moves of side desks do not follow the one before.")


def _other_states(connection: Connection) -> Iterator[Finding]:
    m = SIDE_MOVES.c
    last = select(m.kind, m.id, func.max(m.version).label("version")).group_by(m.kind, m.id).subquery()
    joined = SIDE_CASES.outerjoin(last, and_(last.c.kind == SIDE_CASES.c.kind, last.c.id == SIDE_CASES.c.id)).outerjoin(
        SIDE_MOVES, and_(m.kind == last.c.kind, m.id == last.c.id, m.version == last.c.version)
    )
    c = SIDE_CASES.c
    differs = or_(m.version.is_(None), c.state != m.target, c.version != m.version)
    count, example = connection.execute(select(func.count(), func.min(c.id)).select_from(joined).where(differs)).one()
    if count:
        zh = f"{count} 条纠纷、检查或督办单的状态与最后一条办理记录不符,例如 {example}。"
        en = f"{count} records of side desks are not as their last move left them, such as {example}."
        yield Finding("side", "side_cases", count, zh, en)


def _unknown_owners(connection: Connection) -> Iterator[Finding]:
    c = SIDE_CASES.c
    no_unit = and_(c.unit != "", c.unit.not_in(select(UNITS.c.code)), c.state.not_in(("closed", "withdrawn")))
    over = ("archived", "rejected", "withdrawn")
    no_committee = and_(c.committee != "", c.committee.not_in(select(COMMITTEES.c.code)), c.state.not_in(over))
    count, example = connection.execute(select(func.count(), func.min(c.id)).where(or_(no_unit, no_committee))).one()
    if count:
        zh = f"{count} 条未办结记录的单位或调委会不存在,例如 {example}。"
        en = f"{count} open records are with a unit or committee that there is not, such as {example}."
        yield Finding("side", "side_cases", count, zh, en)


def _lost_events(connection: Connection) -> Iterator[Finding]:
    bodies = connection.scalars(select(SIDE_CASES.c.body).where(SIDE_CASES.c.kind == "inspection"))
    wanted = sorted({str(event) for body in bodies for event in parsed(body).get("events", ())})
    known: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        known |= set(connection.scalars(select(EVENTS.c.id).where(EVENTS.c.id.in_(wanted[start : start + _AT_ONCE]))))
    lost = [event for event in wanted if event not in known]
    if lost:
        zh = f"检查不合格项应有的 {len(lost)} 个事件不存在,例如 {lost[0]};重新提交该次检查即可补上。"
        en = f"{len(lost)} events of failed items are missing, such as {lost[0]}; sending the inspection again makes them."
        yield Finding("side", "side_cases", len(lost), zh, en)
