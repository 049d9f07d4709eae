"""A message goes to public addresses only, unless the operator allows a private one."""

import socket

import pytest

from gis.errors import DeliveryError
from webmap.notify.addresses import checked_address

PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"),
    *("2130706433", "0x7f.1", "localhost", "2002:7f00:1::"),
]
NEVER = ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::", "::ffff:169.254.169.254"]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_need_a_word_of_the_operator(host: str) -> None:
    with pytest.raises(DeliveryError, match="not allowed"):
        checked_address(host, 443, allow_private=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "fd00::1"])
def test_the_operator_may_allow_them(host: str) -> None:
    assert checked_address(host, 443, allow_private=True) == (host, 443)


@pytest.mark.parametrize("host", NEVER)
def test_some_addresses_are_nobodys_receiver(host: str) -> None:
    with pytest.raises(DeliveryError, match="not allowed"):
        checked_address(host, 443, allow_private=True)


def test_public_addresses_are_used() -> None:
    assert checked_address("1.2.4.8", 443, allow_private=False) == ("1.2.4.8", 443)


def test_one_private_address_of_a_name_shuts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers with a public address and an inner one would be tried in turn."""
    kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    found = [(*kind, ("1.2.4.8", 443)), (*kind, ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(DeliveryError, match="not allowed"):
        checked_address("both.example.cn", 443, allow_private=False)


def test_a_name_that_is_none_is_told_plainly() -> None:
    with pytest.raises(DeliveryError, match="cannot be resolved"):
        checked_address("a" * 64 + ".example", 443, allow_private=False)
