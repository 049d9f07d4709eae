"""A webhook gets signed bytes at the checked address; redirects, slow drips and refusals are failures in plain words."""

import json
import socket
import threading

import pytest

from gis.errors import DeliveryError
from tests.webmap.notify.receiving import Hook, web_server
from tests.webmap.notify.test_receivers import SECRET, message
from tests.webmap.store.conftest import NOW
from webmap.notify.receivers import Webhook
from webmap.notify.signing import require_signature
from webmap.notify.webhooks import WebhookSender


def sender(url: str, *, allow_private: bool = True, timeout_s: int = 5) -> WebhookSender:
    return WebhookSender(Webhook("city", url, (SECRET,), allow_private=allow_private, timeout_s=timeout_s))


def test_a_receiver_can_trust_what_it_gets() -> None:
    with web_server(Hook()) as hook:
        sender(hook.url).send(message(), now=NOW)
    headers, body = hook.got[0]
    assert require_signature([SECRET], headers, body, now_s=int(NOW.timestamp())) == "msg-1"
    assert json.loads(body)["type"] == "event.dispatch"
    assert headers["Host"] == f"127.0.0.1:{hook.port}"


def test_nobody_is_followed_elsewhere() -> None:
    with (
        web_server(Hook()) as inner,
        web_server(Hook(answer=lambda _: 307, location=inner.url)) as hook,
        pytest.raises(DeliveryError, match="answered 307"),
    ):
        sender(hook.url).send(message(), now=NOW)
    assert inner.got == []


def test_a_private_address_is_not_even_connected_to() -> None:
    with web_server(Hook()) as hook, pytest.raises(DeliveryError, match="not allowed"):
        sender(hook.url, allow_private=False).send(message(), now=NOW)
    assert hook.got == []


def test_a_receiver_that_is_down_is_no_error_of_ours() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DeliveryError, match="no connection"):
        sender(f"http://127.0.0.1:{port}/").send(message(), now=NOW)


def dripping(answer: bytes) -> tuple[str, threading.Thread]:
    """A server that says one thing after another for as long as it is listened to."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as peer:
            peer.recv(65536)
            try:
                while True:
                    peer.sendall(answer)
                    threading.Event().wait(0.05)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/", thread


@pytest.mark.parametrize("answer", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n", b"\xff\xfe\r\n"])
def test_a_drip_does_not_hold_the_others_up(answer: bytes) -> None:
    url, thread = dripping(answer)
    with pytest.raises(DeliveryError, match="no connection"):
        sender(url, timeout_s=1).send(message(), now=NOW)
    thread.join(10)
    assert not thread.is_alive()
