"""Turns of providers with a rate limit. A turn is taken right before a call; what was found to be used up is
remembered, so that routing asks nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.model import Channel
from core.routing.terms import Terms

if TYPE_CHECKING:
    from core.routing.counting import Counts

SHORTEST = timedelta(milliseconds=100)
Key = tuple[Channel, str]


@dataclass(slots=True)
class Limiter:
    """`redis_url` shares the counts with other machines; without it each counts for itself."""

    redis_url: str | None = None
    used_up: dict[Key, datetime] = field(default_factory=dict)  # until when
    left: dict[Key, int] = field(default_factory=dict)  # turns, of the limit that ends first
    _counts: "Counts | None" = None

    async def take(self, one: Terms, now: datetime) -> datetime | None:
        """Take a turn; None where it was taken, else the time at which there may be one again."""
        if not one.limits:
            return None
        key = one.channel, one.name
        if (known := self.used_up.get(key)) and known > now:
            return known
        until = await self.counts.hit(one, now)
        if until is None:
            self.left[key] = max(0, self.left.get(key, 1) - 1)
            return None
        self.left[key], self.used_up[key] = 0, max(until, now + SHORTEST)
        return self.used_up[key]

    async def look(self, those: Iterable[Terms], now: datetime) -> None:
        """Learn what is left, other machines' turns included."""
        for one in those:
            key = one.channel, one.name
            self.used_up.pop(key, None)
            self.left.pop(key, None)
            if not one.limits:
                continue
            stats = await self.counts.stats(one, now)
            self.left[key] = max(0, min(left for _, left in stats))
            if ends := [reset for reset, left in stats if left <= 0]:
                self.used_up[key] = max(ends)

    @property
    def counts(self) -> "Counts":
        """Made when it is first needed: what it stands on takes a while to load."""
        if self._counts is None:
            from core.routing.counting import Counts, redis_storage

            self._counts = Counts(redis_storage(self.redis_url) if self.redis_url else None)
        return self._counts
