"""What a move starts from and what it leaves: the case, who moves it, what is told with it, and the record.

Plain frozen values. An account is an id and never a name; nothing here holds a person.
"""

from dataclasses import dataclass, field
from datetime import datetime

from gis.dispatch.states import ClockStep


@dataclass(frozen=True)
class Ask:
    """Something that a unit asked for and nobody has answered.

    Parameters
    ----------
    kind
        ``return``, ``delay``, ``suspend`` or ``transfer``.
    by
        Account that asked; empty for none.
    until, unit
        What was asked for.
    """

    kind: str
    by: str
    reason: str
    at: datetime
    until: datetime | None = None
    unit: str = ""


@dataclass(frozen=True)
class Counts:
    """How often things happened to a case."""

    reworks: int = 0
    returns: int = 0
    transfers: int = 0
    delays: int = 0
    suspensions: int = 0
    reopens: int = 0
    escalations: int = 0


COUNTS = tuple(Counts.__dataclass_fields__)
"""What is counted."""


@dataclass(frozen=True)
class Case:
    """A case as the table of moves sees it.

    Parameters
    ----------
    version
        Rises by one with every move.
    tier
        One of ``TIERS``: who is in charge.
    unit
        Code of the unit it is dispatched to; empty for the desk of the tier.
    areas
        Every area it lies in, from the grid to the district and above.
    reporter
        Account that reported it; empty for a report without account.
    handlers
        Accounts that handled it, sorted.
    handled_by
        Units that handled it, sorted.
    ask
        What was asked for and waits for an answer.
    until
        End of a suspension or of waiting.
    merged_into
        The case that it is the same as.
    score
        How it was rated, 1 to 5.
    """

    id: str
    state: str = "draft"
    version: int = 1
    tier: str = "community"
    unit: str = ""
    areas: tuple[str, ...] = ()
    reporter: str = ""
    handlers: tuple[str, ...] = ()
    handled_by: tuple[str, ...] = ()
    ask: Ask | None = None
    counts: Counts = field(default_factory=Counts)
    until: datetime | None = None
    merged_into: str = ""
    score: int | None = None


@dataclass(frozen=True)
class Post:
    """A role in an area.

    Parameters
    ----------
    role
        ``reporter``, ``grid_worker``, ``desk``, ``department_unit``, ``checker``, ``supervisor``, ``system`` or ``operator``.
    area
        Code of the area whose subtree it is for; empty for everything.
    tier
        Level of that area, ``city`` for everything.
    """

    role: str
    area: str = ""
    tier: str = "city"


@dataclass(frozen=True)
class Actor:
    """Who moves a case.

    Parameters
    ----------
    account
        Empty for whoever holds the receipt alone, and for the clock.
    posts
        Tried in order; the first that reaches is the one in which the move is made.
    units
        Units that the account belongs to.
    """

    account: str
    posts: tuple[Post, ...]
    units: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Detail:
    """What is told with a move.

    Parameters
    ----------
    unit
        Code of a unit, empty for the desk of the tier; None where nothing is said.
    into
        Id of the case that it is the same as.
    tier
        Where an escalation goes; empty for the next.
    score
        1 to 5.
    """

    reason: str = ""
    unit: str | None = None
    until: datetime | None = None
    into: str = ""
    tier: str = ""
    score: int | None = None


@dataclass(frozen=True)
class Record:
    """One move that was made, from which everything else can be told again.

    Parameters
    ----------
    version
        Of the case after it.
    role, area
        The post in which it was made.
    clock
        What it did to the clocks, in order.
    """

    case: str
    move: str
    version: int
    source: str
    target: str
    tier_from: str
    tier_to: str
    unit_from: str
    unit_to: str
    role: str
    area: str
    actor: str
    at: datetime
    reason: str = ""
    until: datetime | None = None
    into: str = ""
    score: int | None = None
    clock: tuple[ClockStep, ...] = ()
