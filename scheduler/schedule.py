"""Every periodic job in one table, and the scheduler that ticks for them.

APScheduler only ticks: what is due stands in our rows. It would cancel its jobs at shutdown, so a tick only begins the
work, and the work is a task of our own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.jobs import Jobs

GRACE = 5.0  # seconds for jobs under way
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job, and how many seconds lie between two of its runs."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[None]]


def periodic_jobs(jobs: Jobs) -> tuple[Periodic, ...]:
    """All of them. Deliveries are swept by every worker, so that a worker needs no scheduler."""
    return (
        Periodic("reminders", 15, jobs.remind),
        Periodic("kept posts", 15, jobs.send_kept),
        Periodic("clean up", 3600, jobs.clean_up),
        Periodic("provider checks", jobs.checks.every if jobs.checks else 60, jobs.check_providers),
        Periodic("provider weights", 60, jobs.weigh_providers),
        Periodic("templates", 3600, jobs.look_after_templates),
        Periodic("batches", 1, jobs.carry_batches),
        Periodic("costs", 1800, jobs.roll_up_costs),  # well before the records of a day are old
        Periodic("old records", 3600, jobs.clean_old),  # once a day, as its key says
    )


class Schedule:
    """The scheduler role. Each job runs at once when it starts, and never twice at the same time."""

    def __init__(self, table: tuple[Periodic, ...]) -> None:
        self._table = table
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopped = asyncio.Event()

    def start(self) -> None:
        """Begin to tick."""
        for job in self._table:
            self._scheduler.add_job(
                self._tick,
                IntervalTrigger(seconds=job.seconds, timezone=UTC),
                args=[job],
                id=job.name,
                next_run_time=datetime.now(UTC),
                misfire_grace_time=None,  # the default forgets what is a second late
                coalesce=True,
                max_instances=1,
            )
        self._scheduler.start()

    async def run(self) -> None:
        """Tick until `stop`, then let jobs under way finish."""
        self.start()
        await self._stopped.wait()
        self._scheduler.shutdown(wait=False)
        if self._running:
            _, late = await asyncio.wait(set(self._running.values()), timeout=GRACE)
            for task in late:
                task.cancel()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped.set()

    async def _tick(self, job: Periodic) -> None:
        if job.name not in self._running and not self._stopped.is_set():
            task = asyncio.create_task(self._run(job), name=f"job {job.name}")
            self._running[job.name] = task

    async def _run(self, job: Periodic) -> None:
        try:
            await job.run()
        except Exception as error:
            log.error("job failed, its next run tries again", job=job.name, exc_info=error)
        finally:
            del self._running[job.name]
