"""A case as programs are told it, in two languages that are kept apart."""

from datetime import UTC, datetime
from typing import Any

import pytest

from webmap.cases.shown import move_shown
from webmap.store.case_moves import StoredMove
from webmap.store.case_scope import SYSTEM

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)


def move(role: str, reason: str) -> StoredMove:
    """An escalation with a reason."""
    told: dict[str, Any] = dict.fromkeys(StoredMove.__dataclass_fields__, "")
    told |= {"move": "escalate", "version": 3, "role": role, "reason": reason, "at": AT, "detail": {}}
    return StoredMove(**told)


@pytest.mark.parametrize(
    ("role", "reason", "zh", "en"),
    [
        (SYSTEM, "处置超时自动升级 / handling is overdue", "处置超时自动升级", "handling is overdue"),
        (SYSTEM, "", "", ""),
        (SYSTEM, "自动", "自动", "自动"),
        ("desk", "东侧 / 西侧都有", "东侧 / 西侧都有", "东侧 / 西侧都有"),
    ],
)
def test_what_the_system_wrote_in_two_languages_is_told_in_each_and_words_of_people_are_left_alone(
    role: str, reason: str, zh: str, en: str
) -> None:
    told = move_shown(move(role, reason))
    assert (told["reason"], told["reason_zh"], told["reason_en"]) == (reason, zh, en)
