"""The moves that figures are made of are those that start, stop and pause the clocks in the table of moves."""

import pytest

from gis.dispatch import moves
from gis.dispatch.lives import CLOSING, PAUSING, RESUMING, REVIVING, STAGE_MARKS, VOIDING


def doing(step: tuple[str, str]) -> set[str]:
    """Moves that do this to a clock."""
    return {move.name for move in moves() if step in move.clock}


@pytest.mark.parametrize("stage", STAGE_MARKS)
def test_a_stage_begins_and_ends_where_its_clock_does(stage: str) -> None:
    begins, completes, leaves = (set(each) for each in STAGE_MARKS[stage])
    assert begins == doing(("+", stage))
    assert completes | leaves == doing(("-", stage))
    assert not completes & leaves


def test_a_case_is_paused_and_goes_on_where_its_clock_does() -> None:
    assert set(PAUSING) == doing(("~", "case"))
    assert set(RESUMING) == doing((">", "case"))


def test_closing_voiding_and_reviving_are_what_their_targets_say() -> None:
    by_target = {
        target: {move.name for move in moves() if move.target == target}
        for target in ("resolved", "merged", "rejected", "withdrawn")
    }
    assert set(CLOSING) == by_target["resolved"]
    assert set(VOIDING) == by_target["merged"] | by_target["rejected"] | by_target["withdrawn"]
    assert {"submit", "reopen", "appeal", "unmerge"} == set(REVIVING)
