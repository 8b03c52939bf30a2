"""Routes for a batch, and the last look before a call: what was free when the route was made may be used up by now.

A route is made from what this process remembers. Right before a call the provider's turn is taken, the price set aside,
and, where its circuit is open, the one call claimed that may try it; who can't be had is passed over for the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import structlog

from core.accounts.rules import in_force, type_of
from core.delivery.attempts import Job, Result, Wait, pinned
from core.delivery.planning import SECURITY
from core.delivery.states import RETRY
from core.errors import Uncertain
from core.model import Channel, Circuit, Outgoing
from core.ports import Clock, Database, UnitOfWork
from core.routing.health import PROBING, Breaker
from core.routing.limiter import Limiter
from core.routing.ranking import Strategy, picked
from core.routing.regions import region_of
from core.routing.roster import Roster
from core.routing.selection import (
    CIRCUIT_OPEN,
    SPEND_CAP,
    Against,
    Asked,
    Route,
    beyond_the_cap,
    route,
    shut,
    used_up,
)
from core.routing.spending import Spending, next_day
from core.routing.terms import Terms
from core.secrets import Keys

SOON = timedelta(seconds=1)  # when somebody is switched off in the very moment of the call
log = structlog.get_logger()


@dataclass(slots=True)
class Router:
    """Of one process."""

    database: Database
    clock: Clock
    keys: Keys
    roster: Roster
    limiter: Limiter = field(default_factory=Limiter)
    spending: Spending = field(default_factory=Spending)
    breaker: Breaker = field(default_factory=Breaker)

    async def refresh(self, uow: UnitOfWork, now: datetime) -> None:
        """Learn what other processes and admins have done, where the last look is long enough ago."""
        if self.roster.is_stale(now):
            await self.roster.read(uow, now)
            await self.limiter.look(self.roster.all(), now)
        if self.spending.is_stale(now):
            await self.spending.look(uow, now)

    def batch(self, now: datetime) -> "Batch":
        """The routes of one batch."""
        return Batch(self, now)

    async def board(self, job: Job, step: int) -> Job | Wait:
        """The job at the first provider from `step` on that takes it now; a hold where none does."""
        now = self.clock()
        passed: list[tuple[str, Against]] = []
        for place in range(step, len(job.route.order)):
            name = job.route.order[place].name
            one = self.roster.terms(job.channel, name) or job.route.order[place]
            cost = cost_of(one, job)
            why_not = await self._take(one, job, cost, now)
            if why_not is None:
                is_probe = one.circuit is not Circuit.CLOSED
                return replace(job, step=place, route=_noted(job.route, passed), cost=cost, is_probe=is_probe)
            passed.append((name, why_not))
        waits = [(why.until, why.hold_reason) for _, why in passed if why.until and why.hold_reason]
        until, reason = min(waits, key=lambda one: one[0]) if waits else (now + SOON, RETRY)
        return Wait(until, reason, _noted(job.route, passed))

    def settle(self, prepared: Sequence[Job], going: Sequence[Job], results: Sequence[Result]) -> None:
        """What was set aside was paid where a provider took the message, or perhaps took it; it is free again for
        calls that failed or are not made."""
        ids = {job.delivery.id for job in going}
        for job in prepared:
            if job.delivery.id not in ids:
                self.spending.settle(job.channel, job.cost, is_paid=False)
        for result in results:
            is_paid = result.receipt is not None or isinstance(result.error, Uncertain)
            self.spending.settle(result.job.channel, result.job.cost, is_paid=is_paid)

    async def _take(self, one: Terms, job: Job, cost: Decimal | None, now: datetime) -> Against | None:
        """None where the call may be made: its turn is taken, its price set aside."""
        if not one.is_enabled:
            return Against("switched off")
        if why_not := shut(one, now):
            return why_not
        is_urgent = job.outgoing.notification.kind in SECURITY
        if not self.spending.reserve(job.channel, cost, always=is_urgent):
            return beyond_the_cap(next_day(now))
        why_not = await self._turn(one, now) or await self._probe(one, now)
        if why_not:
            self.spending.settle(job.channel, cost, is_paid=False)
        return why_not

    async def _turn(self, one: Terms, now: datetime) -> Against | None:
        until = await self.limiter.take(one, now)
        return used_up(until) if until else None

    async def _probe(self, one: Terms, now: datetime) -> Against | None:
        """Claim the one call that may try an open circuit; nothing where it is closed."""
        if one.circuit is Circuit.CLOSED:
            return None
        until = self.breaker.lease_until(now)
        try:
            async with self.database.begin() as uow:
                is_ours = await uow.providers.take_probe(one.name, one.channel, now, until)
        except Exception as error:
            log.warning("provider.probe_failed", provider=one.name, error=type(error).__name__)
            is_ours = False
        self.roster.learn(one.channel, one.name, circuit=Circuit.HALF_OPEN, probe_at=until)
        if is_ours:
            return None
        return Against("another call is trying its circuit", until=now + PROBING, hold_reason=CIRCUIT_OPEN)


@dataclass(slots=True)
class Batch:
    """Routes for the deliveries of one batch: those that ask for the same share one."""

    router: Router
    now: datetime
    _routes: dict[tuple[object, ...], Route] = field(default_factory=dict)

    def route(self, one: Outgoing) -> Route:
        """Who carries a delivery, in which order, and why."""
        channel, roster = one.delivery.delivery_type, self.router.roster
        candidates, strategy = roster.candidates(channel), roster.strategy(channel)
        asked, point = self._asked(one, candidates), 0.0
        if strategy is Strategy.SPLIT:
            point = point_of(self.router.keys, channel, one.delivery.recipient)
        key = (
            channel, asked.region, asked.pinned, asked.why_pinned, asked.blocked, asked.preferred, asked.unusable,
            asked.budget, picked(candidates, point) if strategy is Strategy.SPLIT else None,
        )  # fmt: skip
        if key not in self._routes:
            self._routes[key] = route(candidates, replace(asked, point=point), strategy)
        found = self._routes[key]
        if found.hold_reason == SPEND_CAP:
            self.router.spending.hold(channel)
        return found

    def _asked(self, one: Outgoing, candidates: Sequence[Terms]) -> Asked:
        delivery, kind, router = one.delivery, one.notification.kind, self.router
        channel, recipient = delivery.delivery_type, delivery.recipient
        only, why = pinned(delivery)
        rules = in_force(one.account, type_of(kind), channel) if one.account and one.account.rules else None
        providers = router.roster.providers
        return Asked(
            self.now,
            region=region_of(channel, recipient),
            pinned=only,
            why_pinned=why,
            blocked=rules.blocked if rules else frozenset(),
            preferred=rules.preferred if rules else (),
            unusable=frozenset(
                other.name for other in candidates if not providers.get(channel, other.name).reaches(recipient)
            ),
            limited=_of(channel, router.limiter.used_up),
            left=_of(channel, router.limiter.left),
            budget=None if kind in SECURITY else router.spending.left(channel),
            budget_until=next_day(self.now),
        )


def cost_of(one: Terms, job: Job) -> Decimal | None:
    """What a provider takes for a message, all segments together; None where its price is not known."""
    price = one.price_in(job.region)
    return None if price is None else price * (job.segments or 1)


def point_of(keys: Keys, channel: Channel, recipient: str) -> float:
    """A recipient's place in a split, from 0 to below 1: always the same, and nobody can tell the address from it."""
    return int(keys.address_hash(channel, recipient)[:8], 16) / 2**32


Value = TypeVar("Value")


def _of(channel: Channel, known: Mapping[tuple[Channel, str], Value]) -> dict[str, Value]:
    return {name: value for (of, name), value in known.items() if of is channel}


def _noted(found: Route, passed: Sequence[tuple[str, Against]]) -> Route:
    """The route with who was passed over at the last moment."""
    if not passed:
        return found
    return replace(found, reasons=(*found.reasons, *(f"{name}: passed over, {why.words}" for name, why in passed)))
