"""Signatures of webhooks as Standard Webhooks has them: HMAC-SHA-256 over id, moment and body, one for each key in use.

Source: the specification of Standard Webhooks, version 1.0.0 (symmetric signatures, ``v1``). It knows no network.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from gis.errors import AuthError, ConfigError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""Names of the headers."""

PREFIX = "whsec_"
TOLERANCE_S = 300
"""A message is fresh for so long before and after its moment."""

_LEAST, _MOST = 24, 64


def key_bytes(secret: str) -> bytes:
    """The key in a secret: base64 of 24 to 64 bytes, with ``whsec_`` before it or not.

    Raises
    ------
    ConfigError
        It is none; the message does not repeat it.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _LEAST <= len(key) <= _MOST:
        raise ConfigError(
            zh="Webhook 密钥应为 24 至 64 字节的 base64(可加前缀 whsec_)。",
            en="A webhook secret is base64 of 24 to 64 bytes, with or without whsec_ before it.",
        )
    return key


def signed_headers(secrets: Sequence[str], message_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """The three headers of a message; while a key is being replaced, old and new sign both.

    Parameters
    ----------
    at_s
        Moment of sending, seconds since 1970.
    """
    signatures = " ".join(_signature(key_bytes(secret), message_id, at_s, body) for secret in secrets)
    return {ID: message_id, TIMESTAMP: str(at_s), SIGNATURE: signatures}


def require_signature(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, now_s: int) -> str:
    """The id of a message that somebody with one of the secrets signed within the last five minutes.

    Raises
    ------
    AuthError
        A header is missing, the moment is too old or too far ahead, or no signature is right.
    """
    told = {name.lower(): value for name, value in headers.items()}
    message_id, stamp = told.get(ID, ""), told.get(TIMESTAMP, "")
    fresh = stamp.isascii() and stamp.isdigit() and len(stamp) < 16 and abs(now_s - int(stamp)) <= TOLERANCE_S
    if message_id and fresh:
        wanted = [_signature(key_bytes(secret), message_id, int(stamp), body).encode() for secret in secrets]
        for given in told.get(SIGNATURE, "").encode("utf-8", "surrogatepass").split(b" "):
            # Every key is compared, whichever is right.
            if any([hmac.compare_digest(given, each) for each in wanted]):  # noqa: C419
                return message_id
    raise AuthError(zh="签名无效或已过期。", en="The signature is wrong or too old.")


def _signature(key: bytes, message_id: str, at_s: int, body: bytes) -> str:
    signed = f"{message_id}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
