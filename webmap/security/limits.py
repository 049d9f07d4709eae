"""How often one address may ask: sign-ins few, everything else enough for a wall of open maps behind one address.

Counts are kept by each worker for itself, so that the true limit is up to as many times higher as there are workers.
"""

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from gis.errors import TooManyError
from webmap.config import Config

_SIGN_IN = frozenset({"auth.sign_in", "auth.oidc_start", "auth.oidc_back", "auth.change_password"})


class Limits:
    """The limits of one application."""

    def __init__(self, config: Config) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._sign_in: RateLimitItem = parse(config.sign_in_limit)
        self._all: RateLimitItem = parse(config.request_limit)

    def check(self, endpoint: str, address: str) -> None:
        """Count a request.

        Raises
        ------
        TooManyError
            The address has asked too often.
        """
        if endpoint == "static":
            return
        item, kind = (self._sign_in, "sign-in") if endpoint in _SIGN_IN else (self._all, "all")
        if not self._limiter.hit(item, kind, address):
            raise TooManyError(
                zh="请求过于频繁,请稍后再试。", en="Too many requests from your address; please wait a little."
            )
