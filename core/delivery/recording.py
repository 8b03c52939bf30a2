"""Writing down what became of provider calls, and marking what is called next: one short transaction for each turn."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.delivery.aftermath import Aftermath
from core.delivery.attempts import Job, Outcome, Result, Sender, Wait, accepted, as_lost, failed, held
from core.delivery.states import Policy, goes_on
from core.delivery.together import Together
from core.errors import Uncertain
from core.model import Change, Channel, Delivery, DeliveryStatus
from core.ports import Clock, Database
from core.routing.router import Router
from core.routing.watch import Judged, Move, Watch, as_one

Observe = Callable[[Channel, str, str, float], None]  # channel, provider, outcome, seconds
# What the sweeper makes of a sender that was away for too long. With the same attempts nobody has tried since, and the
# late sender knows what became of it.
TAKEN_FOR_LOST = (DeliveryStatus.UNKNOWN, DeliveryStatus.PENDING)
# Seconds between tries to write down what became of calls: a database that restarts must not cost a receipt, for what
# was known to be sent would be sent again. About a lease in all; a receipt that comes later still counts as late.
AGAIN_AFTER = (0.2, 1.0, 2.0, *(4.0,) * 15)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Turn:
    """What is written together: results, each with the job that goes on; jobs that start; deliveries that wait."""

    results: Sequence[tuple[Result, Job | None]]
    starting: Sequence[Job]
    held: Sequence[tuple[Delivery, Wait]]
    judged: Judged

    @property
    def deliveries(self) -> set[int]:
        """Whom it is about, by their ids."""
        about = [*(result.job.delivery for result, _ in self.results), *(job.delivery for job in self.starting)]
        return {one.id for one in (*about, *(delivery for delivery, _ in self.held))}

    @property
    def jobs(self) -> list[Job]:
        """Whose call was prepared."""
        return [*self.starting, *(onward for _, onward in self.results if onward)]


Turns = Together[Turn, list[Job]]


def apart(turns: Sequence[Turn]) -> list[list[Turn]]:
    """The turns in their order, in groups within which no delivery stands twice."""
    groups: list[list[Turn]] = []
    seen: set[int] = set()
    for turn in turns:
        if not groups or seen & turn.deliveries:
            groups.append([])
            seen = set()
        groups[-1].append(turn)
        seen |= turn.deliveries
    return groups


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes only what this sender still owns."""

    database: Database
    clock: Clock
    aftermath: Aftermath
    sender: Sender
    policy: Policy
    observe: Observe
    router: Router
    watch: Watch
    turns: Turns

    async def stop(self, stopped: Sequence[tuple[Delivery, Delivery]], untried: Sequence[Outcome]) -> None:
        """Write what is not sent at all: held or ended at the gate, and what could not be handed to any provider."""
        if not (stopped or untried):
            return
        now = self.clock()
        changes = [Change(before, after) for before, after in stopped]
        judged = self.watch.judge([], now)
        async with self.database.begin() as uow:
            owned = await uow.deliveries.write([*changes, *(one.change for one in untried)])
            mine = [one for one in untried if one.change.before.id in owned]
            await uow.deliveries.add_logs([one.log for one in mine if one.log])
            await self.aftermath.settle(uow, mine, now)
            moves = await self.watch.write(uow, judged, now)
        self.watch.learn(judged, moves)
        for one in mine:
            self._tell(one, 0)

    async def turn(self, results: Sequence[Result], starting: Sequence[Job]) -> list[Job]:
        """Write what came of some calls and mark those that start now; the jobs to be called: those that start and are
        ours, and those that go on with their next provider.

        What other batches have to write at this moment goes into the same transaction. Where that fails, each writes
        its own: what can't be written of one batch is no other's trouble. A database that is away is waited for."""
        turn = await self._considered(results, starting)
        try:
            return await self.turns.write(turn, self._write_all)
        except Exception as error:
            failed: Exception = error
        for wait in AGAIN_AFTER:
            log.warning("delivery.record_failed", error=type(failed).__name__, again_after=wait)
            await asyncio.sleep(wait)
            try:
                return (await self._write_all([turn]))[0]
            except Exception as error:
                failed = error
        raise failed

    async def _considered(self, results: Sequence[Result], starting: Sequence[Job]) -> Turn:
        """What is written, however often that takes: turns of providers are taken and calls counted once."""
        judged = self.watch.judge(results, self.clock())
        onward = [await self._onward(result) for result in results]
        boarded = [(job, await self.router.board(job, job.step)) for job in starting]
        return Turn(
            list(zip(results, onward, strict=True)),
            [on for _, on in boarded if isinstance(on, Job)],
            [(job.delivery, on) for job, on in boarded if isinstance(on, Wait)],
            judged,
        )

    async def _onward(self, result: Result) -> Job | None:
        """The next provider that can take what this one could not."""
        job = result.job
        if result.error is None or not goes_on(result.error) or not job.route_left:
            return None
        on = await self.router.board(job, job.step + 1)
        return on if isinstance(on, Job) else None

    async def _write_all(self, turns: Sequence[Turn]) -> list[list[Job]]:
        """The jobs to be called of each turn. Two turns about the same delivery are written one after the other: by
        one statement both would seem to own it."""
        jobs: list[list[Job]] = []
        for group in apart(turns):
            jobs += await self._write_group(group)
        return jobs

    async def _write_group(self, turns: Sequence[Turn]) -> list[list[Job]]:
        """In one transaction."""
        now = self.clock()
        results = [one for turn in turns for one in turn.results]
        outcomes = [self._outcome(result, onward, now) for result, onward in results]
        started = [self.sender.started(job, now) for turn in turns for job in turn.starting]
        waiting = [Change(before, held(before, hold, now)) for turn in turns for before, hold in turn.held]
        marks = [*(change for _, change in started), *waiting]
        judged = as_one([turn.judged for turn in turns])
        owned, moves = await self._write(outcomes, marks, judged, now)
        self.watch.learn(judged, moves)
        going = {job.delivery.id: job for job, _ in started if job.delivery.id in owned}
        for (result, _), outcome in zip(results, outcomes, strict=True):
            if outcome.change.before.id in owned:
                self._tell(outcome, result.seconds)
                if outcome.next_job:
                    going[outcome.next_job.delivery.id] = outcome.next_job
        return [self._settled(turn, going) for turn in turns]

    def _settled(self, turn: Turn, going: Mapping[int, Job]) -> list[Job]:
        """Those of a turn that are called."""
        jobs = [going[job.delivery.id] for job in turn.jobs if job.delivery.id in going]
        self.router.settle(turn.jobs, jobs, [result for result, _ in turn.results])
        return jobs

    def _outcome(self, result: Result, onward: Job | None, now: datetime) -> Outcome:
        if result.receipt:
            return accepted(result, result.receipt, now)
        error = result.error or Uncertain("uncertain", "neither a receipt nor an error")
        return failed(result, error, now, self.policy, self.sender, onward)

    async def _write(
        self, outcomes: Sequence[Outcome], marks: Sequence[Change], judged: Judged, now: datetime
    ) -> tuple[set[int], list[Move]]:
        async with self.database.begin() as uow:
            owned = await uow.deliveries.write([*(one.change for one in outcomes), *marks])
            for status in TAKEN_FOR_LOST:
                late = [one for one in outcomes if one.change.before.id not in owned and not one.next_job]
                owned |= await uow.deliveries.write([as_lost(one.change, status) for one in late])
            mine = [one for one in outcomes if one.change.before.id in owned]
            await uow.deliveries.add_logs([one.log for one in mine if one.log])
            await self.aftermath.settle(uow, mine, now)
            moves = await self.watch.write(uow, judged, now)
        return owned, moves

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
