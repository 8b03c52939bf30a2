"""How a batch is going: pure decisions."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from core.accounts.access import AccessPolicy
from core.batches import judging
from core.batches.audience import SEGMENTS, audience_of
from core.batches.batches import split_title
from core.batches.judging import BACKLOG, FAILED_SHARE, TRIED
from core.model import Batch, BatchStatus, BatchType, DeliveryStatus, Tally
from tests.conftest import NOW

S = DeliveryStatus
SECOND = timedelta(seconds=1)


def a_batch(**values: Any) -> Batch:
    common = {"status": BatchStatus.RUNNING, "config": {"upto": 10}, "updated_at": NOW}
    return Batch("b", "Hello", BatchType.BROADCAST, NOW, **common | values)


def test_there_is_room_for_as_many_as_may_wait():
    """Readers who sleep, and what is parked, wait for nobody here; what a provider holds up does."""
    held = {"quiet_hours": 300, "batch_paused": 50, "circuit_open": 40}
    tally = Tally({S.PENDING: 500, S.SENT: 9999}, held)
    assert judging.waiting(tally) == 500 - 350
    assert judging.room(tally) == BACKLOG - 150
    assert judging.room(Tally({S.PENDING: BACKLOG + 7})) == 0


@pytest.mark.parametrize(
    ("good", "bad", "is_too_often"),
    [(40, 10, False), (39, 11, True), (0, TRIED - 1, False), (0, TRIED, True), (8000, 2000, False), (7999, 2001, True)],
)
def test_more_than_a_fifth_of_at_least_fifty_is_too_often(good: int, bad: int, is_too_often: bool):
    """Fewer prove nothing."""
    assert FAILED_SHARE == 0.2
    tally = Tally({S.SENT: good, S.BOUNCED: bad, S.SUPPRESSED: 999, S.PENDING: 999})
    assert judging.fails_too_often(a_batch(), tally) is is_too_often


def test_what_was_seen_before_a_resume_counts_no_more():
    """Also where one of those that were sent has come back since."""
    resumed = a_batch(config={"upto": 10, "judged_from": [40, 60]})
    assert judging.tried(resumed, Tally({S.SENT: 39, S.FAILED: 61})) == (0, 1)
    assert not judging.fails_too_often(resumed, Tally({S.SENT: 79, S.FAILED: 69}))
    assert judging.fails_too_often(resumed, Tally({S.SENT: 79, S.FAILED: 71}))


def test_it_is_done_when_all_are_made_and_none_is_open():
    """Perhaps sent is not at its end."""
    made = a_batch(cursor=10)
    assert judging.is_done(made, Tally({S.SENT: 3, S.FAILED: 1, S.CANCELLED: 1}))
    assert not judging.is_done(a_batch(cursor=9), Tally({S.SENT: 3}))
    for status in (S.PENDING, S.SENDING, S.UNKNOWN):
        assert not judging.is_done(made, Tally({S.SENT: 3, status: 1}))


def test_the_rate_follows_what_came_to_its_end_a_second():
    """Half of it is what it was before; a batch that stands still goes to zero."""
    batch = a_batch(tally=asdict(Tally({S.SENT: 100}, {}, 10.0)))
    faster = judging.rated(batch, Tally({S.SENT: 180, S.FAILED: 20}), NOW + 5 * SECOND)
    assert faster.rate == (10 + 100 / 5) / 2
    assert judging.rated(batch, Tally({S.SENT: 100}), NOW + SECOND).rate == 5.0
    assert judging.rated(batch, Tally({S.SENT: 100}), NOW).rate == 10.0
    assert judging.rated(replace(batch, status=BatchStatus.PAUSED), Tally({S.SENT: 180}), NOW + SECOND).rate == 0.0


@pytest.mark.parametrize(
    ("values", "statuses", "seconds"),
    [
        ({"cursor": 5}, {S.SENT: 5}, 1),  # there is more to make
        ({"cursor": 10, "updated_at": NOW - 40 * SECOND}, {S.PENDING: 5}, 10),  # nothing moves
        ({"cursor": 10, "updated_at": NOW - 999 * SECOND}, {S.PENDING: 5}, 30),
        ({"status": BatchStatus.PAUSED}, {S.PENDING: 5}, 1),  # a worker has them in hand
        ({"status": BatchStatus.PAUSED}, {S.SENT: 5}, None),
        ({"status": BatchStatus.CANCELLED}, {S.SENDING: 1}, 1),
        ({"status": BatchStatus.CANCELLED}, {S.CANCELLED: 1}, None),
        ({"status": BatchStatus.COMPLETED, "completed_at": NOW - 60 * SECOND}, {S.SENT: 1}, 15),
        ({"status": BatchStatus.COMPLETED, "completed_at": NOW - 601 * SECOND}, {S.SENT: 1}, None),
        ({"status": BatchStatus.FAILED, "completed_at": None}, {}, None),
    ],
)
def test_when_to_look_again(values: dict[str, Any], statuses: dict[str, int], seconds: int | None):
    """Soon where something moves, later where nothing does, never where nothing can."""
    at = judging.next_look(a_batch(**values), Tally(statuses), NOW)
    assert at == (None if seconds is None else NOW + seconds * SECOND)


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        ("Tonight\nWe move.", "Tonight", "We move."),
        ("  Tonight \n\n We move.\nAll of us. ", "Tonight", "We move.\nAll of us."),
        ("We move tonight.", "", "We move tonight."),
        ("x" * 101 + "\nrest", "", "x" * 101 + "\nrest"),
        ("Tonight\n  \n", "", "Tonight"),
    ],
)
def test_a_short_first_line_is_the_title(text: str, title: str, rest: str):
    """Where something follows it."""
    assert split_title(text) == (title, rest)


def test_a_segment_that_does_not_exist_is_an_error():
    """Never everybody by mistake."""
    for segment in SEGMENTS:
        audience_of(segment, AccessPolicy(), NOW)
    with pytest.raises(LookupError):
        audience_of("nobody", AccessPolicy(), NOW)
