"""Rules for new passwords, all faults told at once, and hashes that nobody can read."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from webmap.auth.passwords import (
    MAX_LENGTH,
    PasswordRules,
    hash_password,
    is_common,
    is_outdated,
    matches,
    require_good,
)

RULES = PasswordRules()
CHEAP = PasswordRules(memory_kib=64, passes=1)
GOOD = "Regen.bogen7"


def faults(password: str, name: str = "wang") -> str:
    """What the refusal says."""
    with pytest.raises(InputError) as caught:
        require_good(password, name, rules=CHEAP)
    assert password == "" or password not in caught.value.en + caught.value.zh
    return caught.value.en


@pytest.mark.parametrize(
    "password", [GOOD, "Ein langer Satz 9", "北京下雨Regen7", "zs.blau-7412", "x" * 118 + "Regen.bog7"]
)
def test_a_good_password_passes(password: str) -> None:
    require_good(password, "wang", rules=CHEAP)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Ab1.efghi", "at least 10"),
        ("regenbogen7", "3 of"),
        ("REGENBOGEN7", "3 of"),
        ("regen.bogen", "3 of"),
        ("8412937561", "3 of"),
        ("xWang.84129", "account name"),
        ("xWANG.84129", "account name"),
        ("Password123!", "commonest"),
        ("P@ssw0rd2026!", "commonest"),
        ("Zhongguo1949!", "commonest"),
        ("Woaini5201314!", "commonest"),
        ("Jingcha110!", "commonest"),
        ("1qaz@WSX3edc", "commonest"),
        ("x" * (MAX_LENGTH + 1) + "A1", "more than"),
    ],
)
def test_a_weak_password_is_refused_with_its_fault(password: str, words: str) -> None:
    assert words in faults(password)


def test_every_fault_is_told_at_once_in_both_languages() -> None:
    with pytest.raises(InputError) as caught:
        require_good("wang", "wang", rules=CHEAP)
    assert caught.value.en.count(";") == 3
    assert caught.value.zh.count(";") == 3


def test_one_of_the_last_three_is_refused_and_the_fourth_is_not() -> None:
    earlier = [hash_password(f"{GOOD}{n}", CHEAP) for n in range(4)]
    for number in range(3):
        with pytest.raises(InputError, match="last 3"):
            require_good(f"{GOOD}{number}", "wang", rules=CHEAP, earlier=earlier)
    require_good(f"{GOOD}3", "wang", rules=CHEAP, earlier=earlier)


def test_the_list_of_the_commonest_is_short_and_in_order() -> None:
    words = (files("webmap.auth") / "common_passwords.txt").read_text("utf-8").split()
    assert words == sorted(set(words))
    assert len(words) <= 200
    assert all(is_common(word) and is_common(f"{word.capitalize()}!") for word in words)
    assert not is_common("")


def test_the_cost_is_what_owasp_asks_for_at_least() -> None:
    assert hash_password(GOOD, RULES).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_password_gives_another_hash_each_time() -> None:
    assert hash_password(GOOD, CHEAP) != hash_password(GOOD, CHEAP)


def test_an_account_without_a_hash_never_matches() -> None:
    for password in ("", "nobody's password", GOOD):
        assert not matches("", password, CHEAP)


@pytest.mark.parametrize("broken", ["x", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA"])
def test_a_broken_hash_matches_nothing(broken: str) -> None:
    assert not matches(broken, GOOD, CHEAP)


def test_a_hash_of_another_cost_is_outdated_and_still_counts() -> None:
    stored = hash_password(GOOD, CHEAP)
    assert is_outdated(stored, RULES)
    assert not is_outdated(stored, CHEAP)
    assert matches(stored, GOOD, RULES)


def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    assert matches(hash_password("Zürich.7412", CHEAP), "Zu\u0308rich.7412", CHEAP)


def test_what_is_too_long_to_be_set_does_not_match_by_its_beginning() -> None:
    longest = "Ab1." * (MAX_LENGTH // 4)
    stored = hash_password(longest, CHEAP)
    assert matches(stored, longest, CHEAP)
    assert not matches(stored, longest + "x", CHEAP)
    assert not matches(stored, longest + "x" * 1_000_000, CHEAP)


def test_a_password_is_expired_from_its_last_day_on() -> None:
    changed = datetime(2026, 8, 1, tzinfo=UTC)
    assert not RULES.is_expired(changed, changed + timedelta(days=90) - timedelta(seconds=1))
    assert RULES.is_expired(changed, changed + timedelta(days=90))
    assert PasswordRules(max_age=timedelta(days=30)).is_expired(changed, changed + timedelta(days=30))


@given(st.text(max_size=MAX_LENGTH), st.text(max_size=MAX_LENGTH))
@settings(deadline=None, max_examples=50)
def test_a_hash_matches_its_password_and_no_other(password: str, other: str) -> None:
    """Whatever people type, lone surrogates included."""
    import unicodedata

    stored = hash_password(password, CHEAP)
    assert matches(stored, password, CHEAP)
    same = unicodedata.normalize("NFC", password) == unicodedata.normalize("NFC", other)
    assert matches(stored, other, CHEAP) == same
