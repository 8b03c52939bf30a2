"""Sending a batch of leased deliveries: load, gate, render, mark, call the providers at once, record as they answer.

No database session is open while a provider is called. What the process was sending when it died stays `sending`, and
the sweeper turns it into `unknown`.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import structlog

from core.delivery import gate, windows
from core.delivery.aftermath import Aftermath
from core.delivery.asking import asked
from core.delivery.attempts import Job, Outcome, Result, Sender, Wait, held, never_tried
from core.delivery.calls import Calls, admit
from core.delivery.courtesy import sent_of
from core.delivery.places import Places
from core.delivery.planning import SECURITY
from core.delivery.polling import first_poll
from core.delivery.recording import Observe, Recorder, Turns
from core.delivery.states import Policy
from core.errors import Misconfigured, Refused, RenderError, SendError, Unavailable, Uncertain
from core.i18n import speaking
from core.model import Channel, Delivery, DeliveryStatus, Message, Outgoing, Receipt
from core.ports import Clock, Database, Providers, UnitOfWork
from core.rendering.renderer import RenderContext
from core.rendering.segments import segments_of
from core.routing.regions import region_of
from core.routing.router import Router
from core.routing.selection import ALL_BLOCKED, Route
from core.routing.watch import Watch

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """`call_seconds`: how long one provider call may take before it counts as uncertain; `mails_a_day` for each user,
    None without a limit."""

    call_seconds: float = 50
    mails_a_day: int | None = None


async def nothing() -> None:
    """All is up to date already."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Carries deliveries out. `render` may run in a thread; `extra` is handed to it with every delivery. `keep_fresh`
    brings up to date what it reads, before each batch."""

    database: Database
    providers: Providers
    render: Callable[[RenderContext], Message]
    clock: Clock
    aftermath: Aftermath
    sender: Sender
    router: Router
    watch: Watch
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    places: Places = field(default_factory=Places)
    turns: Turns = field(default_factory=Turns)
    extra: Mapping[str, Any] = field(default_factory=dict)
    observe: Observe = lambda channel, provider, outcome, seconds: None
    keep_fresh: Callable[[], Awaitable[None]] = nothing

    async def run(self, delivery_ids: Sequence[int]) -> None:
        """Make one attempt at each of these pending deliveries, along its route; returns when all are recorded.

        Deliveries that somebody else has taken meanwhile are left alone.
        """
        now = self.clock()
        await self.keep_fresh()
        async with self.database.read() as uow:
            await self.router.refresh(uow, now)
            batch = [one for one in await uow.deliveries.load(delivery_ids) if _is_pending(one.delivery)]
            facts = await self._facts(uow, batch, now)
        ready, stopped = gate.sort(batch, facts, now)
        prepared = await asyncio.to_thread(self._prepare, ready, facts, now)
        waiting = [(one.delivery, held(one.delivery, hold, now)) for one, hold in prepared.held]
        await self._recorder().stop([*stopped, *waiting], prepared.untried)
        await self._send(prepared.jobs)

    async def _facts(self, uow: UnitOfWork, batch: Sequence[Outgoing], now: datetime) -> gate.Facts:
        hashes: dict[tuple[str, str], tuple[str, str]] = {}
        for one in batch:
            channel, address = one.delivery.delivery_type, one.delivery.recipient
            hashes[channel, self.aftermath.keys.address_hash(channel, address)] = (channel, address)
        scopes = await uow.suppressions.scopes(hashes.keys())
        suppressed = {(*hashes[key[0], key[1]], key[2]): reason for key, reason in scopes.items() if key[:2] in hashes}
        phones = windows.held_to_it(hashes)
        last_words = await uow.inbound.last_words(phones) if phones else {}
        may_write = windows.open_windows(hashes, last_words, now)
        sent = await sent_of(uow, batch, now)
        batches = {one.delivery.batch_id or 0 for one in batch if gate.is_of_a_batch(one.delivery)}
        stopped = await uow.batches.stopped(batches) if batches else {}
        return gate.Facts(suppressed, await self._mails_left(uow, batch, now), may_write, sent, stopped)

    async def _mails_left(self, uow: UnitOfWork, batch: Sequence[Outgoing], now: datetime) -> dict[int, int]:
        users = {one.delivery.user_id for one in batch if gate.is_counted(one) and one.delivery.user_id is not None}
        if self.limits.mails_a_day is None or not users:
            return dict.fromkeys(users, len(batch))
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        sent = await uow.deliveries.mails_since(users, midnight, SECURITY)
        return {user: self.limits.mails_a_day - sent.get(user, 0) for user in users}

    def _prepare(self, ready: Sequence[Outgoing], facts: gate.Facts, now: datetime) -> "Prepared":
        """Route and render; what can't be sent, or not yet, is decided here. Runs in a thread: a mail takes
        milliseconds."""
        found, routes = Prepared(), self.router.batch(now)
        for one in ready:
            try:
                chosen = usable(routes.route(one))
                if isinstance(chosen, Wait):
                    found.held.append((one, chosen))
                else:
                    found.jobs.append(self._job(one, chosen, facts))
            except (RenderError, SendError) as error:
                found.untried.append(never_tried(one, error, now, self.policy))
        return found

    def _job(self, one: Outgoing, chosen: Route, facts: gate.Facts) -> Job:
        delivery = one.delivery
        first = self.providers.get(delivery.delivery_type, chosen.order[0].name)
        may_write = windows.is_open(delivery, first, facts.windows)
        message = self._rendered(
            RenderContext(one.notification, delivery, one.account, one.view, self.extra, may_write)
        )
        is_sms = delivery.delivery_type is Channel.SMS
        return Job(
            one, delivery, message, chosen,
            can_ask=first.can_ask or (first.can_poll and delivery.provider_message_id is not None),
            region=region_of(delivery.delivery_type, delivery.recipient),
            segments=segments_of(message.text).count if is_sms else None,
        )  # fmt: skip

    def _rendered(self, context: RenderContext) -> Message:
        """In the reader's language. A template can fail in any way; each is its own fault, never the batch's. What no
        provider could carry is refused before any is asked."""
        try:
            with speaking(context.account.preferences.language if context.account else "en"):
                return self.render(context)
        except (RenderError, SendError):
            raise
        except Exception as error:
            log.exception("delivery.render_broke", delivery_id=context.delivery.id, kind=str(context.notification.kind))
            raise RenderError(f"{context.notification.kind}: {type(error).__name__}") from error

    async def _send(self, jobs: Sequence[Job]) -> None:
        """Call the providers of many jobs at once; record together what finished together, go on along the routes."""
        waiting, recorder = deque(jobs), self._recorder()
        calls = Calls(self.places)
        try:
            async with asyncio.TaskGroup() as group:
                while waiting or calls.flying:
                    results = await calls.finished()
                    starting = admit(waiting, calls)
                    if not (results or starting or calls.flying):
                        await self.places.freed()
                        continue
                    going = await recorder.turn(results, starting)
                    calls.start(starting, going)
                    for job in going:
                        group.create_task(self._call(job, calls), name=f"delivery {job.delivery.id}")
        finally:
            calls.give_up()

    async def _call(self, job: Job, calls: Calls) -> None:
        calls.done.put_nowait(await self._attempt(job))

    def _recorder(self) -> Recorder:
        return Recorder(
            self.database, self.clock, self.aftermath, self.sender, self.policy, self.observe, self.router, self.watch,
            self.turns,
        )  # fmt: skip

    async def _attempt(self, job: Job) -> Result:
        """One provider call. Whatever goes wrong in it is a result: an exception we don't know is uncertain."""
        began = monotonic()
        provider = self.providers.get(job.channel, job.provider.name)
        receipt: Receipt | None = None
        error: SendError | None = None
        is_asking = job.is_resend
        try:
            async with asyncio.timeout(self.limits.call_seconds):
                receipt = await asked(provider, job) if is_asking else None
                is_asking = receipt is not None
                receipt = receipt or await provider.send(job.message, job.delivery.idempotency_key)
        except SendError as raised:
            error = raised
        except TimeoutError:
            error = Uncertain("timeout")
        except Exception as raised:
            log.exception("delivery.adapter_broke", delivery_id=job.delivery.id, provider=job.provider.name)
            error = Uncertain("uncertain", type(raised).__name__)
        if is_asking and isinstance(error, Uncertain):
            error = Unavailable(error.code, error.detail)  # nothing was sent: it can be asked again
        waits = receipt is not None and receipt.status is DeliveryStatus.SENT
        poll_at = first_poll(provider, self.clock()) if waits else None
        return Result(job, receipt, error, monotonic() - began, is_asking, poll_at)


@dataclass(slots=True)
class Prepared:
    """A batch before its first call: jobs to be called, deliveries that nobody can carry yet, and those that can't be
    sent at all."""

    jobs: list[Job] = field(default_factory=list)
    held: list[tuple[Outgoing, Wait]] = field(default_factory=list)
    untried: list[Outcome] = field(default_factory=list)


def usable(chosen: Route) -> Route | Wait:
    """A route with somebody on it, or until when to wait for one; raises a `SendError` where that is of no use."""
    if chosen.order:
        return chosen
    if chosen.until and chosen.hold_reason:
        return Wait(chosen.until, chosen.hold_reason, chosen)
    words = "; ".join(chosen.reasons)
    raise Refused(chosen.code, words) if chosen.code == ALL_BLOCKED else Misconfigured(chosen.code, words)


def _is_pending(delivery: Delivery) -> bool:
    return delivery.status is DeliveryStatus.PENDING
