"""The client that every adapter calls with."""

import gzip
from collections.abc import Iterator

import httpx
import pytest

from core.providers.http import http_client


class Server(httpx.MockTransport):
    """Keeps what it was asked; answers the same to all."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(self._reply)
        self.asked: list[httpx.Request] = []
        self._answer = answer

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer


class Torn(httpx.AsyncByteStream):
    """An answer that ends too early; knows whether it was closed."""

    is_closed = False

    async def __aiter__(self) -> Iterator[bytes]:
        yield b"half of"
        raise httpx.ReadError("gone")

    async def aclose(self) -> None:
        self.is_closed = True


async def test_a_request_has_the_clients_headers_and_timeout_and_ours_first():
    """As httpx's own client would send it."""
    server = Server(httpx.Response(202, json={"id": "1"}))
    async with http_client(3, server) as http:
        headers = {"Authorization": "Bearer key", "USER-AGENT": "Postrider"}
        request = http.build_request(
            "POST", "https://api.example.org/send", params={"a": "b"}, json={}, headers=headers
        )
        answer = await http.send(request)

    theirs = httpx.AsyncClient(timeout=3).build_request("POST", request.url, json={}, headers=headers)
    (asked,) = server.asked
    assert answer.json() == {"id": "1"}
    assert answer.request is asked
    assert asked.url == "https://api.example.org/send?a=b"
    assert dict(asked.headers) == dict(theirs.headers)
    assert asked.extensions == theirs.extensions


async def test_a_request_of_ones_own_gets_the_timeout_too():
    """No call may last for ever."""
    server = Server(httpx.Response(200))
    async with http_client(3, server) as http:
        await http.send(httpx.Request("GET", "https://api.example.org"))
    assert server.asked[0].extensions["timeout"]["read"] == 3


async def test_a_packed_answer_is_unpacked():
    """We say that we can read it."""
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(b"words"))
    async with http_client(3, Server(packed)) as http:
        answer = await http.get("https://api.example.org")
    assert answer.text == "words"


async def test_no_cookie_is_sent_back():
    """What one provider sets is nobody's to send."""
    server = Server(httpx.Response(200, headers={"Set-Cookie": "who=desk"}))
    async with http_client(3, server) as http:
        for _ in range(2):
            await http.send(http.build_request("GET", "https://api.example.org"))
    assert "cookie" not in server.asked[1].headers


async def test_a_torn_answer_gives_its_connection_back():
    """Else each of them would cost one of the pool."""
    torn = Torn()
    async with http_client(3, Server(httpx.Response(200, stream=torn))) as http:
        with pytest.raises(httpx.ReadError):
            await http.send(http.build_request("GET", "https://api.example.org"))
    assert torn.is_closed


async def test_a_closed_client_calls_nobody():
    """A call after the end is a defect of ours."""
    server = Server(httpx.Response(200))
    http = http_client(3, server)
    await http.aclose()
    with pytest.raises(RuntimeError):
        await http.send(httpx.Request("GET", "https://api.example.org"))
    assert server.asked == []
