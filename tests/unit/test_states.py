"""The life of a delivery: what follows from each kind of failure, and from reports in any order."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.delivery.states import MOVES, Move, Policy, after_failure, after_report, is_legal
from core.errors import Misconfigured, Refused, RenderError, SendError, Unavailable, Uncertain
from core.model import DeliveryStatus, EventType

S = DeliveryStatus
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ERRORS = (
    Refused("invalid_address", hard=True),
    Refused("mailbox_full"),
    Unavailable("connect"),
    Unavailable("unavailable", maybe_sent=True),
    Unavailable("rate_limited", retry_after=30),
    Uncertain("timeout"),
    Misconfigured("unauthorized"),
    RenderError("a template"),
)


def move(error: SendError | RenderError, *, retries: int = 0, left: bool = False, resent: bool = False) -> Move:
    return after_failure(
        error, retry_count=retries, max_retries=3, route_left=left, resent=resent, now=NOW, policy=Policy()
    )


def test_a_refusal_fails_and_suppresses_only_where_it_is_hard():
    """A full mailbox may have room tomorrow."""
    hard, soft = move(Refused("invalid_address", hard=True), left=True), move(Refused("mailbox_full"), left=True)
    assert (hard.status, hard.suppress, hard.next_provider) == (S.FAILED, True, False)
    assert (soft.status, soft.suppress) == (S.FAILED, False)


def test_the_next_provider_is_tried_at_once():
    """No waiting while somebody else can carry it."""
    found = move(Unavailable("connect"), left=True)
    assert (found.status, found.next_provider, found.retry_count, found.at) == (S.SENDING, True, 0, None)
    assert not found.possible_duplicate


@pytest.mark.parametrize(("retries", "seconds"), [(0, 300), (1, 900), (2, 3600)])
def test_backs_off_5_minutes_15_minutes_and_an_hour(retries: int, seconds: int):
    """As the design has it."""
    found = move(Unavailable("connect"), retries=retries)
    assert (found.status, found.retry_count, found.at) == (S.PENDING, retries + 1, NOW + timedelta(seconds=seconds))


def test_gives_up_after_the_last_retry():
    """A dead letter, for a person to look at."""
    assert move(Unavailable("connect"), retries=3).status is S.FAILED


@pytest.mark.parametrize("retries", [0, 3])
def test_a_named_wait_is_kept_and_uses_up_no_retry(retries: int):
    """The provider is well; it only wants us slower."""
    found = move(Unavailable("rate_limited", retry_after=30), retries=retries)
    assert (found.status, found.at, found.retry_count) == (S.PENDING, NOW + timedelta(seconds=30), retries)


@pytest.mark.parametrize("seconds", [1e12, 1e300, float("inf"), float("nan")])
def test_a_wait_without_end_is_a_day_at_most(seconds: float):
    """A provider's nonsense must not break the batch that it came with."""
    found = move(Unavailable("rate_limited", retry_after=seconds))
    assert found.at
    assert NOW < found.at <= NOW + timedelta(days=1)


def test_a_named_wait_of_nothing_is_still_a_wait():
    """Else we would ask in a circle."""
    found = move(Unavailable("rate_limited", retry_after=0))
    assert found.at
    assert found.at > NOW


def test_a_takeover_of_what_may_have_been_sent_is_counted():
    """500, 502 and 504 fail over too, and it is said that this may be twice."""
    assert move(Unavailable("unavailable", maybe_sent=True), left=True).possible_duplicate


@pytest.mark.parametrize("wait", [None, 7.0])
def test_a_second_try_of_what_may_have_been_sent_is_counted(wait: float | None):
    """However long the provider asks us to wait for it."""
    assert move(Unavailable("unavailable", retry_after=wait, maybe_sent=True)).possible_duplicate
    assert not move(Unavailable("unavailable", retry_after=wait)).possible_duplicate


def test_what_was_perhaps_sent_is_never_given_to_another_provider():
    """It waits for its report, and is sent again once."""
    first, second = move(Uncertain("timeout"), left=True), move(Uncertain("timeout"), left=True, resent=True)
    assert (first.status, first.next_provider, first.at) == (S.UNKNOWN, False, NOW + timedelta(seconds=600))
    assert second.status is S.FAILED


def test_our_own_fault_goes_on_and_alerts():
    """The reader is not to blame and should not wait for us."""
    left, last = move(Misconfigured("unauthorized"), left=True), move(Misconfigured("unauthorized"))
    assert (left.next_provider, left.alert, left.suppress) == (True, True, False)
    assert (last.status, last.alert) == (S.PENDING, True)


def test_what_does_not_render_fails_and_alerts():
    """Trying again would not mend a template."""
    found = move(RenderError("x"), left=True)
    assert (found.status, found.error_code, found.alert) == (S.FAILED, "render", True)


@given(
    error=st.sampled_from(ERRORS),
    retries=st.integers(0, 5),
    left=st.booleans(),
    resent=st.booleans(),
    backoff=st.lists(st.floats(1, 1e5), min_size=1, max_size=5),
)
def test_no_illegal_move_can_come_out(
    error: SendError | RenderError, retries: int, left: bool, resent: bool, backoff: list[float]
):
    """And every move says when and why it goes on."""
    found = after_failure(
        error, retry_count=retries, max_retries=len(backoff), route_left=left, resent=resent, now=NOW,
        policy=Policy(backoff),
    )  # fmt: skip
    assert is_legal(S.SENDING, found.status)
    assert found.error_code
    assert (found.status in (S.PENDING, S.UNKNOWN)) == (found.at is not None)
    assert (found.status is S.PENDING) == (found.hold_reason is not None)
    assert found.next_provider == (found.status is S.SENDING)
    assert not (isinstance(error, Uncertain) and found.next_provider)


def test_every_status_has_its_moves_written_down():
    """A new status can't be forgotten here."""
    assert set(MOVES) == set(S)


def fold(status: S, reports: Iterable[EventType], *, was_accepted: bool = True) -> S:
    for report in reports:
        found = after_report(status, report, was_accepted=was_accepted)
        assert found is None or is_legal(status, found)
        status = found or status
    return status


@pytest.mark.parametrize("start", [S.SENT, S.UNKNOWN])
@pytest.mark.parametrize(
    ("reports", "end"),
    [
        ((EventType.SENT, EventType.DELIVERED, EventType.READ), S.READ),
        ((EventType.DEFERRED, EventType.DELIVERED), S.DELIVERED),
        ((EventType.DELIVERED, EventType.BOUNCED), S.BOUNCED),
        ((EventType.FAILED, EventType.DELIVERED), S.FAILED),
        ((EventType.DELIVERED, EventType.COMPLAINED, EventType.OPENED), S.READ),
    ],
)
def test_reports_lead_to_the_same_end_in_any_order(start: S, reports: tuple[EventType, ...], end: S):
    """Webhooks overtake each other."""
    assert {fold(start, order) for order in permutations(reports)} == {end}


def test_a_report_proves_that_a_dead_letter_arrived():
    """We gave up on an answer that was lost; the message was not."""
    assert fold(S.FAILED, [EventType.DELIVERED], was_accepted=False) is S.DELIVERED


def test_bad_news_of_an_earlier_try_does_not_end_the_next_one():
    """A person has just pressed Retry."""
    assert fold(S.PENDING, [EventType.BOUNCED]) is S.PENDING
    assert fold(S.PENDING, [EventType.DELIVERED]) is S.DELIVERED


@pytest.mark.parametrize("final", [S.CANCELLED, S.EXPIRED, S.SUPPRESSED, S.READ])
@pytest.mark.parametrize("report", list(EventType))
def test_the_end_is_the_end(final: S, report: EventType):
    """No report wakes what is over."""
    assert after_report(final, report, was_accepted=True) is None
