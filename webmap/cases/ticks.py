"""The clock of all cases, to be run once a minute: warnings at 80 %, escalation at 100 %, the supervisor at 150 %, ends of pauses; overdue orders.

It may be run twice, or on two machines: each step is done once. It writes no row for a case about which there is nothing to do.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gis.errors import CaseError
from webmap.cases.clockwork import clockwork_of
from webmap.services import Services

ARCHIVE_AFTER = timedelta(days=14)
"""A case that ended is archived after this, if nobody came back to it."""

MOST_STEPS = 20_000
"""Steps of one run; what is left is done by the next."""


@dataclass
class TickReport:
    """What one run did.

    Parameters
    ----------
    warned, escalated, told
        Clocks that reached 80, 100 and 150 %.
    resumed, archived
        Cases whose pause was over, and that were archived.
    orders
        Supervision orders of which it was told that they are overdue.
    """

    warned: int = 0
    escalated: int = 0
    told: int = 0
    resumed: int = 0
    archived: int = 0
    orders: int = 0
    refused: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The report as plain JSON."""
        return dict(vars(self))


def tick(services: Services, now: datetime | None = None) -> TickReport:
    """Do everything that is due.

    Parameters
    ----------
    now
        The present moment by default.
    """
    moment = now or services.clock()
    report = TickReport()
    _levels(services, moment, report)
    _ends(services, moment, report)
    ticks = services.store.side_ticks
    report.orders = sum(ticks.tell(case.id, now=moment) for case in ticks.overdue(moment))
    return report


def _levels(services: Services, now: datetime, report: TickReport) -> None:
    clockwork, ticks = clockwork_of(services), services.store.case_ticks
    counted = {"warn": "warned", "escalate": "escalated", "supervisor": "told"}
    for _ in range(MOST_STEPS):
        due = ticks.due(now, limit=500)
        done = 0
        for clock in due:
            try:
                notice = ticks.act(clock, now=now, clockwork=clockwork)
            except CaseError as error:
                # One case that cannot be moved keeps no other waiting; it is told once a run.
                text = f"{clock.event}: {error.en}"
                report.refused += [text] if text not in report.refused else []
                continue
            if notice is not None:
                done += 1
                name = counted[notice.level]
                setattr(report, name, getattr(report, name) + 1)
        if not done:
            return


def _ends(services: Services, now: datetime, report: TickReport) -> None:
    clockwork, ticks = clockwork_of(services), services.store.case_ticks
    for event in ticks.ended(now, archive_before=now - ARCHIVE_AFTER, limit=MOST_STEPS):
        try:
            done = ticks.end(event, now=now, clockwork=clockwork)
        except CaseError as error:
            report.refused.append(f"{event.id}: {error.en}")
            continue
        name = "resumed" if event.until is not None and event.state in ("suspended", "waiting") else "archived"
        setattr(report, name, getattr(report, name) + int(done))
