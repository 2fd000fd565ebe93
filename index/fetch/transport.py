"""HTTP over connections that go only to addresses which the guard has checked, and end in time."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any, Protocol

import httpcore
import httpx

from index.fetch.deadline import Deadline


class AddressSource(Protocol):
    """The part of the guard that connecting needs."""

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to; at least one."""
        ...


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.cap(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.cap(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.cap(timeout)
        return _TimedStream(
            self._inner.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolves a host once, through the guard, and connects to what came of it.

    TLS still names and proves the host: only the socket's address is chosen here.
    """

    def __init__(self, source: AddressSource, deadline: Deadline) -> None:
        self._source = source
        self._deadline = deadline
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
                left = self._deadline.cap(timeout)
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def open_client(
    source: AddressSource,
    deadline: Deadline,
    *,
    user_agent: str,
    connect_seconds: float,
    read_seconds: float,
) -> httpx.Client:
    """A client without proxies, cookies or redirects of its own; the caller closes it.

    Each thread begins the deadline before it asks.
    """
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
        network_backend=_GuardedBackend(source, deadline),
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
