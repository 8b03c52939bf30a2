"""Deliveries that gave up, by what they died of."""

from dataclasses import dataclass
from datetime import datetime

from core.model.words import Channel


@dataclass(frozen=True, slots=True)
class Cause:
    """What some dead letters have in common. An empty `error_code` or `provider` is one that nobody has named; `newest`
    is when the last of them died."""

    error_code: str
    channel: Channel
    provider: str
    count: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Which:
    """Dead letters that are meant. None means any; an empty text means those without. They died at `since` or later and
    at `until` or earlier."""

    error_code: str | None = None
    channel: Channel | None = None
    provider: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, cause: Cause) -> bool:
        """Whether dead letters of that cause are meant, whenever they died."""
        asked = ((self.error_code, cause.error_code), (self.channel, cause.channel), (self.provider, cause.provider))
        return all(mine is None or mine == its for mine, its in asked)
