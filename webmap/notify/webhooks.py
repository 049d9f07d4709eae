"""Sends a message to a webhook: signed, to a checked address, without following anybody elsewhere.

An answer of 200 to 299 means taken; its content is not read. What a receiver sends back is never kept.
"""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from urllib.parse import urlsplit

from gis.errors import DeliveryError
from webmap.notify.addresses import checked_address
from webmap.notify.receivers import Wanted, Webhook
from webmap.notify.signing import signed_headers
from webmap.store.outbox import Message

AGENT = "wangge-webhook/1"


class WebhookSender:
    """Sends to one webhook.

    Parameters
    ----------
    webhook
        Where to and with which keys.
    tls
        Makes the context for HTTPS; the system's authorities unless told.
    """

    def __init__(self, webhook: Webhook, *, tls: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._webhook = webhook
        self._tls = tls

    @property
    def name(self) -> str:
        """Of the receiver."""
        return self._webhook.name

    @property
    def wanted(self) -> Wanted:
        """Which messages it gets."""
        return self._webhook.wanted

    def send(self, message: Message, *, now: datetime) -> None:
        """Return when the receiver took it.

        Raises
        ------
        DeliveryError
            It cannot be reached, may not be, or answered something else than 200 to 299.
        """
        body = message_body(message)
        headers = {"Content-Type": "application/json", "User-Agent": AGENT}
        headers |= signed_headers(self._webhook.secrets, message.id, int(now.timestamp()), body)
        try:
            with closing(self._connection()) as connection, _limited(connection, self._webhook.timeout_s):
                connection.request("POST", self._path(), body=body, headers=headers)
                status = connection.getresponse().status
        except (OSError, ValueError, http.client.HTTPException) as error:
            kind = type(error).__name__
            raise DeliveryError(zh=f"连接失败({kind})。", en=f"no connection ({kind})") from error
        if not 200 <= status < 300:
            raise DeliveryError(zh=f"接收方答复 {status}。", en=f"the receiver answered {status}")

    def _path(self) -> str:
        parts = urlsplit(self._webhook.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._webhook.url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        address = checked_address(host, port, allow_private=self._webhook.allow_private)
        plain = socket.create_connection(address, timeout=self._webhook.timeout_s)
        try:
            # The certificate is that of the name, whatever address it has now.
            channel = self._tls().wrap_socket(plain, server_hostname=host) if secure else plain
        except BaseException:
            plain.close()
            raise
        # The scheme decides which port is left out of the Host header.
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(host, port, timeout=self._webhook.timeout_s)
        connection.sock = channel
        return connection


@contextmanager
def _limited(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """End a conversation after so long: the timeout of a socket begins anew with every byte that drips in."""
    channel = connection.sock

    def cut() -> None:
        with suppress(OSError):
            channel.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def message_body(message: Message) -> bytes:
    """The bytes that are signed and sent: the same for every delivery of a message."""
    text = json.dumps(message.document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")
