"""Where a request may go: to public addresses, checked after the name was resolved.

A feed, a redirect or a name server may point at the machine's own network. The connection is made
to the very address that was checked, so a name that resolves otherwise a moment later gains
nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from index.fetch.errors import FetchFailed, FetchRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_PORT = {"http": 80, "https": 443}
# IPv4 addresses that a gateway would reach are written inside these.
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class AddressGuard:
    """Decides where requests may go."""

    def __init__(
        self, allowed: frozenset[tuple[str, int]] = frozenset(), resolve: Resolve | None = None
    ) -> None:
        """Bring together what deciding needs.

        Args:
            allowed: Hosts and ports, as URLs name them, that may lead anywhere.
            resolve: Gives the addresses of a host as text; the system's resolver without one.
        """
        self._allowed = allowed
        self._resolve = resolve or _resolve

    def check(self, url: str) -> None:
        """Check what can be told of a URL before its host is resolved.

        Raises:
            FetchRefused: If it may not be fetched.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise FetchRefused(f"its address cannot be read: {error}") from error
        if parts.scheme.lower() not in _PORT or not parts.hostname:
            raise FetchRefused("only http and https addresses are fetched")
        if parts.username is not None or parts.password is not None:
            raise FetchRefused("its address holds a user name or a password; leave it out")
        try:
            address = ipaddress.ip_address(parts.hostname)
        except ValueError:
            return
        place = (parts.hostname, port or _PORT[parts.scheme.lower()])
        if place not in self._allowed and not is_public(address):
            raise _private(parts.hostname, place[1])

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to; at least one.

        Raises:
            FetchRefused: If all of them are private.
            FetchFailed: If the host has none.
        """
        try:
            found = list(dict.fromkeys(self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"the host {host} cannot be found: {error}") from error
        if (host.lower(), port) in self._allowed:
            return found
        public = [one for one in found if is_public(ipaddress.ip_address(one.partition("%")[0]))]
        if not public:
            raise _private(host, port)
        return public


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet, however it is written."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _embedded(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if any(address in network for network in _NAT64) or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _private(host: str, port: int) -> FetchRefused:
    return FetchRefused(
        f"{host} is an address of a private network, which is not fetched; if it is meant, set "
        f"DATELINE_FETCH_ALLOW={host}:{port}"
    )


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]
