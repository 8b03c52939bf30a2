"""Counting calls by the library `limits` over moving windows: in Redis where machines share one, else in this process.

Loaded once a provider has a limit: most never do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute, WindowStats
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from core.routing.terms import RateLimits, Terms

NAMESPACE = "postrider"
REDIS_SECONDS = 1.0  # how long Redis may take before we count alone
ALONE_FOR = timedelta(seconds=30)  # before Redis is asked again
Answer = TypeVar("Answer")
log = structlog.get_logger()


def redis_storage(url: str) -> Storage:
    """Counts that all machines share. The library says `async+redis://`, and knows several clients."""
    from limits.aio.storage import RedisStorage

    return RedisStorage(
        f"async+{url}", wrap_exceptions=True, implementation="redispy", socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
    )  # fmt: skip


def items(limits: RateLimits) -> Iterator[RateLimitItem]:
    """The limits as the library counts them, the shortest first."""
    if limits.minute is not None:
        yield RateLimitItemPerMinute(limits.minute, namespace=NAMESPACE)
    if limits.hour is not None:
        yield RateLimitItemPerHour(limits.hour, namespace=NAMESPACE)
    if limits.day is not None:
        yield RateLimitItemPerDay(limits.day, namespace=NAMESPACE)


@dataclass(slots=True)
class Counts:
    """Calls of every provider. `shared` is away at times: until it answers again, this process counts for itself."""

    shared: Storage | None = None
    _own: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    _alone_until: datetime | None = None

    async def hit(self, one: Terms, now: datetime) -> datetime | None:
        """Count a call; None where every limit allows it, else when the one that does not begins anew. A longer limit
        that is used up costs a call of the shorter ones, which matters to nobody before it ends."""
        for item in items(one.limits):
            if not await self._hit(item, one, now):
                return (await self._stats(item, one, now))[0]
        return None

    async def stats(self, one: Terms, now: datetime) -> list[tuple[datetime, int]]:
        """For each limit, when its window begins anew and how many calls are left in it."""
        return [await self._stats(item, one, now) for item in items(one.limits)]

    async def _hit(self, item: RateLimitItem, one: Terms, now: datetime) -> bool:
        if shared := self._shared(now):
            try:
                return self._answered(await shared.hit(item, one.channel.value, one.name))
            except StorageError as error:
                self._go_alone(error, now)
        return await self._own.hit(item, one.channel.value, one.name)

    async def _stats(self, item: RateLimitItem, one: Terms, now: datetime) -> tuple[datetime, int]:
        if shared := self._shared(now):
            try:
                return self._answered(_read(await shared.get_window_stats(item, one.channel.value, one.name)))
            except StorageError as error:
                self._go_alone(error, now)
        return _read(await self._own.get_window_stats(item, one.channel.value, one.name))

    def _shared(self, now: datetime) -> MovingWindowRateLimiter | None:
        if self.shared is None or (self._alone_until and now < self._alone_until):
            return None
        return MovingWindowRateLimiter(self.shared)

    def _answered(self, answer: Answer) -> Answer:
        self._alone_until = None
        return answer

    def _go_alone(self, error: StorageError, now: datetime) -> None:
        """Told once for each time that Redis goes away."""
        if self._alone_until is None:
            log.warning("limits.redis_away", error=type(error.storage_error).__name__)
        self._alone_until = now + ALONE_FOR


def _read(stats: WindowStats) -> tuple[datetime, int]:
    return datetime.fromtimestamp(stats.reset_time, UTC), stats.remaining
