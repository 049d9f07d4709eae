"""Which network addresses a message may go to: public ones only, unless the operator says otherwise for a receiver.

Names are resolved here once, and the connection goes to the address that was checked, so that a name cannot point
elsewhere a moment later.
"""

import ipaddress
import socket

from gis.errors import DeliveryError


def checked_address(host: str, port: int, *, allow_private: bool) -> tuple[str, int]:
    """An address of a host that may be connected to.

    Parameters
    ----------
    allow_private
        Addresses of inner networks and of this machine count too.

    Raises
    ------
    DeliveryError
        The name is unknown, or one of its addresses is not allowed: then none of them is used.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(zh="域名无法解析。", en="the name cannot be resolved") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not addresses or not all(_is_allowed(each, allow_private) for each in addresses):
        raise DeliveryError(
            zh="地址属于内网或本机,未获许可。", en="the address is private or of this machine, which is not allowed"
        )
    return addresses[0], port


def _is_allowed(text: str, allow_private: bool) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    address = mapped or address
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        # The metadata services of clouds live on link-local addresses; no receiver does.
        return False
    return allow_private or address.is_global
