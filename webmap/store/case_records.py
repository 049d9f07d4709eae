"""What goes in and out of the store of cases: queries, lives to replay, what became of something that was sent."""

from dataclasses import dataclass, field
from datetime import datetime

from gis.dispatch import Detail
from webmap.store.case_moves import StoredMove
from webmap.store.case_scope import CaseViewer
from webmap.store.events import Event


@dataclass(frozen=True)
class Kept:
    """What became of something that was sent: the case now, and whether it was known before."""

    event: Event
    receipt: str = ""
    move: StoredMove | None = None
    is_new: bool = True


@dataclass(frozen=True)
class Step:
    """One move of a life: by whom and when."""

    move: str
    viewer: CaseViewer
    at: datetime
    detail: Detail = field(default_factory=Detail)


@dataclass(frozen=True)
class Life:
    """An event with its moves in order, the first of which submits it."""

    event: Event
    receipt: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class CaseQuery:
    """Which cases are wanted; empty fields want everything.

    Parameters
    ----------
    since, until
        Of ``created_at``, half-open.
    after
        Moment of creation and id of the last case of the page before.
    """

    states: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()
    area: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 50


@dataclass(frozen=True)
class Waiting:
    """A case on a work list, with the clock that ends first.

    Parameters
    ----------
    started_us
        Microseconds since 1970; None for a case without a clock, and then the rest is None as well.
    is_plain
        The clock was neither paused nor extended.
    """

    event: str
    started_us: int | None
    amount: float | None
    unit: str | None
    paused: bool | None
    is_plain: bool | None
