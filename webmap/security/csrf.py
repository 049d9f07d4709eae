"""Requests that change something must come from our own pages: by where the browser says they come from, and by a token.

It knows requests and tokens, and no accounts.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Request

from gis.errors import ScopeError

HEADER = "X-CSRF-Token"
FIELD = "csrf"


def csrf_token(session: str) -> str:
    """The token that our pages send back, bound to a session; it tells nothing about it."""
    return hashlib.sha256(b"wangge csrf\0" + session.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def require_same_site(request: Request) -> None:
    """Refuse a changing request that another site makes a browser send.

    Raises
    ------
    ScopeError
        The browser says so in ``Sec-Fetch-Site`` or ``Origin`` (Fetch standard; OWASP CSRF cheat sheet).
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    origin = request.headers.get("Origin", "")
    foreign = site not in ("", "same-origin", "none") or (
        origin not in ("",) and urlsplit(origin).netloc != request.host
    )
    if foreign:
        raise _refused()


def require_token(request: Request, session: str) -> None:
    """Refuse a changing request without the page's token.

    Raises
    ------
    ScopeError
        The token is missing or belongs to another session.
    """
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), csrf_token(session).encode()):
        raise _refused()


def _refused() -> ScopeError:
    return ScopeError(
        zh="请求不是从本系统页面发出的,或页面已过期;请刷新后重试。",
        en="The request did not come from a page of ours, or the page is out of date; reload it and try again.",
    )
