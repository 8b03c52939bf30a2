"""When a provider is left alone, and when it is tried again: the circuit breaker's decisions. Pure but for the window,
which counts the calls of this process.

Every process counts its own calls. What they decide stands in `provider_registry` and holds for all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from core.errors import Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Circuit

RATE_LIMITED, OWN_PACE = "rate_limited", "own_pace"  # error codes of waits, the provider's and ours: nobody's fault
WAITS = (RATE_LIMITED, OWN_PACE)
UNAUTHORIZED = "unauthorized"
# Error codes that a provider, or the way to it, is to blame for; what it refuses in good order is none.
FAULTS = ("unavailable", "connect", "timeout", "uncertain", UNAUTHORIZED)
SLOTS = 60  # parts of the window
PROBING = timedelta(seconds=5)  # how long others wait while one call tries a provider


class Verdict(Enum):
    """What one call says about its provider."""

    GOOD = "good"
    BAD = "bad"
    NEITHER = "neither"


def verdict(error: SendError | None) -> Verdict:
    """An answer that refuses an address is a good one: the provider works. A wait, and a request of ours that it could
    not use, say nothing about it."""
    match error:
        case None | Refused():
            return Verdict.GOOD
        case Unavailable() if error.code in WAITS:
            return Verdict.NEITHER
        case Unavailable() | Uncertain():
            return Verdict.BAD
        case Misconfigured() if error.code == UNAUTHORIZED:
            return Verdict.BAD
    return Verdict.NEITHER


@dataclass(frozen=True, slots=True)
class Breaker:
    """The settings `CIRCUIT_*`; times in seconds. `lease` is how long a trying call may take before another may try."""

    failure_rate: float = 0.5
    min_calls: int = 10
    window: float = 60
    probe_after: float = 30
    close_after: int = 3
    lease: float = 60

    def trips(self, calls: int, failures: int) -> bool:
        """Whether so many failures of so many calls open the circuit."""
        return calls >= self.min_calls and failures >= self.failure_rate * calls

    def probe_at(self, now: datetime) -> datetime:
        """When an open circuit is tried."""
        return now + timedelta(seconds=self.probe_after)

    def lease_until(self, now: datetime) -> datetime:
        """How long a trying call keeps others from trying."""
        return now + timedelta(seconds=self.lease)

    def next_probe(self, now: datetime, outcome: Verdict) -> datetime:
        """When the next call may try after one has ended: at once, unless it failed."""
        return self.probe_at(now) if outcome is Verdict.BAD else now


@dataclass(slots=True)
class Window:
    """Calls and failures of the last `seconds`, in slots: memory does not grow with the traffic."""

    seconds: float
    _slots: dict[int, list[int]] = field(default_factory=dict)

    def add(self, now: datetime, *, is_bad: bool) -> None:
        """Count a call."""
        slot = self._slots.setdefault(self._number(now), [0, 0])
        slot[0] += 1
        slot[1] += is_bad
        if len(self._slots) > SLOTS + 1:
            self._forget(now)

    def counts(self, now: datetime) -> tuple[int, int]:
        """Calls and failures."""
        self._forget(now)
        return sum(calls for calls, _ in self._slots.values()), sum(bad for _, bad in self._slots.values())

    def clear(self) -> None:
        """Begin anew: what came before the circuit moved says nothing about after."""
        self._slots.clear()

    def _number(self, now: datetime) -> int:
        return int(now.timestamp() * SLOTS / self.seconds)

    def _forget(self, now: datetime) -> None:
        for number in list(self._old(now)):
            del self._slots[number]

    def _old(self, now: datetime) -> Iterator[int]:
        oldest = self._number(now) - SLOTS
        return (number for number in self._slots if number <= oldest)


def waits_until(state: Circuit, probe_at: datetime | None, now: datetime) -> datetime | None:
    """Until when a circuit keeps calls away; None where it is closed, or one call may try it now."""
    if state is Circuit.CLOSED or probe_at is None or probe_at <= now:
        return None
    return min(probe_at, now + PROBING) if state is Circuit.HALF_OPEN else probe_at
