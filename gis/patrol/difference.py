"""What changed from one plan to the next, stop by stop, in words. It reads two plans and changes neither."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gis.patrol.document import as_plan, clock
from gis.patrol.tours import Plan, PlannedStop

RETIMED_S = 600.0
"""Ten minutes: less is what a walk through town differs by anyway (own)."""
KINDS = ("moved", "dropped", "added", "retimed", "kept")
"""What can become of a stop, in the order in which people want to know."""


@dataclass(frozen=True)
class Change:
    """What became of one visit.

    Parameters
    ----------
    kind
        ``kept``, ``moved`` (to another team), ``retimed`` (same team, start more than the limit earlier or later),
        ``dropped`` or ``added``.
    team_before, team_after, start_before_s, start_after_s
        None where the visit was or is in no tour.
    """

    kind: str
    id: str
    name_zh: str
    name_en: str
    must: bool
    team_before: str | None
    team_after: str | None
    start_before_s: float | None
    start_after_s: float | None
    zh: str
    en: str


@dataclass(frozen=True)
class Difference:
    """Every visit of two plans once, those of most concern first; ``counts`` by kind, each kind named."""

    changes: tuple[Change, ...]
    counts: Mapping[str, int]
    zh: str
    en: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "changes": [asdict(change) for change in self.changes],
            "counts": dict(self.counts),
            "zh": self.zh,
            "en": self.en,
        }


def difference(
    old: Plan | Mapping[str, Any], new: Plan | Mapping[str, Any], *, retimed_s: float = RETIMED_S
) -> Difference:
    """What became of each visit that either plan serves.

    Parameters
    ----------
    old, new
        Plans or their documents.
    retimed_s
        A start that moves by more counts as re-timed.
    """
    one, two = as_plan(old), as_plan(new)
    before, after = _places(one), _places(two)
    changes = [
        _change(two, before.get(visit), after.get(visit), retimed_s) for visit in sorted(before.keys() | after.keys())
    ]
    changes.sort(key=lambda change: (KINDS.index(change.kind), not change.must, change.id))
    found = Counter(change.kind for change in changes)
    counts = {kind: found[kind] for kind in KINDS}
    minutes = f"{retimed_s / 60:g}"
    return Difference(
        tuple(changes),
        counts,
        zh=f"换队 {counts['moved']},取消 {counts['dropped']},新增 {counts['added']},"
        f"改时超过 {minutes} 分钟 {counts['retimed']},不变 {counts['kept']}",
        en=f"{counts['moved']} moved to another team, {counts['dropped']} dropped, {counts['added']} added, "
        f"{counts['retimed']} re-timed by more than {minutes} min, {counts['kept']} kept",
    )


def _places(plan: Plan) -> dict[str, tuple[str, PlannedStop]]:
    return {stop.id: (tour.name, stop) for tour in plan.teams for stop in tour.stops}


def _change(
    plan: Plan, before: tuple[str, PlannedStop] | None, after: tuple[str, PlannedStop] | None, retimed_s: float
) -> Change:
    stop = next(item[1] for item in (after, before) if item is not None)
    was, now = (clock(plan, item[1].start_s) if item else "" for item in (before, after))
    zh, en = stop.name_zh or stop.id, stop.name_en or stop.id
    if before is None and after is not None:
        kind, zh, en = "added", f"{zh}:新增,{after[0]},{now}", f"{en}: added, {after[0]}, {now}"
    elif after is None and before is not None:
        kind, zh, en = "dropped", f"{zh}:取消(原 {before[0]},{was})", f"{en}: dropped (was {before[0]}, {was})"
    elif before is not None and after is not None:
        late = after[1].start_s - before[1].start_s
        if before[0] != after[0]:
            kind = "moved"
            zh = f"{zh}:由 {before[0]}({was})改为 {after[0]}({now})"
            en = f"{en}: from {before[0]} ({was}) to {after[0]} ({now})"
        elif abs(late) > retimed_s:
            kind = "retimed"
            minutes = round(abs(late) / 60)
            zh = f"{zh}:{before[0]},{was} 改为 {now}({'晚' if late > 0 else '早'} {minutes} 分钟)"
            en = f"{en}: {before[0]}, {was} becomes {now} ({minutes} min {'later' if late > 0 else 'earlier'})"
        else:
            kind, zh, en = "kept", f"{zh}:不变,{after[0]},{now}", f"{en}: kept, {after[0]}, {now}"
    return Change(
        kind=kind,
        id=stop.id,
        name_zh=stop.name_zh,
        name_en=stop.name_en,
        must=stop.must,
        team_before=before[0] if before else None,
        team_after=after[0] if after else None,
        start_before_s=before[1].start_s if before else None,
        start_after_s=after[1].start_s if after else None,
        zh=zh,
        en=en,
    )
