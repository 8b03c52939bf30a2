"""The HTTP client of every adapter: httpx's requests and answers over aiohttp's connections, and nothing in between.

httpx's own pool collapses at 50 requests in flight. What its client does around a call (a cookie jar, redirects, hooks,
authentication) is of no use here and takes as much time as the call itself (docs/performance.md). No cookies are kept:
what one provider sets is nobody's to send.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

CONNECTIONS = 200
KEPT_ALIVE = 5.0  # seconds: shorter than servers keep theirs, so that no request meets a closing connection
NAMES = ("content", "data", "files", "json", "params", "headers")  # what a request of ours may be made of


def http_client(timeout: float, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client over aiohttp, or over `transport`. `timeout` in seconds, for connecting and for each wait on the
    answer."""
    return DirectClient(transport=transport or _over_aiohttp(), timeout=timeout, follow_redirects=False)


class DirectClient(httpx.AsyncClient):
    """Builds a request from what it is given and the client's own headers, and hands it to the transport. Whatever asks
    for more than that goes the long way through httpx."""

    def __init__(self, *, transport: httpx.AsyncBaseTransport, timeout: float, follow_redirects: bool) -> None:
        super().__init__(transport=transport, timeout=timeout, follow_redirects=follow_redirects)
        self._own_headers = tuple(self.headers.items())
        self._own_timeout = self.timeout.as_dict()

    def build_request(self, method: str, url: httpx.URL | str, **given: Any) -> httpx.Request:
        """The request, with the client's timeout."""
        if any(name not in NAMES for name in given):
            return super().build_request(method, url, **given)
        headers = self._with_own(given.pop("headers", None))
        content = {name: value for name, value in given.items() if value is not None}
        return httpx.Request(method, parsed(url), headers=headers, extensions={"timeout": self._own_timeout}, **content)

    async def send(self, request: httpx.Request, **given: Any) -> httpx.Response:
        """The answer, read to its end. Raises httpx's errors."""
        if given:
            return await super().send(request, **given)
        if self.is_closed:
            raise RuntimeError("the client is closed")
        request.extensions = {"timeout": self._own_timeout, **request.extensions}
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            await response.aread()
        except BaseException:
            await response.aclose()
            raise
        return response

    def _with_own(self, headers: Any) -> list[tuple[str, str]]:
        given = list(headers.items() if isinstance(headers, Mapping) else headers or ())
        named = {name.lower() for name, _ in given}
        return [*(one for one in self._own_headers if one[0] not in named), *given]


@lru_cache(maxsize=256)
def parsed(url: httpx.URL | str) -> httpx.URL:
    """A provider has few addresses, and each is read once."""
    return httpx.URL(url)


def _over_aiohttp() -> httpx.AsyncBaseTransport:
    context = httpx.create_ssl_context()

    def session() -> aiohttp.ClientSession:  # made at the first call, in its loop
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEPT_ALIVE, ssl=context)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(client=session)
