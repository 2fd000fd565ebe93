"""HTTP over connections that go only to addresses which the guard has checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import httpcore
import httpx


class AddressSource(Protocol):
    """The part of the guard that connecting needs."""

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to; at least one."""
        ...


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolves a host once, through the guard, and connects to what came of it.

    TLS still names and proves the host: only the socket's address is chosen here.
    """

    def __init__(self, source: AddressSource) -> None:
        self._source = source
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._source.addresses(host, port)[:4]:
            try:
                return self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def open_client(
    source: AddressSource, *, user_agent: str, connect_seconds: float, read_seconds: float
) -> httpx.Client:
    """A client without proxies, cookies or redirects of its own; the caller closes it."""
    authorities = httpx.create_ssl_context(trust_env=False)  # reading them takes 30 ms
    transport = httpx.HTTPTransport(verify=authorities, trust_env=False)
    # httpx has no public way to hand its pool a network backend; the version is locked, and a
    # test asserts that requests do pass the guard.
    transport._pool.close()
    transport._pool = httpcore.ConnectionPool(
        ssl_context=authorities,
        max_connections=32,
        max_keepalive_connections=16,
        keepalive_expiry=15.0,
        network_backend=_GuardedBackend(source),
    )
    return httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(read_seconds, connect=connect_seconds),
        headers={
            "User-Agent": user_agent,
            # Only what can be unpacked piece by piece against a limit.
            "Accept-Encoding": "gzip, deflate",
            "Accept": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5",
        },
    )
