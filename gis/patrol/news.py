"""What happened in a running shift: the moment, what is done, and what changed. Places and teams, never persons."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from gis.errors import InputError


@dataclass(frozen=True)
class Urgent:
    """A stop that was not wanted when the shift was planned, and must be seen.

    Parameters
    ----------
    id
        Unique among the visits of the shift.
    x, y
        Metres, in the CRS of the plan; the travel times must hold the place.
    dwell_s
        How long somebody stays.
    deadline_s
        The visit starts no later, seconds from shift start.
    worth
        Counts in the totals only; being urgent is what makes it come first.
    beat
        -1, any team, if not given.
    """

    id: str
    x: float
    y: float
    dwell_s: float
    deadline_s: float
    name_zh: str = "紧急停留点"
    name_en: str = "urgent stop"
    why_zh: str = "紧急事件"
    why_en: str = "urgent event"
    worth: float = 1.0
    beat: int = -1
    kind: str = "urgent"
    grid: str = ""
    lon: float | None = None
    lat: float | None = None

    def as_visit(self, now_s: float) -> dict[str, Any]:
        """It as a wanted visit: a must, open from now."""
        row = asdict(self)
        deadline = row.pop("deadline_s")
        return row | {
            "stop": self.id,
            "open_s": float(now_s),
            "close_s": float(deadline),
            "must": True,
            "outside": False,
        }


@dataclass(frozen=True)
class News:
    """A moment of a running shift.

    Parameters
    ----------
    now_s
        Seconds from shift start.
    done
        Visits done, by id, with the second at which the team left, or None where only the plan knows. Not given: every
        visit that the plan ends by now.
    current
        Visits at which a team is, by id, with the second at which it began, or None. Not given: where ``done`` is not
        given either, those that the plan has begun; else none.
    urgent
        New stops.
    dropped
        Teams that do no more from now on. What they had not finished is free for the others.
    late
        By team, the second before which it cannot go on: a late start, or a delay.
    """

    now_s: float
    done: Mapping[str, float | None] | None = None
    current: Mapping[str, float | None] | None = None
    urgent: tuple[Urgent, ...] = ()
    dropped: tuple[str, ...] = ()
    late: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.done is None and self.current is not None:
            raise InputError(
                zh="给出正在进行的停留点时,也要给出已完成的停留点。",
                en="Where the current stops are given, the done ones must be given too.",
            )
        overdue = [item.id for item in self.urgent if not item.deadline_s >= self.now_s]
        if overdue:
            raise InputError(
                zh=f"紧急停留点的时限已过:{'、'.join(overdue)}。",
                en=f"The deadline of an urgent stop has passed: {', '.join(overdue)}.",
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"urgent": [asdict(item) for item in self.urgent], "dropped": list(self.dropped)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "News":
        """The news from what ``to_dict`` gave."""
        return cls(
            now_s=float(data["now_s"]),
            done=data.get("done"),
            current=data.get("current"),
            urgent=tuple(Urgent(**item) for item in data.get("urgent", ())),
            dropped=tuple(data.get("dropped", ())),
            late=dict(data.get("late", {})),
        )
