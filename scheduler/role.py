"""The scheduler and worker roles, as the other parts of a process are built and run."""

import asyncio
from collections.abc import Awaitable, Callable

from core.accounts.access import AccessPolicy
from core.accounts.reminders import Reminders
from core.assembly import build_carrier, build_engine
from core.delivery.polling import Poller
from core.parts import Parts
from core.ports import Providers
from core.posts.keeping import Keeping
from core.rendering.workshop import build_texts
from core.routing.building import build_checks, build_weigher
from core.routing.roster import mirror
from scheduler.jobs import Jobs
from scheduler.worker import Background, WorkerOptions, WorkerRole

GRACE = 7.0  # seconds for sends in flight


class Working:
    """Delivers until `stop`, then lets what is in flight finish."""

    def __init__(self, worker: WorkerRole, prepare: Callable[[], Awaitable[None]]) -> None:
        self._worker, self._prepare = worker, prepare
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Deliver."""
        await self._prepare()
        await self._worker.start()
        await self._stopping.wait()
        await self._worker.stop(GRACE)

    def stop(self) -> None:
        """Take nothing new."""
        self._stopping.set()


def build_worker_role(parts: Parts, providers: Providers, listener: Background | None) -> Working:
    """The worker role; `listener` hears of what other processes queue."""
    ours = parts.settings
    engine, sweeper = build_engine(parts, providers)
    poller = Poller(parts.database, providers, engine.aftermath, parts.clock)
    beside: list[Background] = [poller, *([listener] if listener else [])]
    options = WorkerOptions(parts.name, ours.lease_seconds, ours.worker_concurrency, parts.is_alone)
    worker = WorkerRole(engine, parts.database, parts.clock, sweeper, options, wake=parts.wake, beside=beside)
    return Working(worker, lambda: mirror(parts.database, providers, parts.clock()))


def build_jobs(parts: Parts, providers: Providers) -> Jobs:
    """The use cases that periodic jobs call."""
    ours, database, clock = parts.settings, parts.database, parts.clock
    policy = AccessPolicy.made_of(ours.access, ours.access_list, ours.admin_telegram_ids)
    reminders, keeping = Reminders(database, clock, parts.keys, policy), Keeping(database, clock, parts.keys)
    _, approvals = build_texts(ours, parts.keys, database, clock, parts.book, parts.extra)
    return Jobs(
        database, clock, reminders, keeping, *build_carrier(parts, policy), approvals, ours.currency,
        build_checks(parts, providers), build_weigher(parts),
    )  # fmt: skip
