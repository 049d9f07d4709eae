"""How often one address may ask: sign-ins few, everything else enough for a wall of open maps behind one address.

Counts are kept by each worker for itself, so that the true limit is up to as many times higher as there are workers.
"""

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from gis.errors import TooManyError
from webmap.config import Config

_SIGN_IN = frozenset({"auth.sign_in", "auth.oidc_start", "auth.oidc_back", "auth.change_password"})

_RECEIPT = frozenset({"receipts.follow", "receipts.move", "receipts.order"})
_VISITOR = {"reports.send": "report", "reports.photo": "photo", "reports.check": "check"}


class Limits:
    """The limits of one application."""

    def __init__(self, config: Config) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._sign_in: RateLimitItem = parse(config.sign_in_limit)
        self._all: RateLimitItem = parse(config.request_limit)
        self._receipt: RateLimitItem = parse(config.receipt_limit)
        self._report: RateLimitItem = parse(config.report_limit)

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
        if endpoint in _RECEIPT:
            item, kind = self._receipt, "receipt"
        self._hit(item, kind, address)

    def check_visitor(self, endpoint: str, address: str) -> None:
        """Count what somebody without an account sends.

        Raises
        ------
        TooManyError
            The address has sent too much.
        """
        kind = _VISITOR.get(endpoint)
        if kind is not None:
            # What is only checked is kept nowhere, but it tells what is near: it is counted like questions by receipt.
            self._hit(self._receipt if kind == "check" else self._report, kind, address)

    def _hit(self, item: RateLimitItem, kind: str, address: str) -> None:
        if not self._limiter.hit(item, kind, address):
            raise TooManyError(
                zh="请求过于频繁,请稍后再试。", en="Too many requests from your address; please wait a little."
            )
