"""HTTP to addresses that strangers chose: webhooks, browsers' push services, links to news.

The guard knows which addresses are public and refuses all others, however they are written down and whatever DNS says
the second time: names are looked up once, what comes of that is checked, and the connection goes to what was checked.
An answer is never read further than a limit, and never unpacked unasked.
"""

import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType
from httpx_aiohttp import AiohttpTransport
from yarl import URL

from core.errors import Refused, Uncertain
from core.providers.base import chain, exchange, failure
from core.providers.http import CONNECTIONS, KEPT_ALIVE

Address = IPv4Address | IPv6Address
Allows = Callable[[Address], bool]
FORBIDDEN = "forbidden_address"
ANSWER = 64 * 1024  # bytes of an answer that are read: status and headers say it all
REDIRECTS = {301, 302, 303, 307, 308}
NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)  # a last label that makes a host a number (WHATWG URL)
# IANA's registries of special-purpose addresses; not Python's `is_global`, which changes from release to release.
SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",  # looks public, and is the inside of Azure
        ),
    )
)  # fmt: skip
GLOBAL_V6 = IPv6Network("2000::/3")  # all else is loopback, local, multicast, IPv4 in disguise or unassigned
SPECIAL_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")))


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet. IPv6 forms that carry an IPv4 address (mapped, 6to4, NAT64,
    Teredo) never do, whatever they carry."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_V4)
    return address in GLOBAL_V6 and not any(address in network for network in SPECIAL_V6)


def is_any(address: Address) -> bool:
    """What a network of one's own needs: every address."""
    return True


class ForbiddenAddress(OSError):
    """A connection to an address that may not be called; to aiohttp, one that could not be made."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document and where it was found in the end. Names of headers are lower-case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class GuardedClient(httpx.AsyncClient):
    """An HTTP client that calls only what the guard allows. It follows no redirect and keeps no cookie."""

    async def get_following(self, url: str, *, max_redirects: int = 5, max_bytes: int = 2 * 1024 * 1024) -> Fetched:
        """The document at an address, unpacked. Every hop is checked. Raises `Refused`: forbidden_address,
        invalid_address, too_many_redirects, too_big, content_refused; else what `exchange` and `failure` raise."""
        target = parsed(url)
        for _hop in range(max_redirects + 1):
            request = self.build_request("GET", target, extensions={"max_bytes": max_bytes + 1})
            response = await exchange(self, request)
            if response.status_code not in REDIRECTS or "location" not in response.headers:
                return _fetched(response, max_bytes)
            target = parsed(response.headers["location"], base=target)
        raise Refused("too_many_redirects", f"more than {max_redirects}")


def guarded_client(
    timeout: float,
    *,
    allows: Allows = is_public,
    resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver,
    verify: ssl.SSLContext | bool = True,
) -> GuardedClient:
    """`timeout` in seconds, for connecting and for each wait on the answer."""
    transport = GuardedTransport(allows, resolver, verify)
    return GuardedClient(transport=transport, timeout=httpx.Timeout(timeout), follow_redirects=False)


class GuardedTransport(AiohttpTransport):
    """aiohttp's transport with the guard at each of its doors."""

    def __init__(
        self, allows: Allows, resolver: Callable[[], AbstractResolver], verify: ssl.SSLContext | bool = True
    ) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_ALIVE)
        super().__init__(verify=verify, limits=limits)
        self._allows, self._resolver = allows, resolver

    def get_client(self) -> aiohttp.ClientSession:
        """Made at the first request, inside the loop."""
        connector = aiohttp.TCPConnector(
            limit=CONNECTIONS, keepalive_timeout=KEPT_ALIVE, ssl=self.ssl_context, use_dns_cache=False,
            resolver=CheckedResolver(self._resolver(), self._allows), socket_factory=self._socket,
        )  # fmt: skip
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, cut where it gets too long; raises `Refused` where the address may not be called."""
        check_url(request.url, self._allows)
        request.headers["accept-encoding"] = "identity"
        try:
            response = await super().handle_async_request(request)
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
            if any(isinstance(one, ForbiddenAddress) for one in chain(error)):
                raise Refused(FORBIDDEN, "its name leads to an address that is not public") from error
            raise
        return _cut(response, request.extensions.get("max_bytes", ANSWER))

    def _socket(self, info: AddrInfoType) -> socket.socket:
        """The last door: whatever was read out of an address, this is where the connection would go."""
        family, kind, protocol, _name, where = info
        if not self._allows(_address(str(where[0]))):
            raise ForbiddenAddress("not a public address")
        return socket.socket(family, kind, protocol)


class CheckedResolver(AbstractResolver):
    """Looks a name up once and hands on the addresses that may be called."""

    def __init__(self, inner: AbstractResolver, allows: Allows) -> None:
        self._inner, self._allows = inner, allows

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        good = [one for one in found if self._allows(_address(one["host"]))]
        if found and not good:
            raise ForbiddenAddress("no public address")
        return good

    async def close(self) -> None:
        await self._inner.close()


def parsed(url: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address as it is called; raises `Refused` where it is none."""
    try:
        return base.join(url) if base else httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise Refused("invalid_address", "not a web address", hard=True) from error


def check_url(url: httpx.URL, allows: Allows = is_public) -> None:
    """Raises `Refused` for what is no http or https address, for one with a name and password in it, and for a number
    that is not a public address. A name is checked when it is looked up."""
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused("invalid_address", "not an http or https address", hard=True)
    if url.userinfo:
        raise Refused(FORBIDDEN, "a web address with a name and password in it")
    host = url.raw_host.decode()
    if _read_by_aiohttp(url) != host:
        raise Refused(FORBIDDEN, "a web address that can be read in two ways")
    number = _literal(host)
    if number is not None and not allows(number):
        raise Refused(FORBIDDEN, "not a public address")
    if number is None and NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Refused(FORBIDDEN, "a number instead of a name")


def _read_by_aiohttp(url: httpx.URL) -> str | None:
    """The host to which the connection would go."""
    try:
        return URL(str(url)).raw_host
    except ValueError as error:
        raise Refused("invalid_address", "not a web address", hard=True) from error


def _literal(host: str) -> Address | None:
    try:
        return _address(host)
    except ValueError:
        return None


def _address(text: str) -> Address:
    return ip_address(text.partition("%")[0])


def _cut(response: httpx.Response, limit: int) -> httpx.Response:
    """The same answer with at most `limit` bytes, still packed: a few packed bytes can hold gigabytes."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    headers = httpx.Headers(response.headers)
    encoding = headers.pop("content-encoding", "identity")
    extensions = {**response.extensions, "encoding": encoding.strip().lower()}
    return httpx.Response(
        response.status_code, headers=headers, stream=_Limited(response.stream, limit), extensions=extensions
    )


class _Limited(httpx.AsyncByteStream):
    """The first `limit` bytes of a stream. What is left unread closes the connection."""

    def __init__(self, stream: httpx.AsyncByteStream, limit: int) -> None:
        self._stream, self._left = stream, limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk[: self._left]
            self._left -= len(chunk)
            if self._left <= 0:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()


def _fetched(response: httpx.Response, max_bytes: int) -> Fetched:
    if not response.is_success:
        raise failure(response)
    body = _unpacked(response.content, response.extensions["encoding"], max_bytes + 1)
    if len(body) > max_bytes:
        raise Refused("too_big", f"more than {max_bytes} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Fetched(str(response.url), response.status_code, headers, body)


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """At most `limit` bytes. We ask for nothing packed; some servers pack all the same."""
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Refused("content_refused", "packed in a way that was not asked for")
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, limit)
    except zlib.error as error:
        raise Uncertain("uncertain", "an answer that can't be unpacked") from error
