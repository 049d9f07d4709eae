"""Check-ins: what teams said at their stops. A stop, a team, a moment, a word; no person, no position, no way.

Each has an id that the phone made, so that sending it again changes nothing. They are kept for a set period, then summed
by place and shift and deleted. Neither the change sequence nor the audit log says who sent one, or of which stop it was.
"""

import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select, update

from gis.errors import InputError
from gis.patrol.done import KINDS, visits_by_place, visits_from
from webmap.store.changes import note_change, require_zone
from webmap.store.db import Database
from webmap.store.documents import parsed
from webmap.store.models import CHECKINS, PATROL_VISITS, PLANS
from webmap.store.plans import StoredPlan
from webmap.store.scoping import in_subtree, sees_code
from webmap.store.viewer import Viewer

REASONS = ("closed", "blocked", "called_away", "unsafe", "no_time", "other")
"""Why a stop was skipped: words of a list, since free text would name people."""

KEEP_DAYS = 30
"""Days after the plan's day for which single check-ins are kept, unless set otherwise."""

MOST = 500
"""Check-ins that are taken at once."""

AHEAD = timedelta(minutes=10)
"""So far may the clock of a phone be ahead of ours."""
BEFORE = timedelta(days=1)
"""So long before its shift may a check-in lie."""

_ID = re.compile(r"[0-9A-Za-z-]{16,64}")
_COLUMNS = ("stop", "grid", "day", "shift", "visits", "timed", "minutes", "skipped")


@dataclass(frozen=True)
class CheckIn:
    """What a team said at a stop.

    Parameters
    ----------
    id
        Made by the phone: 16 to 64 letters, digits and hyphens.
    plan
        Id of the plan, in the version that the phone showed.
    team
        Number of the team in it, from 0.
    stop
        Id of the visit in it.
    kind
        ``arrived``, ``left`` or ``skipped``.
    at
        When, by the phone's clock.
    reason
        One of ``REASONS`` for a skipped stop, otherwise empty.
    """

    id: str
    plan: str
    team: int
    stop: str
    kind: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Receipt:
    """What became of a check-in: ``kept``, ``known`` (it was kept before) or ``refused``, and then why."""

    id: str
    state: str
    zh: str = ""
    en: str = ""


class CheckIns:
    """The check-ins of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, batch: Sequence[CheckIn], *, viewer: Viewer, now: datetime, keep_days: int = KEEP_DAYS
    ) -> list[Receipt]:
        """Keep what a phone sends, each by itself: a bad one keeps no other out.

        Returns
        -------
        receipts
            In the order of the batch.

        Raises
        ------
        InputError
            More than ``MOST`` at once, or a moment without zone.
        """
        require_zone(now)
        if len(batch) > MOST:
            raise InputError(zh=f"一次最多上传 {MOST} 条签到。", en=f"At most {MOST} check-ins are taken at once.")
        for each in batch:
            require_zone(each.at)
        receipts: list[Receipt] = []
        kept: dict[str, int] = {}
        with self._database.writing() as connection:
            plans: dict[str, StoredPlan | None] = {}
            for each in batch:
                if each.plan not in plans:
                    plans[each.plan] = _plan_of(connection, each.plan)
                receipt = _take(connection, each, plans[each.plan], viewer, now, keep_days)
                receipts.append(receipt)
                if receipt.state == "kept":
                    kept[each.plan] = kept.get(each.plan, 0) + 1
            for plan_id, count in kept.items():
                plan = plans[plan_id]
                area = plan.area if plan is not None else ""
                note_change(
                    connection, "checkins", "add", viewer=_nobody(viewer), now=now, count=count, ref=plan_id, area=area
                )
        return receipts

    def of_plan(self, plan: StoredPlan, *, now: datetime, keep_days: int = KEEP_DAYS) -> pd.DataFrame:
        """Check-ins for a plan in all its versions: ``team``, ``stop``, ``kind``, ``at``; none past their period."""
        same = [PLANS.c[name] == getattr(plan, name) for name in ("day", "shift", "area")]
        chosen = (CHECKINS.c[name] for name in ("team", "stop", "kind", "at"))
        query = select(*chosen).join(PLANS, PLANS.c.id == CHECKINS.c.plan).where(*same)
        with self._database.reading() as connection:
            rows = [] if plan.day < _first_day(now, keep_days) else connection.execute(query).all()
        return _said(rows)

    def count(self) -> int:
        """Single check-ins that are kept now."""
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(CHECKINS)) or 0)

    def retire(self, *, now: datetime, keep_days: int = KEEP_DAYS) -> int:
        """Sum up and delete the check-ins whose period is over, in one step.

        Returns
        -------
        deleted
            How many single check-ins are gone.
        """
        require_zone(now)
        first = _first_day(now, keep_days)
        over = select(PLANS.c.id).where(PLANS.c.day < first, PLANS.c.id.in_(select(CHECKINS.c.plan)))
        with self._database.reading() as connection:
            if connection.execute(over.limit(1)).first() is None:
                return 0
        with self._database.writing() as connection:
            plans = [_plan(row) for row in connection.execute(select(PLANS).where(PLANS.c.id.in_(over))).mappings()]
            for (day, shift, _area), versions in _by_slot(plans).items():
                for row in _summed(connection, versions).to_dict("records"):
                    _add_sums(
                        connection, {str(name): value for name, value in row.items()} | {"day": day, "shift": shift}
                    )
            gone = int(
                connection.execute(delete(CHECKINS).where(CHECKINS.c.plan.in_([plan.id for plan in plans]))).rowcount
            )
            note_change(connection, "checkins", "retire", viewer=Viewer("", ""), now=now, count=gone)
        return gone

    def visits(
        self, viewer: Viewer, *, since: date, until: date, now: datetime, keep_days: int = KEEP_DAYS
    ) -> pd.DataFrame:
        """Visits by place and shift, from the sums and from what is not summed yet.

        Parameters
        ----------
        since, until
            Days of the plans, the last one not included.

        Returns
        -------
        visits
            ``stop``, ``grid``, ``day``, ``shift``, ``visits``, ``timed``, ``minutes``, ``skipped``; sorted. A limited
            viewer gets the places in grids of their areas.
        """
        low, high = since.isoformat(), until.isoformat()
        sums = select(*(PATROL_VISITS.c[name] for name in _COLUMNS)).where(
            PATROL_VISITS.c.day >= low, PATROL_VISITS.c.day < high
        )
        fresh = select(PLANS).where(
            PLANS.c.day >= max(low, _first_day(now, keep_days)),
            PLANS.c.day < high,
            PLANS.c.id.in_(select(CHECKINS.c.plan)),
        )
        if not viewer.is_unlimited:
            sums = sums.where(in_subtree([PATROL_VISITS.c.grid], viewer.areas))
        with self._database.reading() as connection:
            tables = [pd.DataFrame(connection.execute(sums).all(), columns=list(_COLUMNS))]
            plans = [_plan(row) for row in connection.execute(fresh).mappings()]
            for (day, shift, _area), versions in _by_slot(plans).items():
                table = _summed(connection, versions).assign(day=day, shift=shift)
                tables.append(table[[sees_code(connection, viewer, grid) for grid in table["grid"]]])
        every = pd.concat([table for table in tables if len(table)] or tables[:1])
        return every.groupby(["stop", "grid", "day", "shift"], sort=True, as_index=False).sum()[list(_COLUMNS)]


def _first_day(now: datetime, keep_days: int) -> str:
    """The first day of plans whose check-ins are kept."""
    return (now.date() - timedelta(days=keep_days)).isoformat()


def _nobody(viewer: Viewer) -> Viewer:
    """The same rights without a name."""
    return replace(viewer, actor="")


def _plan(row: Any) -> StoredPlan:
    return StoredPlan(**(dict(row) | {"document": parsed(row["document"])}))


def _plan_of(connection: Connection, plan_id: str) -> StoredPlan | None:
    row = connection.execute(select(PLANS).where(PLANS.c.id == plan_id)).mappings().one_or_none()
    return None if row is None else _plan(row)


def _take(
    connection: Connection, said: CheckIn, plan: StoredPlan | None, viewer: Viewer, now: datetime, keep_days: int
) -> Receipt:
    stop = _stop_of(plan, said)
    if plan is None or plan.published_at is None or not _may_say(connection, viewer, plan, stop):
        return _refused(
            said, "没有这个方案,或尚未发布,或不在您的区域", "no such plan, or not published, or not in your area"
        )
    if stop is None:
        return _refused(said, "方案中该队没有这一站", "the team has no such stop in the plan")
    if not _ID.fullmatch(said.id):
        return _refused(said, "编号不合规则", "the id is not one")
    if (
        said.kind not in KINDS
        or (said.reason in REASONS) != (said.kind == "skipped")
        or said.reason not in ("", *REASONS)
    ):
        return _refused(said, "类型或原因不在列表内", "kind or reason is not on the list")
    known = connection.execute(select(CHECKINS).where(CHECKINS.c.id == said.id)).mappings().one_or_none()
    if known is not None:
        same = all(known[name] == getattr(said, name) for name in ("plan", "team", "stop", "kind", "reason"))
        return (
            Receipt(said.id, "known")
            if same
            else _refused(said, "该编号已用于另一次签到", "the id is taken by another")
        )
    if plan.day < _first_day(now, keep_days):
        return _refused(said, f"已超过 {keep_days} 天的保存期", f"its period of {keep_days} days is over")
    begins = plan.document.get("shift_start")
    if said.at > now + AHEAD or (begins and said.at < datetime.fromisoformat(begins) - BEFORE):
        return _refused(said, "时间不对,请检查手机时钟", "the time cannot be right; check the clock of the phone")
    connection.execute(insert(CHECKINS).values(**vars(said)))
    return Receipt(said.id, "kept")


def _refused(said: CheckIn, zh: str, en: str) -> Receipt:
    return Receipt(said.id, "refused", zh, en)


def _stop_of(plan: StoredPlan | None, said: CheckIn) -> Mapping[str, Any] | None:
    teams = plan.document.get("teams", []) if plan is not None else []
    if not 0 <= said.team < len(teams):
        return None
    stops = teams[said.team]["stops"]
    # A break is no place that was wanted: its sums would bear the name of the team.
    return next((stop for stop in stops if stop["id"] == said.stop and stop.get("kind") != "break"), None)


def _may_say(connection: Connection, viewer: Viewer, plan: StoredPlan, stop: Mapping[str, Any] | None) -> bool:
    grid = str(stop.get("grid", "")) if stop is not None else ""
    return sees_code(connection, viewer, plan.area) or (bool(grid) and sees_code(connection, viewer, grid))


def _said(rows: Sequence[Any]) -> pd.DataFrame:
    table = pd.DataFrame([tuple(row) for row in rows], columns=["team", "stop", "kind", "at"])
    return table.astype({"at": "datetime64[us, UTC]"})


def _by_slot(plans: Sequence[StoredPlan]) -> dict[tuple[str, str, str], builtins.list[StoredPlan]]:
    found: dict[tuple[str, str, str], builtins.list[StoredPlan]] = {}
    for plan in sorted(plans, key=lambda plan: plan.version):
        found.setdefault((plan.day, plan.shift, plan.area), []).append(plan)
    return found


def _summed(connection: Connection, versions: Sequence[StoredPlan]) -> pd.DataFrame:
    """Visits of a shift by place. A visit keeps its id through the versions, so what two phones said of it is one."""
    chosen = (CHECKINS.c[name] for name in ("team", "stop", "kind", "at"))
    rows = connection.execute(select(*chosen).where(CHECKINS.c.plan.in_([plan.id for plan in versions]))).all()
    stops: dict[str, Any] = {}
    for plan in versions:
        stops |= {stop["id"]: stop for tour in plan.document["teams"] for stop in tour["stops"]}
    return visits_by_place({"teams": [{"stops": list(stops.values())}]}, visits_from(_said(rows)))


def _add_sums(connection: Connection, row: Mapping[str, Any]) -> None:
    key = [PATROL_VISITS.c[name] == row[name] for name in ("stop", "grid", "day", "shift")]
    sums = {name: PATROL_VISITS.c[name] + row[name] for name in ("visits", "timed", "minutes", "skipped")}
    if connection.execute(update(PATROL_VISITS).where(*key).values(**sums)).rowcount == 0:
        connection.execute(insert(PATROL_VISITS).values(**row))
