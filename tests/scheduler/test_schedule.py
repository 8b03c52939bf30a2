"""Periodic work: ticks begin it, a stop waits for it, a failure does not end it."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from core.model import Channel, TemplateId
from core.updates import incoming
from scheduler.jobs import Jobs
from scheduler.schedule import Periodic, Schedule, periodic_jobs
from tests.accounts import an_account, saved
from tests.templates import a_text_desk


async def until(check: Any, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not check():  # noqa: ASYNC110 - the conditions are lists
            await asyncio.sleep(0.005)


class Work:
    """Counts its runs; `gate` holds them, `fails` makes them raise."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.gate: asyncio.Event | None = None
        self.fails = False

    async def __call__(self) -> None:
        self.begun += 1
        if self.gate:
            await self.gate.wait()
        if self.fails:
            raise ConnectionError
        self.ended += 1


@pytest.fixture
def work() -> Work:
    return Work()


async def test_a_job_runs_at_once_and_then_at_its_interval(work):
    """After downtime nothing waits for the first interval to pass."""
    schedule = Schedule((Periodic("work", 0.05, work),))
    running = asyncio.create_task(schedule.run())
    await until(lambda: work.ended >= 3)
    schedule.stop()
    await running


async def test_a_slow_job_is_not_begun_a_second_time(work):
    """The next tick finds it at work and passes over it."""
    work.gate = asyncio.Event()
    schedule = Schedule((Periodic("work", 0.02, work),))
    running = asyncio.create_task(schedule.run())
    await until(lambda: work.begun == 1)
    await asyncio.sleep(0.15)
    assert work.begun == 1
    work.gate.set()
    await until(lambda: work.ended >= 2)
    schedule.stop()
    await running


async def test_stopping_waits_for_a_job_in_the_middle(work):
    """APScheduler would cancel it: a reminder half queued."""
    work.gate = asyncio.Event()
    schedule = Schedule((Periodic("work", 60, work),))
    running = asyncio.create_task(schedule.run())
    await until(lambda: work.begun == 1)
    schedule.stop()
    await asyncio.sleep(0.05)
    assert not running.done()
    work.gate.set()
    await running
    assert work.ended == 1


async def test_a_failure_is_tried_again_by_the_next_run(work):
    """The database was away for a moment."""
    work.fails = True
    schedule = Schedule((Periodic("work", 0.02, work),))
    running = asyncio.create_task(schedule.run())
    await until(lambda: work.begun >= 2)
    work.fails = False
    await until(lambda: work.ended >= 1)
    schedule.stop()
    await running


async def test_the_table_runs_the_use_cases_with_the_time(database, clock):
    """Thin: what is due is theirs to know."""
    seen: list[tuple[str, Any]] = []

    async def run_due(now: Any) -> None:
        seen.append(("reminders", now))

    async def send_kept(now: Any) -> None:
        seen.append(("kept posts", now))

    async def run() -> None:
        seen.append(("batches", None))

    async def begin() -> None:
        seen.append(("old records", None))

    jobs = Jobs(
        database, clock, SimpleNamespace(run_due=run_due), SimpleNamespace(send_kept=send_kept),
        SimpleNamespace(run=run), SimpleNamespace(begin=begin),
    )  # fmt: skip
    for job in periodic_jobs(jobs):
        await job.run()
    assert seen == [("reminders", clock.now), ("kept posts", clock.now), ("batches", None), ("old records", None)]


async def test_cleaning_up_keeps_what_is_young_or_unhandled(any_database, clock):
    """A week of updates, a month of dialogues."""
    async with any_database.begin() as uow:
        await uow.updates.add([incoming({"update_id": number}) for number in (1, 2, 3)], clock())
        await uow.updates.finish([1], clock() - timedelta(days=8))
        await uow.updates.finish([2], clock() - timedelta(days=6))
        await uow.dialogues.put("old", clock() - timedelta(days=31), state="asked")
        await uow.dialogues.put("young", clock(), state="asked")
    jobs = Jobs(any_database, clock, SimpleNamespace(), SimpleNamespace(), None, None)
    await jobs.clean_up()
    async with any_database.begin() as uow:
        assert await uow.dialogues.get("old") == (None, {})
        assert await uow.dialogues.get("young") == ("asked", {})
        assert await uow.updates.add([incoming({"update_id": number}) for number in (1, 2, 3)], clock()) == {1}


async def test_texts_are_looked_after_by_the_hour(database, clock, keys):
    """The product's own WhatsApp template is there after the first run, and what was handed in is asked about."""
    texts = a_text_desk(database, clock, keys, await saved(database, an_account()))
    reminder = TemplateId("reminder", Channel.WHATSAPP, "en")
    await texts.approvals.submit(texts.admin, reminder)
    jobs = Jobs(database, clock, SimpleNamespace(), SimpleNamespace(), None, None, template_approvals=texts.approvals)
    (job,) = [job for job in periodic_jobs(jobs) if job.name == "templates"]
    await job.run()
    assert job.seconds == 3600
    states = await texts.editor.states()
    assert {one.key for one in states} == {"reminder", "rsvp_invitation"}
    assert states[reminder].approval_status == "pending"
