"""A vendor on a local port: it answers as it is told, and remembers what it was asked."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

PAYLOADS = Path(__file__).parent / "payloads"


def payload(path: str) -> bytes:
    """A vendor's words, as the vendor sends them."""
    return (PAYLOADS / path).read_bytes()


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `mode`: answer, hang for ever, or drop the connection with the request read."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    mode: str = "answer"


HANG, DROP = Answer(mode="hang"), Answer(mode="drop")


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Vendor:
    """The server's base URL, the answers to come (the last one stays), and what was asked."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def will(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path_qs, dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.mode == "hang":
            await asyncio.Event().wait()
        if answer.mode == "drop" and request.transport:
            request.transport.abort()
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


@asynccontextmanager
async def a_vendor() -> AsyncIterator[Vendor]:
    """A vendor that is running."""
    vendor = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", vendor.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    vendor.url = f"http://127.0.0.1:{free_port_of(site)}"
    yield vendor
    await runner.cleanup()


def free_port_of(site: web.TCPSite) -> int:
    """The port that the system has chosen."""
    server = site._server
    assert isinstance(server, asyncio.Server)
    port: int = server.sockets[0].getsockname()[1]
    return port


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
