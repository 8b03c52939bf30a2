"""How a batch is going, and what follows from it. Pure.

Recipients get their deliveries chunk by chunk, and no more of them than the workers keep up with: what is not made yet
can be cancelled for nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from core.delivery.planning import DAILY_LIMIT, FREQUENCY_CAP, QUIET_HOURS, SCHEDULED
from core.model import BATCH_PAUSED, Batch, BatchStatus, DeliveryStatus, Tally

CHUNK, SMALLEST = 100, 50  # recipients
BACKLOG = 1000  # deliveries that wait for a worker; beyond that nothing is made
TRIED, FAILED_SHARE = 50, 0.2  # after so many tries a greater share of failures stops the batch
OF_THE_READER = {QUIET_HOURS, SCHEDULED, DAILY_LIMIT, FREQUENCY_CAP}  # holds that say nothing about the workers
SOON, LATE = 1.0, 30.0  # seconds between two looks at a batch
REPORTS_FOR, AFTER_THE_END = timedelta(minutes=10), 15.0  # how long reports are still counted, and how often


def waiting(tally: Tally) -> int:
    """How many wait for a worker or a provider."""
    apart = sum(count for reason, count in tally.holds.items() if reason in OF_THE_READER or reason == BATCH_PAUSED)
    return tally.of(DeliveryStatus.PENDING) - apart


def room(tally: Tally) -> int:
    """How many more may wait."""
    return max(0, BACKLOG - waiting(tally))


def fails_too_often(batch: Batch, tally: Tally) -> bool:
    """Whether too many fail: counted from where a person let it go on, if it was stopped before."""
    good, bad = tried(batch, tally)
    return good + bad >= TRIED and bad > FAILED_SHARE * (good + bad)


def tried(batch: Batch, tally: Tally) -> tuple[int, int]:
    """How many were accepted and how many failed since it was let go on."""
    good, bad = batch.config.get("judged_from", (0, 0))
    return max(0, tally.accepted - good), max(0, tally.failed - bad)


def is_done(batch: Batch, tally: Tally) -> bool:
    """Whether everybody's deliveries are made and at their end."""
    return batch.is_made and tally.open == 0


def rated(batch: Batch, tally: Tally, now: datetime) -> Tally:
    """The tally with how many came to their end a second of late: half of it what it was before."""
    before = batch.counts
    seconds = (now - (batch.updated_at or batch.created_at)).total_seconds()
    if batch.status is not BatchStatus.RUNNING or seconds <= 0:
        return replace(tally, rate=before.rate if batch.status is BatchStatus.RUNNING else 0.0)
    rate = (before.rate + max(0, tally.settled - before.settled) / seconds) / 2
    return replace(tally, rate=round(rate, 1))


def next_look(batch: Batch, tally: Tally, now: datetime) -> datetime | None:
    """When to look again; None where nothing can happen any more. A batch in which nothing moves, for all of its
    readers sleep, is looked at less and less often."""
    if batch.status in (BatchStatus.COMPLETED, BatchStatus.FAILED):
        is_fresh = batch.completed_at is not None and now - batch.completed_at < REPORTS_FOR
        return now + timedelta(seconds=AFTER_THE_END) if is_fresh else None
    if batch.status is BatchStatus.CANCELLED and not tally.open:
        return None
    if batch.status is BatchStatus.PAUSED and not (tally.in_flight or waiting(tally)):
        return None
    still = (now - (batch.updated_at or now)).total_seconds() / 4
    moves = batch.status is BatchStatus.RUNNING and not batch.is_made
    return now + timedelta(seconds=SOON if moves else min(max(SOON, still), LATE))
