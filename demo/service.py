"""Starting and stopping the pretend world inside any event loop; installs no signal handlers."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.botapi.webhook import deliver_forever
from demo.people import welcome_people
from demo.reports import TIMEOUT, post
from demo.server import LOOPBACK, create_app
from demo.smtp import start_smtp
from demo.snapshot import load_state, save_state
from demo.state import State

DEMO_TOKEN = "7000000001:DEMO-token-of-the-pretend-Telegram"  # noqa: S105 (opens nothing but the demo)
SAVE_EVERY = 3.0
logger = logging.getLogger("postrider.demo")


class _Protocol(H11Protocol):
    """Lets a handler cut its connection, for faults of mode drop."""

    def handle_events(self) -> None:
        super().handle_events()
        if self.scope is not None and self.transport is not None:
            extensions: dict[str, Any] = {"demo.abort": self.transport.abort}
            self.scope["extensions"] = extensions


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to whoever runs the loop."""
        yield


class Demo:
    """The pretend Telegram, mailbox and phones. Port 0 picks a free one; the urls are known after `start`.

    `reports_to` is the address that hears what became of messages and what phones answer; `gateway_key` lets a provider
    in and signs those reports.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        smtp_port: int = 0,
        state_file: Path | None = None,
        reports_to: str = "",
        gateway_key: str = "sandbox",
    ) -> None:
        self.state = load_state(state_file) or State()
        self.state.reports.to, self.state.reports.key = reports_to, gateway_key
        if not self.state.people:
            welcome_people(self.state)
        self._host, self._port, self._smtp_port, self._state_file = host, port, smtp_port, state_file
        self._tasks: list[asyncio.Task[None]] = []
        self._saved_at_change = 0

    @property
    def url(self) -> str:
        """The page."""
        return f"http://{_bracketed(self._host)}:{self._port}"

    @property
    def api_base(self) -> str:
        """For TELEGRAM_API_BASE."""
        return self.url

    @property
    def smtp_url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://{_bracketed(self._host)}:{self._smtp_port}"

    async def start(self) -> None:
        """Listens, then returns; raises OSError where a port is taken."""
        listener = _listen(self._host, self._port)
        try:
            self._smtp = await start_smtp(self.state, self._host, self._smtp_port)
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._smtp_port = self._smtp.sockets[0].getsockname()[1]
        hosts = {*LOOPBACK, self._host} if self._host in LOOPBACK else ()
        config = uvicorn.Config(
            create_app(self.state, hosts), http=_Protocol, ws="none", lifespan="off", log_config=None,
            access_log=False, log_level="warning", timeout_graceful_shutdown=2, server_header=False,
        )  # fmt: skip
        self._server = _Server(config)
        serving = asyncio.create_task(self._server.serve([listener]), name="demo http")
        self._tasks = [
            serving,
            asyncio.create_task(deliver_forever(self.state), name="demo webhook"),
            asyncio.create_task(report_forever(self.state), name="demo reports"),
            asyncio.create_task(self._save_forever(), name="demo state"),
        ]
        while not self._server.started and not serving.done():  # noqa: ASYNC110 (uvicorn offers no event)
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Lets answers under way finish, closes everything and saves the state."""
        if not self._tasks:
            return
        serving, *others = self._tasks
        self._tasks = []
        self.state.events.close()
        self.state.updates.wake()
        self._smtp.close()
        self._server.should_exit = True
        for task in others:
            task.cancel()
        await asyncio.gather(serving, *others, return_exceptions=True)
        await self._save()

    async def __aenter__(self) -> "Demo":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _save_forever(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            await self._save()

    async def _save(self) -> None:
        if self._state_file is None or self._saved_at_change == self.state.events.changes:
            return
        self._saved_at_change = self.state.events.changes
        try:
            await save_state(self.state, self._state_file)
        except OSError as wrong:
            logger.warning("the demo's state could not be saved: %s", wrong.strerror)


async def report_forever(state: State) -> None:
    """Runs beside the server until it is cancelled."""
    reports = state.reports
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
        while True:
            taken = reports.take(state.clock())
            if not taken:
                await reports.wait(state.clock())
            elif not await post(http, reports, taken):
                reports.put_back(taken, state.clock())


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
