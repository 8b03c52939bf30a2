"""From a kind and the preferences to planned deliveries."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from core.delivery.choosing import fallbacks
from core.delivery.planning import Planned, addresses_of, next_day, plan
from core.model import Account, Channel, DeliveryStatus, Kind
from tests.accounts import an_account
from tests.conftest import NOW

TELEGRAM, EMAIL, IN_APP = Channel.TELEGRAM, Channel.EMAIL, Channel.IN_APP
NO_MAIL = {"receive_email_notifications": False}
NO_CHAT = {"receive_telegram_notifications": False}


def planned(kind: Kind, account: Account, **values: Any) -> list[Planned]:
    return plan(kind, account, now=NOW, **values)


def channels(kind: Kind, **changes: Any) -> list[Channel]:
    return [one.channel for one in planned(kind, an_account(**changes))]


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (Kind.DRAFT, {}, [TELEGRAM, EMAIL]),
        (Kind.DRAFT, NO_CHAT, [TELEGRAM, EMAIL]),  # the card is the answer in the chat, whatever is switched off
        (Kind.DRAFT, NO_MAIL, [TELEGRAM]),
        (Kind.DRAFT, {"email": None}, [TELEGRAM]),
        (Kind.DRAFT, {"telegram_id": None} | NO_MAIL, [EMAIL]),
        (Kind.APPROVED, {}, [EMAIL]),
        (Kind.APPROVED, NO_MAIL, []),
        (Kind.APPROVED, {"email": None}, []),
        (Kind.KEPT, {}, [TELEGRAM]),
        (Kind.KEPT, NO_CHAT, [EMAIL]),
        (Kind.KEPT, NO_CHAT | {"email": None}, [IN_APP]),
        (Kind.KEPT, {"blocked_at": NOW}, [EMAIL]),
        (Kind.REMINDER, {}, [TELEGRAM]),
        (Kind.REMINDER, {"daily_reminder_channel": EMAIL}, [EMAIL]),
        (Kind.REMINDER, {"daily_reminder_channel": EMAIL} | NO_MAIL, [TELEGRAM]),
        (Kind.REMINDER, NO_CHAT | NO_MAIL, [IN_APP]),
        (Kind.REMINDER, {"blocked_at": NOW} | NO_MAIL, [IN_APP]),
        (Kind.CODE, NO_MAIL, [EMAIL]),
        (Kind.ACCOUNT_MOVED, {}, [TELEGRAM, EMAIL]),
        (Kind.ALERT, NO_CHAT, [TELEGRAM]),
    ],
)
def test_each_kind_takes_its_channels(kind: Kind, changes: dict[str, Any], expected: list[Channel]):
    """The rules, one a line."""
    assert channels(kind, **changes) == expected


@pytest.mark.parametrize(
    ("gave_up", "changes", "expected"),
    [
        (EMAIL, {}, [TELEGRAM, IN_APP]),
        (TELEGRAM, {}, [EMAIL, IN_APP]),
        (TELEGRAM, NO_MAIL, [IN_APP]),
        (EMAIL, {"blocked_at": NOW}, [IN_APP]),
    ],
)
def test_what_gave_up_is_not_told_over_itself(gave_up: Channel, changes: dict[str, Any], expected: list[Channel]):
    """And it always stands in the inbox."""
    found = planned(Kind.GAVE_UP, an_account(**changes), gave_up=gave_up)
    assert [one.channel for one in found] == expected


def test_a_channel_asked_for_by_name_needs_no_preference():
    """The user pressed "by email"."""
    (mail,) = planned(Kind.APPROVED, an_account(**NO_MAIL), channels=[EMAIL])
    assert (mail.recipient, mail.recipient_type) == ("ada@example.org", "email")


def test_an_address_can_be_overridden():
    """The old chat hears that the account has moved."""
    found = planned(Kind.ACCOUNT_MOVED, an_account(), addresses={TELEGRAM: "555"})
    assert [one.recipient for one in found] == ["555", "ada@example.org"]


def test_a_suppressed_address_is_planned_as_suppressed():
    """Recorded, not dropped."""
    chat, mail = planned(Kind.DRAFT, an_account(), suppressed={(EMAIL, "ada@example.org"): "bounced"})
    assert (mail.status, mail.error_code) == (DeliveryStatus.SUPPRESSED, "bounced")
    assert chat.status is DeliveryStatus.PENDING


def test_a_draft_for_a_blocked_chat_goes_by_mail_even_where_mails_are_off():
    """It would be lost else."""
    chat, mail = planned(Kind.DRAFT, an_account(blocked_at=NOW, **NO_MAIL))
    assert (chat.status, chat.error_code) == (DeliveryStatus.SUPPRESSED, "blocked")
    assert (mail.channel, mail.status) == (EMAIL, DeliveryStatus.PENDING)


QUIET = {"quiet_hours_start": time(22), "quiet_hours_end": time(7), "timezone": "Europe/Paris"}
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # 00:30 in Paris
MORNING = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.REMINDER, Kind.KEPT, Kind.APPROVED])
def test_quiet_hours_hold_until_their_end(kind: Kind):
    """They hold, they don't drop; and they may cross midnight."""
    found = plan(kind, an_account(**QUIET), now=NIGHT)
    assert {(one.hold_reason, one.scheduled_at) for one in found} == {("quiet_hours", MORNING)}


def test_what_the_user_just_asked_for_is_not_held():
    """They are awake."""
    found = plan(Kind.DRAFT, an_account(**QUIET), now=NIGHT, interactive=True)
    assert {(one.hold_reason, one.scheduled_at) for one in found} == {(None, NIGHT)}


@pytest.mark.parametrize("kind", [Kind.CODE, Kind.EMAIL_CHANGED, Kind.ACCOUNT_MOVED])
def test_what_keeps_an_account_safe_is_not_held(kind: Kind):
    """A stolen account does not wait for the morning."""
    assert {one.hold_reason for one in plan(kind, an_account(**QUIET), now=NIGHT)} == {None}


def test_the_inbox_has_no_quiet_hours():
    """It makes no noise."""
    chat, inbox = plan(Kind.GAVE_UP, an_account(**QUIET), now=NIGHT, gave_up=EMAIL)
    assert (chat.hold_reason, inbox.hold_reason, inbox.scheduled_at) == ("quiet_hours", None, NIGHT)


def test_a_later_time_is_kept_and_moved_out_of_quiet_hours():
    """What matters is the hour at which it would arrive."""
    by_day = plan(Kind.APPROVED, an_account(**QUIET), now=NOW, scheduled_at=NOW + timedelta(hours=1))
    by_night = plan(Kind.APPROVED, an_account(**QUIET), now=NOW, scheduled_at=NIGHT)
    assert [(one.hold_reason, one.scheduled_at) for one in by_day] == [("scheduled", NOW + timedelta(hours=1))]
    assert [(one.hold_reason, one.scheduled_at) for one in by_night] == [("quiet_hours", MORNING)]


@pytest.mark.parametrize(
    ("kind", "changes", "tried", "expected"),
    [
        (Kind.DRAFT, NO_MAIL, {TELEGRAM}, [EMAIL, IN_APP]),
        (Kind.KEPT, {}, {TELEGRAM, EMAIL}, [IN_APP]),
        (Kind.REMINDER, {}, {EMAIL}, [TELEGRAM, IN_APP]),
        (Kind.REMINDER, NO_MAIL, {TELEGRAM}, [IN_APP]),
        (Kind.REMINDER, {"blocked_at": NOW}, {EMAIL}, [IN_APP]),
        (Kind.APPROVED, {}, {EMAIL}, []),
        (Kind.CODE, {}, {EMAIL}, []),
    ],
)
def test_another_channel_takes_over(kind: Kind, changes: dict[str, Any], tried: set[Channel], expected: list[Channel]):
    """A text of the user's by any way; a reminder only by one that is on; a code by none: it proves the mailbox."""
    account = an_account(**changes)
    assert fallbacks(kind, account, addresses_of(account), tried) == expected


def test_the_next_day_begins_at_midnight_utc():
    """The daily limits are by UTC."""
    assert next_day(NOW) == datetime(2026, 3, 3, tzinfo=UTC)
    assert next_day(datetime(2026, 3, 3, tzinfo=UTC)) == datetime(2026, 3, 4, tzinfo=UTC)
