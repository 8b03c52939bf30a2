"""Weight moves away from a provider whose calls fail or take long, and drifts back slowly. Pure but for the job.

Every minute is looked at once. A bad one takes three tenths off; five minutes without one give a tenth back. After each
move there is a rest, so that it does not flap; and where every provider of a channel is bad, nobody is to be preferred,
and nothing moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from core.model import Calls, Channel, ProviderRow
from core.ports import Clock, Database
from core.routing.health import FAULTS, WAITS

MINUTE, COOL_DOWN = timedelta(minutes=1), timedelta(minutes=5)
LOSS, GAIN = Decimal("0.7"), Decimal("0.1")
LEAST, MOST = Decimal("0.05"), Decimal(1)  # the least is not nothing: somebody has to find out that it works again
FEWEST = 5  # calls from which a minute can be judged
BAD_SHARE = 0.1  # of failed calls
SLOW_MS, SLOWER = 3_000, 3  # slow is both: long in itself, and so many times as long as the quickest of the channel
PLACES = Decimal("0.001")
Key = tuple[Channel, str]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A provider of a channel: its weight and when that was moved last, its calls of the last minute and of the last
    five, and how long they take as a rule."""

    name: str
    weight: Decimal = MOST
    changed_at: datetime | None = None
    minute: Calls = field(default_factory=Calls)
    lately: Calls = field(default_factory=Calls)
    usual_ms: float | None = None

    @property
    def mean_ms(self) -> float | None:
        """How long calls take now, as far as that is known."""
        return self.usual_ms if self.minute.mean_ms is None else self.minute.mean_ms


def reweighed(channel: Sequence[Weighed], now: datetime) -> dict[str, Decimal]:
    """The new weights of those providers of a channel whose weight moves."""
    quickest = min((one.mean_ms for one in channel if one.mean_ms is not None), default=None)
    bad = {one.name for one in channel if is_bad(one.minute, quickest)}
    moves = {}
    for one in channel:
        weight = _moved(one, one.name in bad, len(bad) == len(channel), now)
        if weight != one.weight:
            moves[one.name] = weight
    return moves


def is_bad(calls: Calls, quickest_ms: float | None) -> bool:
    """Whether calls failed too often, or took far longer than those of the quickest provider."""
    if calls.total < FEWEST:
        return False
    if calls.total - calls.good > BAD_SHARE * calls.total:
        return True
    mean = calls.mean_ms or 0
    return mean > SLOW_MS and quickest_ms is not None and mean > SLOWER * quickest_ms


def _moved(one: Weighed, is_bad_now: bool, all_are_bad: bool, now: datetime) -> Decimal:
    rested = MINUTE if is_bad_now else COOL_DOWN
    if one.changed_at is not None and now - one.changed_at < rested:
        return one.weight
    if is_bad_now:
        return one.weight if all_are_bad else max(LEAST, (one.weight * LOSS).quantize(PLACES))
    return one.weight if _failed_lately(one) else min(MOST, one.weight + GAIN)


def _failed_lately(one: Weighed) -> bool:
    return one.lately.total - one.lately.good > BAD_SHARE * one.lately.total


@dataclass(frozen=True, slots=True)
class Weigher:
    """Looks at the last minute's calls. Safe to run on several machines: each move is made once."""

    database: Database
    clock: Clock

    async def run(self) -> None:
        """Move the weights of every channel with more than one provider."""
        now = self.clock()
        async with self.database.read() as uow:
            rows = [row for row in await uow.providers.all() if row.is_configured and row.is_enabled]
            minute = await uow.providers.calls(now - MINUTE, FAULTS, WAITS)
            lately = await uow.providers.calls(now - COOL_DOWN, FAULTS, WAITS)
        moves = [move for channel in Channel for move in _moves(channel, rows, minute, lately, now)]
        if not moves:
            return
        async with self.database.begin() as uow:
            for row, weight in moves:
                mine = row.provider_name, row.provider_type
                if await uow.providers.reweigh(*mine, weight, now, was_changed_at=row.weight_changed_at):
                    log.info("provider.weight", channel=str(mine[1]), provider=mine[0], was=row.weight, weight=weight)


Move = tuple[ProviderRow, Decimal]


def _moves(
    channel: Channel, rows: Sequence[ProviderRow], minute: Mapping[Key, Calls], lately: Mapping[Key, Calls],
    now: datetime,
) -> list[Move]:  # fmt: skip
    mine = {row.provider_name: row for row in rows if row.provider_type is channel}
    weighed = [
        Weighed(
            name, row.weight, row.weight_changed_at, minute.get((channel, name), Calls()),
            lately.get((channel, name), Calls()), row.latency_ms,
        )
        for name, row in mine.items()
    ]  # fmt: skip
    return [(mine[name], weight) for name, weight in reweighed(weighed, now).items()]
