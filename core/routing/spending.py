"""What was spent today (UTC) on channels with a cap (`SPEND_CAPS`), and what may still be spent.

The database knows what every process has paid for; it is asked now and then, and what this process pays in between is
added at once. What is being sent is counted as paid until it turns out otherwise, so that one process never spends more
than the cap; several can, by what they send between two looks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from core.accounts.limits import day_start
from core.model import Channel
from core.ports import UnitOfWork

LOOK_EVERY = timedelta(seconds=10)
NEARLY = Decimal("0.8")  # of a cap: the admins are warned
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class CapWarning:
    """A cap that is nearly or wholly used up; told once a day each."""

    channel: Channel
    day: date
    is_reached: bool
    spent: Decimal
    cap: Decimal

    @property
    def key(self) -> str:
        """The same in every process."""
        return f"spend:{self.channel}:{self.day}:{'reached' if self.is_reached else 'nearly'}"


@dataclass(slots=True)
class Spending:
    """By channel; a channel without a cap is not counted."""

    caps: Mapping[Channel, Decimal] = field(default_factory=dict)
    _day: datetime | None = None
    _looked_at: datetime | None = None
    _known: dict[Channel, Decimal] = field(default_factory=dict)  # of the last look
    _paid: dict[Channel, Decimal] = field(default_factory=dict)  # by this process since then
    _reserved: dict[Channel, Decimal] = field(default_factory=dict)
    _refused: set[Channel] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)

    def is_stale(self, now: datetime) -> bool:
        """Whether the database should be asked."""
        if not self.caps:
            return False
        return self._looked_at is None or now - self._looked_at >= LOOK_EVERY or self._day != day_start(now)

    async def look(self, uow: UnitOfWork, now: datetime) -> None:
        """Learn what every process has paid today."""
        before = dict(self._paid)
        spent = await uow.providers.spent(day_start(now))
        self._known = {
            channel: sum((paid for (of, _), paid in spent.items() if of is channel), NOTHING) for channel in self.caps
        }
        if self._day == day_start(now):
            self._paid = {channel: paid - before.get(channel, NOTHING) for channel, paid in self._paid.items()}
        else:
            self._paid, self._refused = {}, set()
        self._day, self._looked_at = day_start(now), now

    def left(self, channel: Channel) -> Decimal | None:
        """What may still be spent; None without a cap."""
        cap = self.caps.get(channel)
        return None if cap is None else cap - self.spent(channel) - self._reserved.get(channel, NOTHING)

    def spent(self, channel: Channel) -> Decimal:
        """What was paid today."""
        return self._known.get(channel, NOTHING) + self._paid.get(channel, NOTHING)

    def reserve(self, channel: Channel, cost: Decimal | None, *, always: bool = False) -> bool:
        """Set the cost of a message aside before it is sent; False where the cap does not allow it. `always` is for
        what no cap holds up."""
        if not cost or channel not in self.caps:
            return True
        left = self.left(channel)
        if not always and left is not None and cost > left:
            self._refused.add(channel)
            return False
        self._reserved[channel] = self._reserved.get(channel, NOTHING) + cost
        return True

    def settle(self, channel: Channel, cost: Decimal | None, *, is_paid: bool) -> None:
        """What was set aside was paid, or will not be."""
        if not cost or channel not in self.caps:
            return
        self._reserved[channel] = max(NOTHING, self._reserved.get(channel, NOTHING) - cost)
        if is_paid:
            self._paid[channel] = self._paid.get(channel, NOTHING) + cost

    def hold(self, channel: Channel) -> None:
        """Something waits for tomorrow."""
        self._refused.add(channel)

    def warnings(self) -> list[CapWarning]:
        """What this process has not told about today: caps that are used up to four fifths, or that hold something."""
        found = []
        for channel, cap in self.caps.items():
            spent, is_reached = self.spent(channel), channel in self._refused
            if self._day and (is_reached or spent >= NEARLY * cap):
                found.append(CapWarning(channel, self._day.date(), is_reached, spent, cap))
        return [one for one in found if one.key not in self._told]

    def told(self, warnings: Iterable[CapWarning]) -> None:
        """These are on their way."""
        self._told.update(one.key for one in warnings)


def next_day(now: datetime) -> datetime:
    """When caps begin anew."""
    return day_start(now.astimezone(UTC)) + timedelta(days=1)


def caps_of(entries: Iterable[str]) -> dict[Channel, Decimal]:
    """`["sms:20", "whatsapp:10.50"]` by channel."""
    pairs = (entry.partition(":") for entry in entries)
    return {Channel(channel): Decimal(amount) for channel, _, amount in pairs}
