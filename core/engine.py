"""Sending a batch of leased deliveries: load, gate, render, mark, call the providers at once, record as they answer.

No database session is open while a provider is called. What the process was sending when it died stays `sending`, and
the sweeper turns it into `unknown`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import structlog

from core import gate
from core.aftermath import Aftermath
from core.attempts import Job, Outcome, Result, Sender, accepted, as_lost, failed, never_tried, pinned
from core.errors import Misconfigured, RenderError, SendError, Uncertain
from core.i18n import speaking
from core.model import Change, Channel, Delivery, DeliveryStatus, Message, Outgoing, Receipt
from core.planning import SECURITY
from core.ports import Clock, Database, Provider, Providers, UnitOfWork
from core.rendering import RenderContext
from core.selection import route
from core.states import Policy

Observe = Callable[[Channel, str, str, float], None]  # channel, provider, outcome, seconds
# What the sweeper makes of a sender that was away for too long. With the same attempts nobody has tried since, and the
# late sender knows what became of it.
TAKEN_FOR_LOST = (DeliveryStatus.UNKNOWN, DeliveryStatus.PENDING)
RECORD_AGAIN_AFTER = (0.2, 1.0)  # seconds: a receipt is worth more than one try at writing it down
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """`call_seconds`: how long one provider call may take before it counts as uncertain; `mails_a_day` for each user,
    None without a limit."""

    call_seconds: float = 50
    mails_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """Carries deliveries out. `render` may run in a thread; `extra` is handed to it with every delivery."""

    database: Database
    providers: Providers
    render: Callable[[RenderContext], Message]
    clock: Clock
    aftermath: Aftermath
    sender: Sender
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    extra: Mapping[str, Any] = field(default_factory=dict)
    observe: Observe = lambda channel, provider, outcome, seconds: None

    async def run(self, delivery_ids: Sequence[int]) -> None:
        """Make one attempt at each of these pending deliveries, along its route; returns when all are recorded.

        Deliveries that somebody else has taken meanwhile are left alone.
        """
        now = self.clock()
        async with self.database.read() as uow:
            batch = [one for one in await uow.deliveries.load(delivery_ids) if _is_pending(one.delivery)]
            facts = await self._facts(uow, batch, now)
        ready, stopped = gate.sort(batch, facts, now)
        jobs, untried = await asyncio.to_thread(self._prepare, ready, now)
        await self._send(await self._start(jobs, stopped, untried, now))

    async def _facts(self, uow: UnitOfWork, batch: Sequence[Outgoing], now: datetime) -> gate.Facts:
        hashes: dict[tuple[str, str], tuple[str, str]] = {}
        for one in batch:
            channel, address = one.delivery.delivery_type, one.delivery.recipient
            hashes[channel, self.aftermath.keys.address_hash(channel, address)] = (channel, address)
        scopes = await uow.suppressions.scopes(hashes.keys())
        suppressed = {(*hashes[key[0], key[1]], key[2]): reason for key, reason in scopes.items() if key[:2] in hashes}
        return gate.Facts(suppressed, await self._mails_left(uow, batch, now))

    async def _mails_left(self, uow: UnitOfWork, batch: Sequence[Outgoing], now: datetime) -> dict[int, int]:
        users = {one.delivery.user_id for one in batch if gate.is_counted(one) and one.delivery.user_id is not None}
        if self.limits.mails_a_day is None or not users:
            return dict.fromkeys(users, len(batch))
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        sent = await uow.deliveries.mails_since(users, midnight, SECURITY)
        return {user: self.limits.mails_a_day - sent.get(user, 0) for user in users}

    def _prepare(self, ready: Sequence[Outgoing], now: datetime) -> tuple[list[Job], list[Outcome]]:
        """Render and route; what can't be sent at all is decided here. Runs in a thread: a mail takes milliseconds."""
        jobs, untried = [], []
        for one in ready:
            try:
                jobs.append(self._job(one))
            except (RenderError, SendError) as error:
                untried.append(never_tried(one, error, now, self.policy))
        return jobs, untried

    def _job(self, one: Outgoing) -> Job:
        only, why = pinned(one.delivery)
        chosen = route(self.providers.candidates(one.delivery.delivery_type), pinned=only, why_pinned=why)
        if not chosen.order:
            raise Misconfigured("no_provider", "; ".join(chosen.reasons))
        context = RenderContext(one.notification, one.delivery, one.account, one.view, self.extra)
        message = self._rendered(context)
        first = self.providers.get(one.delivery.delivery_type, chosen.order[0].name)
        return Job(one, one.delivery, message, chosen, can_ask=first.can_ask)

    def _rendered(self, context: RenderContext) -> Message:
        """In the reader's language. A template can fail in any way; each is its own fault, never the batch's."""
        try:
            with speaking(context.account.preferences.language if context.account else "en"):
                return self.render(context)
        except RenderError:
            raise
        except Exception as error:
            log.exception("delivery.render_broke", delivery_id=context.delivery.id, kind=str(context.notification.kind))
            raise RenderError(f"{context.notification.kind}: {type(error).__name__}") from error

    async def _start(
        self,
        jobs: Sequence[Job],
        stopped: Sequence[tuple[Delivery, Delivery]],
        untried: Sequence[Outcome],
        now: datetime,
    ) -> list[Job]:
        """Mark what is sent now and write what is not, in one transaction; the jobs that are ours."""
        if not (jobs or stopped or untried):
            return []
        started = [self.sender.started(job, now) for job in jobs]
        changes = [change for _, change in started] + [Change(before, after) for before, after in stopped]
        async with self.database.begin() as uow:
            owned = await uow.deliveries.write([*changes, *(one.change for one in untried)])
            mine = [one for one in untried if one.change.before.id in owned]
            await uow.deliveries.add_logs([one.log for one in mine if one.log])
            await self.aftermath.settle(uow, mine, now)
        for one in mine:
            self._tell(one, 0)
        return [job for job, _ in started if job.delivery.id in owned]

    async def _send(self, jobs: Sequence[Job]) -> None:
        """Call the providers of all jobs at once; record together what finished together, and go on along the route."""
        async with asyncio.TaskGroup() as group:
            calls = {self._call(group, job) for job in jobs}
            while calls:
                done, calls = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
                next_jobs = await self._record([call.result() for call in done])
                calls |= {self._call(group, job) for job in next_jobs}

    def _call(self, group: asyncio.TaskGroup, job: Job) -> asyncio.Task[Result]:
        return group.create_task(self._attempt(job), name=f"delivery {job.delivery.id}")

    async def _attempt(self, job: Job) -> Result:
        """One provider call. Whatever goes wrong in it is a result: an exception we don't know is uncertain."""
        began = monotonic()
        receipt: Receipt | None = None
        error: SendError | None = None
        try:
            async with asyncio.timeout(self.limits.call_seconds):
                receipt = await self._hand_over(job)
        except SendError as raised:
            error = raised
        except TimeoutError:
            error = Uncertain("timeout")
        except Exception as raised:
            log.exception("delivery.adapter_broke", delivery_id=job.delivery.id, provider=job.provider.name)
            error = Uncertain("uncertain", type(raised).__name__)
        return Result(job, receipt, error, monotonic() - began)

    async def _hand_over(self, job: Job) -> Receipt:
        delivery = job.delivery
        provider: Provider = self.providers.get(delivery.delivery_type, job.provider.name)
        if job.is_resend and provider.can_ask:
            found = await provider.find(delivery.recipient, delivery.idempotency_key)
            if found:
                return found
        return await provider.send(job.message, delivery.idempotency_key)

    async def _record(self, results: Sequence[Result]) -> list[Job]:
        """Write what came of some calls in one transaction; the jobs that go on with their next provider."""
        now = self.clock()
        outcomes = [self._outcome(result, now) for result in results]
        owned = await self._write(outcomes, now)
        next_jobs = []
        for result, outcome in zip(results, outcomes, strict=True):
            if outcome.change.before.id in owned:
                self._tell(outcome, result.seconds)
                next_jobs += [outcome.next_job] if outcome.next_job else []
        return next_jobs

    def _outcome(self, result: Result, now: datetime) -> Outcome:
        if result.receipt:
            return accepted(result, result.receipt, now)
        error = result.error or Uncertain("uncertain", "neither a receipt nor an error")
        return failed(result, error, now, self.policy, self.sender)

    async def _write(self, outcomes: Sequence[Outcome], now: datetime) -> set[int]:
        for wait in RECORD_AGAIN_AFTER:
            try:
                return await self._write_once(outcomes, now)
            except Exception as error:
                log.warning("delivery.record_failed", error=type(error).__name__, again_after=wait)
            await asyncio.sleep(wait)
        return await self._write_once(outcomes, now)

    async def _write_once(self, outcomes: Sequence[Outcome], now: datetime) -> set[int]:
        async with self.database.begin() as uow:
            owned = await uow.deliveries.write([one.change for one in outcomes])
            for status in TAKEN_FOR_LOST:
                late = [one for one in outcomes if one.change.before.id not in owned and not one.next_job]
                owned |= await uow.deliveries.write([as_lost(one.change, status) for one in late])
            mine = [one for one in outcomes if one.change.before.id in owned]
            await uow.deliveries.add_logs([one.log for one in mine if one.log])
            await self.aftermath.settle(uow, mine, now)
        return owned

    def _tell(self, outcome: Outcome, seconds: float) -> None:
        """Count and log an attempt: ids and codes, never an address or a text."""
        after, entry = outcome.change.after, outcome.log
        if entry is None:
            return
        name = entry.provider_name or ""
        self.observe(after.delivery_type, name, entry.status, seconds)
        say = log.info if outcome.move is None else log.warning
        say(
            "delivery.attempt", delivery_id=after.id, channel=str(after.delivery_type), provider=name,
            outcome=entry.status, status=str(after.status), attempt=entry.attempt, code=entry.error_code,
            ms=round(seconds * 1000),
        )  # fmt: skip


def _is_pending(delivery: Delivery) -> bool:
    return delivery.status is DeliveryStatus.PENDING
