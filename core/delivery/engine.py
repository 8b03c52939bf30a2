"""Sending a batch of leased deliveries: load, gate, render, mark, call the providers at once, record as they answer.

No database session is open while a provider is called. What the process was sending when it died stays `sending`, and
the sweeper turns it into `unknown`.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import structlog

from core.delivery import gate, windows
from core.delivery.aftermath import Aftermath
from core.delivery.attempts import Job, Outcome, Result, Sender, never_tried, pinned
from core.delivery.courtesy import sent_of
from core.delivery.planning import SECURITY
from core.delivery.recording import Observe, Recorder
from core.delivery.selection import route
from core.delivery.states import Policy
from core.errors import Misconfigured, RenderError, SendError, Uncertain
from core.i18n import speaking
from core.model import Channel, Delivery, DeliveryStatus, Message, Outgoing, Receipt
from core.ports import Clock, Database, Provider, Providers, UnitOfWork
from core.rendering.renderer import RenderContext

BATCH = 1000  # more than any batch has
AT_ONCE = {Channel.TELEGRAM: 5}  # of a batch: a chat waits for the shared pace, and should not wait as `sending`
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
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
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
            batch = [one for one in await uow.deliveries.load(delivery_ids) if _is_pending(one.delivery)]
            facts = await self._facts(uow, batch, now)
        ready, stopped = gate.sort(batch, facts, now)
        jobs, untried = await asyncio.to_thread(self._prepare, ready, facts, now)
        await self._recorder().stop(stopped, untried)
        await self._send(jobs)

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
        return gate.Facts(suppressed, await self._mails_left(uow, batch, now), may_write, sent)

    async def _mails_left(self, uow: UnitOfWork, batch: Sequence[Outgoing], now: datetime) -> dict[int, int]:
        users = {one.delivery.user_id for one in batch if gate.is_counted(one) and one.delivery.user_id is not None}
        if self.limits.mails_a_day is None or not users:
            return dict.fromkeys(users, len(batch))
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        sent = await uow.deliveries.mails_since(users, midnight, SECURITY)
        return {user: self.limits.mails_a_day - sent.get(user, 0) for user in users}

    def _prepare(self, ready: Sequence[Outgoing], facts: gate.Facts, now: datetime) -> tuple[list[Job], list[Outcome]]:
        """Render and route; what can't be sent at all is decided here. Runs in a thread: a mail takes milliseconds."""
        jobs, untried = [], []
        for one in ready:
            try:
                jobs.append(self._job(one, facts))
            except (RenderError, SendError) as error:
                untried.append(never_tried(one, error, now, self.policy))
        return jobs, untried

    def _job(self, one: Outgoing, facts: gate.Facts) -> Job:
        only, why = pinned(one.delivery)
        chosen = route(self.providers.candidates(one.delivery.delivery_type), pinned=only, why_pinned=why)
        if not chosen.order:
            raise Misconfigured("no_provider", "; ".join(chosen.reasons))
        first = self.providers.get(one.delivery.delivery_type, chosen.order[0].name)
        may_write = windows.is_open(one.delivery, first, facts.windows)
        message = self._rendered(
            RenderContext(one.notification, one.delivery, one.account, one.view, self.extra, may_write)
        )
        return Job(one, one.delivery, message, chosen, can_ask=first.can_ask)

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
        async with asyncio.TaskGroup() as group:
            calls: dict[asyncio.Task[Result], Channel] = {}
            done: set[asyncio.Task[Result]] = set()
            while calls or waiting:
                if calls:
                    done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
                results = [call.result() for call in done]
                calls = {call: channel for call, channel in calls.items() if call not in done}
                starting = admit(waiting, Counter(calls.values()))
                for job in await recorder.turn(results, starting):
                    call = group.create_task(self._attempt(job), name=f"delivery {job.delivery.id}")
                    calls[call] = job.delivery.delivery_type
                done = set()

    def _recorder(self) -> Recorder:
        return Recorder(self.database, self.clock, self.aftermath, self.sender, self.policy, self.observe)

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


def admit(waiting: deque[Job], flying: Counter[Channel]) -> list[Job]:
    """Take those from the queue whose channel has room beside the calls in flight."""
    admitted: list[Job] = []
    for _ in range(len(waiting)):
        job = waiting.popleft()
        channel = job.delivery.delivery_type
        if flying[channel] < AT_ONCE.get(channel, BATCH):
            admitted.append(job)
            flying[channel] += 1
        else:
            waiting.append(job)
    return admitted


def _is_pending(delivery: Delivery) -> bool:
    return delivery.status is DeliveryStatus.PENDING
