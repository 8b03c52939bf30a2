"""Watching the calls: circuits that open and close, waits that providers name, and the word to the admins about it.

What is found in one turn of the recorder is judged once and written in the transaction of that turn.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from core.delivery.alerts import Alert, cap_nearly_reached, cap_reached, circuit_closed, circuit_opened, tell_admins
from core.delivery.attempts import Result
from core.delivery.states import LONGEST_WAIT, SHORTEST_WAIT
from core.errors import SendError
from core.model import Channel, Circuit
from core.ports import UnitOfWork
from core.routing.health import RATE_LIMITED, Breaker, Verdict, Window, verdict
from core.routing.roster import Roster
from core.routing.spending import CapWarning, Spending
from core.secrets import Keys

Key = tuple[Channel, str]
log = structlog.get_logger()


@dataclass(slots=True)
class Judged:
    """What some calls say: circuits to open, with calls and failures; how trying calls went; until when a provider
    asked us to wait; caps to tell about. Empty as a rule."""

    opening: dict[Key, tuple[int, int]] = field(default_factory=dict)
    probes: list[tuple[Key, Verdict]] = field(default_factory=list)
    pauses: dict[Key, datetime] = field(default_factory=dict)
    warnings: Sequence[CapWarning] = ()

    def __bool__(self) -> bool:
        return bool(self.opening or self.probes or self.pauses or self.warnings)


def as_one(several: Sequence[Judged]) -> Judged:
    """What the calls of several turns say, to be written together."""
    found = Judged(warnings=list({warning.key: warning for one in several for warning in one.warnings}.values()))
    for one in several:
        found.opening |= one.opening
        found.probes += one.probes
        for key, until in one.pauses.items():
            found.pauses[key] = max(until, found.pauses.get(key, until))
    return found


@dataclass(frozen=True, slots=True)
class Move:
    """Where a circuit stands now."""

    key: Key
    circuit: Circuit
    probe_at: datetime | None


@dataclass(slots=True)
class Watch:
    """Of one process. `admins` are Telegram ids."""

    roster: Roster
    keys: Keys
    breaker: Breaker = field(default_factory=Breaker)
    spending: Spending = field(default_factory=Spending)
    admins: Collection[int] = ()
    _windows: dict[Key, Window] = field(default_factory=dict)

    def judge(self, results: Sequence[Result], now: datetime) -> Judged:
        """Count some calls; what follows from them. A pause counts for this process from now on."""
        found = Judged(warnings=self.spending.warnings())
        for result in results:
            self._count(result, found, now)
            until = wait_of(result.error, now)
            if until:
                key = result.job.channel, result.job.provider.name
                found.pauses[key] = max(until, found.pauses.get(key, until))
        for (channel, name), until in found.pauses.items():
            self.roster.learn(channel, name, paused_until=until)
        return found

    def _count(self, result: Result, found: Judged, now: datetime) -> None:
        key, said = (result.job.channel, result.job.provider.name), verdict(result.error)
        if result.job.is_probe:
            found.probes.append((key, said))
            return
        known, window = self.roster.terms(*key), self._windows.setdefault(key, Window(self.breaker.window))
        if known is None or known.circuit is not Circuit.CLOSED:
            window.clear()
        elif said is not Verdict.NEITHER:
            window.add(now, is_bad=said is Verdict.BAD)
            if said is Verdict.BAD and self.breaker.trips(*(counts := window.counts(now))):
                found.opening[key] = counts

    async def write(self, uow: UnitOfWork, found: Judged, now: datetime) -> list[Move]:
        """Write it for every process, and queue the word to the admins where this one was first."""
        if not found:
            return []
        alerts: list[Alert] = [self._cap(one) for one in found.warnings]
        moves = [await self._open(uow, key, counts, now, alerts) for key, counts in found.opening.items()]
        moves += [await self._probed(uow, key, said, now, alerts) for key, said in found.probes]
        for (channel, name), until in found.pauses.items():
            await uow.providers.pause(name, channel, until, now)
        await tell_admins(uow, self.admins, alerts, now=now, keys=self.keys)
        return moves

    def learn(self, found: Judged, moves: Sequence[Move]) -> None:
        """It is written: this process goes by it at once."""
        self.spending.told(found.warnings)
        for move in moves:
            self.roster.learn(*move.key, circuit=move.circuit, probe_at=move.probe_at)
            self._windows.pop(move.key, None)
            log.warning("provider.circuit", channel=str(move.key[0]), provider=move.key[1], state=str(move.circuit))

    async def _open(
        self, uow: UnitOfWork, key: Key, counts: tuple[int, int], now: datetime, alerts: list[Alert]
    ) -> Move:
        channel, name = key
        probe_at = self.breaker.probe_at(now)
        if await uow.providers.open_circuit(name, channel, now, probe_at):
            alerts.append(circuit_opened(channel, name, *counts, self.breaker.probe_after, now))
        return Move(key, Circuit.OPEN, probe_at)

    async def _probed(self, uow: UnitOfWork, key: Key, said: Verdict, now: datetime, alerts: list[Alert]) -> Move:
        channel, name = key
        next_probe = self.breaker.next_probe(now, said)
        good = await uow.providers.probed(
            name, channel, now, is_good=None if said is Verdict.NEITHER else said is Verdict.GOOD, probe_at=next_probe
        )
        if said is Verdict.BAD:
            return Move(key, Circuit.OPEN, next_probe)
        if said is Verdict.NEITHER or good < self.breaker.close_after:
            return Move(key, Circuit.HALF_OPEN, next_probe)
        if await uow.providers.close_circuit(name, channel, now):
            alerts.append(circuit_closed(channel, name, now))
        return Move(key, Circuit.CLOSED, None)

    def _cap(self, one: CapWarning) -> Alert:
        spent, cap = (f"{amount.normalize():f} {self.roster.plan.currency}" for amount in (one.spent, one.cap))
        return (cap_reached if one.is_reached else cap_nearly_reached)(one.channel, one.key, spent, cap)


def wait_of(error: SendError | None, now: datetime) -> datetime | None:
    """Until when a provider asked us to wait because of its rate limit; None where it did not."""
    if error is None or error.code != RATE_LIMITED or error.retry_after is None:
        return None
    return now + timedelta(seconds=min(max(SHORTEST_WAIT, error.retry_after), LONGEST_WAIT))
