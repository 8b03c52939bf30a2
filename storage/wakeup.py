"""Waking the relays of other processes through PostgreSQL: NOTIFY when a commit has queued deliveries, LISTEN here."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlalchemy import make_url

CHANNEL = "postrider_outbox"
NOTIFY = f"SELECT pg_notify('{CHANNEL}', '')"
AGAIN_AFTER = 5.0  # seconds between tries to reach a database that is away
CHECK_EVERY = 30.0  # seconds between looks whether the connection still answers
log = structlog.get_logger()


class Wakeup:
    """Calls `on_outbox` whenever any process has queued deliveries. What is missed, the relay's next look finds."""

    def __init__(self, url: str, on_outbox: Callable[[], None]) -> None:
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._on_outbox = on_outbox

    async def run(self) -> None:
        """Listen until cancelled, connecting anew where the connection is lost."""
        while True:
            try:
                await self._listen()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("wakeup.lost", error=type(error).__name__)
                await asyncio.sleep(AGAIN_AFTER)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._dsn)
        try:
            await connection.add_listener(CHANNEL, self._heard)
            self._on_outbox()  # something may have been queued while nobody listened
            while True:
                await asyncio.sleep(CHECK_EVERY)
                await connection.execute("SELECT 1", timeout=CHECK_EVERY)
        finally:
            connection.terminate()

    def _heard(self, *_: Any) -> None:
        self._on_outbox()
