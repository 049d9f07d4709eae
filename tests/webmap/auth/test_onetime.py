"""One-time codes: the published ones of RFC 6238, with a step of drift, each once."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from webmap.auth.onetime import device_url, matching_step, new_secret

SECRET = base64.b32encode(b"12345678901234567890").decode()
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1, the last six of its eight digits."""
    now = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(SECRET, code, now=now, after=None) == seconds // 30


def test_a_step_of_drift_is_forgiven_and_two_are_not() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    code = pyotp.TOTP(SECRET).at(now)
    for drift in (-STEP, timedelta(0), STEP):
        assert matching_step(SECRET, code, now=now + drift, after=None) == now.timestamp() // 30
    for drift in (-2 * STEP, 2 * STEP):
        assert matching_step(SECRET, code, now=now + drift, after=None) is None


def test_a_code_counts_once() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    code = pyotp.TOTP(SECRET).at(now)
    step = matching_step(SECRET, code, now=now, after=None)
    assert step is not None
    assert matching_step(SECRET, code, now=now, after=step) is None
    assert matching_step(SECRET, code, now=now, after=step - 1) == step


@pytest.mark.parametrize("code", ["", "1", "abcdef", "\ud800", "２８７０８２", "0" * 10_000])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SECRET, code, now=datetime.fromtimestamp(59, UTC), after=None) is None


def test_a_device_is_told_issuer_and_name() -> None:
    secret = new_secret()
    assert len(secret) == 32
    assert secret != new_secret()
    assert device_url(secret, "李强").startswith("otpauth://totp/Wangge:%E6%9D%8E%E5%BC%BA?secret=" + secret)
