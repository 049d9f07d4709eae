"""One-time codes of six digits that change every 30 s (TOTP, RFC 6238).

It knows no account: who keeps the secret also keeps which step was used last, so that no code counts twice.
"""

import hmac
from datetime import datetime

import pyotp

STEP_S = 30
_DRIFT = 1


def new_secret() -> str:
    """A fresh secret, base 32, 160 bits."""
    return pyotp.random_base32()


def device_url(secret: str, name: str, *, issuer: str = "Wangge") -> str:
    """What a device reads as a QR code (``otpauth://``)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def matching_step(secret: str, code: str, *, now: datetime, after: int | None) -> int | None:
    """The step to which a code belongs, none for a wrong or used one.

    Parameters
    ----------
    after
        The step used last; codes of it and of those before it are spent.

    Notes
    -----
    One step of drift to both sides is accepted.
    """
    typed = "".join(code.split())
    codes = pyotp.TOTP(secret, interval=STEP_S)
    present = int(now.timestamp()) // STEP_S
    found = None
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if hmac.compare_digest(codes.generate_otp(step).encode(), typed.encode("utf-8", "surrogatepass")):
            found = step
    return found if found is not None and (after is None or found > after) else None
