"""A transport that resolves a source's name once per call and connects to the addresses that were checked, and nowhere else."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import httpx

from services.ingest.sources.errors import SourceMisconfigured
from services.ingest.sources.http.addresses import IP, Address, Permitted
from shared.languages import bilingual

Resolve = Callable[[str, int], Awaitable[Sequence[IP]]]


async def resolved(host: str, port: int) -> Sequence[IP]:
    """The addresses of a name by the system's resolver, in its order; raises `OSError` where it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(entry[4][0]) for entry in found]


class PinnedTransport(httpx.AsyncBaseTransport):
    """HTTP to one address.

    The connection goes to an IP that was checked for this very call, while the Host header, the name in the TLS handshake and
    the name that the certificate must bear stay those of the address. Connections are kept per IP.
    """

    def __init__(
        self,
        address: Address,
        permitted: Permitted,
        *,
        limits: httpx.Limits,
        resolve: Resolve = resolved,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        """`verify` as httpx has it."""
        self._address, self._permitted, self._resolve = address, permitted, resolve
        self._inner = httpx.AsyncHTTPTransport(verify=verify, limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises `SourceMisconfigured` where the name leads to an address that may not be called, else what httpx raises."""
        port = request.url.port or {"https": 443, "http": 80}.get(request.url.scheme)
        if (request.url.scheme, request.url.host, port) != self._address:
            raise SourceMisconfigured(
                bilingual(
                    "A call went astray: this source is read at {address} alone.",
                    "Lời gọi đi sai chỗ: nguồn này chỉ được đọc tại {address}.",
                    address=self._address.written,
                )
            )
        ips = await self._ips()
        self._permitted.require_called(self._address, ips)
        failure: httpx.TransportError = httpx.ConnectError("the name has no address")
        for ip in ips:
            try:
                return await self._inner.handle_async_request(self._to(ip, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _ips(self) -> Sequence[IP]:
        try:
            return [ip_address(self._address.host)]
        except ValueError:
            pass
        try:
            return list(dict.fromkeys(await self._resolve(self._address.host, self._address.port)))
        except OSError as error:
            raise httpx.ConnectError("the name has no address") from error

    def _to(self, ip: IP, request: httpx.Request) -> httpx.Request:
        return httpx.Request(
            request.method,
            request.url.copy_with(host=str(ip)),
            headers=request.headers,  # with the Host of the address
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": self._address.host},
        )

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._inner.aclose()
