"""Passwords: rules by the level 3 practice of GB/T 22239-2019, and argon2id hashes of them.

Every fault of a new password is told at once. It never keeps, prints or compares a password in clear, and it never
reads the clock. Hashing takes some 30 ms and 19 MiB by design: never do it inside a write of the store.
"""

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gis.errors import InputError

MAX_LENGTH = 128
"""Longer ones are refused: hashing megabytes is work for an attacker to give."""

_UNLEET = str.maketrans({"@": "a", "$": "s", "0": "o"})
_CLEAR = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class PasswordRules:
    """What a new password must be.

    Parameters
    ----------
    min_length
        Characters.
    kinds
        Of lower case, upper case, digits and everything else, at least so many.
    remembered
        It differs from the last so many, the present one included.
    max_age
        After this time it must be changed.
    memory_kib, passes
        Cost of a hash; one lane. Hashes made with less are made anew at the next sign-in.
    """

    min_length: int = 10
    kinds: int = 3
    remembered: int = 3
    max_age: timedelta = timedelta(days=90)
    memory_kib: int = 19 * 1024
    passes: int = 2

    def is_expired(self, changed_at: datetime, now: datetime) -> bool:
        """The password must be changed."""
        return now - changed_at >= self.max_age


def hash_password(password: str, rules: PasswordRules) -> str:
    """The argon2id hash of a password, with its salt and cost, as text.

    Notes
    -----
    19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's second setting.
    """
    return _hasher(rules).hash(_bytes(password))


def matches(stored: str, password: str, rules: PasswordRules) -> bool:
    """The password is the one behind a hash; an account without a hash costs the same time and never matches."""
    wanted = stored or _nobody(rules)
    try:
        right = _hasher(rules).verify(wanted, _bytes(password[: MAX_LENGTH + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(stored)


def is_outdated(stored: str, rules: PasswordRules) -> bool:
    """The hash was made at another cost than is asked for now."""
    return _hasher(rules).check_needs_rehash(stored)


def require_good(password: str, name: str, *, rules: PasswordRules, earlier: Sequence[str] = ()) -> None:
    """Refuse a weak new password.

    Parameters
    ----------
    name
        The account.
    earlier
        Hashes of the passwords before, latest first.

    Raises
    ------
    InputError
        Naming every rule that it breaks, and never the password.
    """
    faults = _faults(password, name, rules)
    if any(matches(stored, password, rules) for stored in earlier[: rules.remembered]):
        count = rules.remembered
        faults.append((f"不能与最近 {count} 次的密码相同", f"it must differ from the last {count} passwords"))
    if faults:
        raise InputError(
            zh=f"密码不符合要求:{';'.join(zh for zh, _ in faults)}。",
            en=f"The password will not do: {'; '.join(en for _, en in faults)}.",
        )


def one_time_password(name: str = "") -> str:
    """A random password that the rules allow, over 110 bits, without letters that are read for others.

    Parameters
    ----------
    name
        The account, which it must not contain by chance.
    """
    while True:
        made = "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(5))
        if not _faults(made, name or made + "x", PasswordRules()):
            return made


def is_common(password: str) -> bool:
    """The password, or its letters without the digits and signs around them, is on the list of the commonest."""
    folded = _normal(password).casefold()
    plain = {folded, folded.strip("!@#$%^&*()_+-=.,?~ "), folded.translate(_UNLEET)}
    letters = {word.strip("0123456789!@#$%^&*()_+-=.,?~ ") for word in plain}
    return not _common().isdisjoint(plain | letters | {word.translate(_UNLEET) for word in letters})


def _faults(password: str, name: str, rules: PasswordRules) -> list[tuple[str, str]]:
    text = _normal(password)
    faults = []
    if len(text) < rules.min_length:
        faults.append((f"至少 {rules.min_length} 个字符", f"it needs at least {rules.min_length} characters"))
    if len(text) > MAX_LENGTH:
        faults.append((f"不超过 {MAX_LENGTH} 个字符", f"it has more than {MAX_LENGTH} characters"))
    if _kinds(text) < rules.kinds:
        faults.append(
            (
                f"大写字母、小写字母、数字、其他字符中至少含 {rules.kinds} 种",
                f"it needs {rules.kinds} of: capitals, small letters, digits, other characters",
            )
        )
    if _normal(name).casefold() in text.casefold():
        faults.append(("不能包含账号名", "it must not contain the account name"))
    if is_common(text):
        faults.append(("过于常见", "it is one of the commonest"))
    return faults


def _kinds(text: str) -> int:
    kinds = {"lower" if c.islower() else "upper" if c.isupper() else "digit" if c.isdigit() else "other" for c in text}
    return len(kinds)


def _normal(text: str) -> str:
    # The same key strokes on two systems may give composed or decomposed characters.
    return unicodedata.normalize("NFC", text)


def _bytes(password: str) -> bytes:
    # A form may bring lone surrogates, which UTF-8 refuses.
    return _normal(password).encode("utf-8", "surrogatepass")


@lru_cache
def _hasher(rules: PasswordRules) -> PasswordHasher:
    return PasswordHasher(time_cost=rules.passes, memory_cost=rules.memory_kib, parallelism=1)


@lru_cache
def _nobody(rules: PasswordRules) -> str:
    return _hasher(rules).hash("nobody's password")


@lru_cache
def _common() -> frozenset[str]:
    return frozenset((files("webmap.auth") / "common_passwords.txt").read_text("utf-8").split())
