"""What the reader's rules make of a plan: other channels, holds, and what is recorded as switched off."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from core.accounts.rules import NO_QUIET_HOURS
from core.delivery.choosing import fallbacks
from core.delivery.planning import Planned, addresses_of, plan
from core.model import (
    Cap,
    Channel,
    DeliveryStatus,
    Kind,
    NotificationType,
    Period,
    QuietHours,
    Rule,
    UserAddress,
)
from tests.accounts import an_account
from tests.conftest import NOW

TELEGRAM, EMAIL, SMS, WHATSAPP = Channel.TELEGRAM, Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
PUSH, IN_APP = Channel.PUSH, Channel.IN_APP
POSTS, REMINDERS, ANNOUNCEMENTS = (
    NotificationType.POSTS, NotificationType.REMINDERS, NotificationType.ANNOUNCEMENTS,
)  # fmt: skip
OFF, PENDING = "switched_off", DeliveryStatus.PENDING
PHONE = "+14155550123"
NO_MAIL = {"receive_email_notifications": False}


def reached(*channels: Channel) -> tuple[UserAddress, ...]:
    """Addresses of the user's own, numbered."""
    given = {SMS: PHONE, WHATSAPP: PHONE}
    return tuple(UserAddress(n, 1, one, given.get(one, f"{one}-{n}"), "", NOW) for n, one in enumerate(channels))


def off(type: NotificationType, channel: Channel | None = None) -> Rule:
    return Rule(type, channel, is_enabled=False)


def on(type: NotificationType, channel: Channel) -> Rule:
    return Rule(type, channel, is_enabled=True)


def planned(kind: Kind, *rules: Rule, now: datetime = NOW, account: dict[str, Any] | None = None, **values: Any) -> Any:
    return plan(kind, an_account(rules=rules, **(account or {})), now=now, **values)


def outline(found: list[Planned]) -> list[tuple[Channel, str]]:
    """Each channel, and what becomes of it."""
    return [(one.channel, one.error_code or one.hold_reason or "") for one in found]


ALL = {"addresses": reached(SMS, WHATSAPP, PUSH)}


@pytest.mark.parametrize(
    ("kind", "rules", "account", "expected"),
    [
        # Switched off: recorded, and carried by another channel where the kind has one.
        (Kind.DRAFT, [off(POSTS, EMAIL)], {}, [(TELEGRAM, ""), (EMAIL, OFF)]),
        (Kind.APPROVED, [off(POSTS, EMAIL)], {}, [(EMAIL, OFF)]),
        (Kind.APPROVED, [off(POSTS)], {}, [(EMAIL, OFF)]),
        (Kind.REMINDER, [off(REMINDERS, TELEGRAM)], {}, [(EMAIL, ""), (TELEGRAM, OFF)]),
        (Kind.REMINDER, [off(REMINDERS, EMAIL)], {"daily_reminder_channel": EMAIL}, [(TELEGRAM, ""), (EMAIL, OFF)]),
        (Kind.REMINDER, [off(REMINDERS)], {}, [(TELEGRAM, OFF)]),
        (Kind.REMINDER, [off(REMINDERS, TELEGRAM), off(REMINDERS, EMAIL)], {}, [(IN_APP, ""), (TELEGRAM, OFF)]),
        (Kind.ANNOUNCEMENT, [off(ANNOUNCEMENTS)], NO_MAIL, [(TELEGRAM, OFF)]),
        (Kind.ANNOUNCEMENT, [off(ANNOUNCEMENTS)], NO_MAIL | {"receive_telegram_notifications": False}, [(IN_APP, OFF)]),
        (Kind.ANNOUNCEMENT, [off(ANNOUNCEMENTS), on(ANNOUNCEMENTS, EMAIL)], {}, [(EMAIL, ""), (TELEGRAM, OFF)]),
        # Another type's rules are none of its business.
        (Kind.REMINDER, [off(POSTS), off(ANNOUNCEMENTS, TELEGRAM)], {}, [(TELEGRAM, "")]),
        # What has no type comes through.
        (Kind.CODE, [off(POSTS), off(REMINDERS), off(ANNOUNCEMENTS)], {}, [(EMAIL, "")]),
        # Switched on by name: also where the settings say no, and beside the usual channel.
        (Kind.APPROVED, [on(POSTS, EMAIL)], NO_MAIL, [(EMAIL, "")]),
        (Kind.REMINDER, [on(REMINDERS, EMAIL)], {}, [(TELEGRAM, ""), (EMAIL, "")]),
        (Kind.REMINDER, [on(REMINDERS, SMS)], ALL, [(TELEGRAM, ""), (PUSH, ""), (SMS, "")]),
        (Kind.APPROVED, [on(POSTS, WHATSAPP), on(POSTS, TELEGRAM)], ALL, [(EMAIL, ""), (WHATSAPP, "")]),
        (Kind.DRAFT, [on(POSTS, PUSH)], ALL, [(TELEGRAM, ""), (EMAIL, ""), (PUSH, "")]),
        # A phone alone is not asked for; a browser was set up to be told.
        (Kind.REMINDER, [], ALL, [(TELEGRAM, ""), (PUSH, "")]),
        (Kind.REMINDER, [off(REMINDERS, PUSH)], ALL, [(TELEGRAM, ""), (PUSH, OFF)]),
        (Kind.DRAFT, [], ALL, [(TELEGRAM, ""), (EMAIL, "")]),
        # By SMS alone; and where the number is gone, not to nowhere.
        (Kind.KEPT, [off(POSTS, TELEGRAM), off(POSTS, EMAIL), on(POSTS, SMS)], {"addresses": reached(SMS)},
         [(SMS, ""), (TELEGRAM, OFF)]),
        (Kind.KEPT, [off(POSTS, TELEGRAM), off(POSTS, EMAIL), on(POSTS, SMS)], {}, [(IN_APP, ""), (TELEGRAM, OFF)]),
    ],
)  # fmt: skip
def test_rules_choose_the_channels(kind: Kind, rules: list[Rule], account: dict, expected: list):
    """One case a line."""
    assert outline(planned(kind, *rules, account=account)) == expected


def test_what_is_switched_off_is_recorded_as_such():
    """Suppressed at once, at its address, so that the log can tell why."""
    _, mail = planned(Kind.DRAFT, off(POSTS, EMAIL))
    assert (mail.status, mail.recipient, mail.scheduled_at) == (DeliveryStatus.SUPPRESSED, "ada@example.org", NOW)


def test_the_answer_in_the_chat_comes_whatever_is_off():
    """They have just asked for the draft; its copy by mail obeys the rule."""
    assert outline(planned(Kind.DRAFT, off(POSTS), interactive=True)) == [(TELEGRAM, ""), (EMAIL, OFF)]
    assert outline(planned(Kind.DRAFT, off(POSTS))) == [(EMAIL, OFF), (TELEGRAM, OFF)]


def test_a_channel_asked_for_by_name_needs_no_rule():
    """The user pressed "by email"."""
    assert outline(planned(Kind.APPROVED, off(POSTS), channels=[EMAIL], interactive=True)) == [(EMAIL, "")]


def test_every_browser_is_told():
    """Each is a delivery of its own; a dead one is recorded."""
    both = {"addresses": reached(PUSH, PUSH)}
    found = planned(Kind.REMINDER, account=both, suppressed={(PUSH, "push-0"): "unreachable"})
    assert [(one.recipient, one.place, one.error_code) for one in found if one.channel is PUSH] == [
        ("push-0", 1, "unreachable"),
        ("push-1", 2, None),
    ]
    assert {one.recipient_type for one in found if one.channel is PUSH} == {"device_token"}


PARIS = {"timezone": "Europe/Paris"}
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # 00:30 in Paris
QUIET = Rule(POSTS, quiet=QuietHours(time(22), time(7)))


@pytest.mark.parametrize("channel", [TELEGRAM, EMAIL, SMS, WHATSAPP, PUSH])
def test_quiet_hours_of_a_type_hold_every_channel_that_makes_a_noise(channel: Channel):
    """By the user's clock."""
    account = PARIS | {"addresses": reached(SMS, WHATSAPP, PUSH)}
    (one,) = planned(Kind.KEPT, QUIET, channels=[channel], now=NIGHT, account=account)
    assert (one.hold_reason, one.scheduled_at) == ("quiet_hours", datetime(2026, 3, 3, 6, tzinfo=UTC))


def test_quiet_hours_may_differ_by_channel():
    """Mails may come at night, a phone rings."""
    loud = Rule(POSTS, EMAIL, quiet=NO_QUIET_HOURS)
    found = planned(Kind.DRAFT, QUIET, loud, now=NIGHT, account=PARIS)
    assert outline(found) == [(TELEGRAM, "quiet_hours"), (EMAIL, "")]


def test_quiet_hours_of_one_type_hold_no_other():
    """Nor what is urgent for the admins."""
    assert outline(planned(Kind.REMINDER, QUIET, now=NIGHT, account=PARIS)) == [(TELEGRAM, "")]
    general = PARIS | {"quiet_hours_start": time(22), "quiet_hours_end": time(7)}
    assert outline(planned(Kind.ALERT, now=NIGHT, account=general)) == [(TELEGRAM, "")]


THREE = Rule(ANNOUNCEMENTS, cap=Cap(3, Period.DAILY))


@pytest.mark.parametrize(("sent", "reason"), [(0, ""), (2, ""), (3, "frequency_cap"), (9, "frequency_cap")])
def test_over_the_cap_it_waits_for_the_next_period(sent: int, reason: str):
    """The user's midnight, not ours."""
    (one,) = planned(Kind.ANNOUNCEMENT, THREE, sent={TELEGRAM: sent}, account=PARIS)
    midnight = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert (one.hold_reason or "", one.scheduled_at) == (reason, midnight if reason else NOW)
    assert one.status is PENDING


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # a day of 23 hours
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),  # and one of 25
    ],
)
def test_the_next_day_begins_at_midnight_where_clocks_change(now: datetime, until: datetime):
    """Both days begin at half past midnight in Paris."""
    (one,) = planned(Kind.ANNOUNCEMENT, THREE, sent={TELEGRAM: 3}, account=PARIS, now=now)
    assert one.scheduled_at == until


def test_what_is_held_by_the_cap_does_not_come_at_night():
    """The next day begins in quiet hours: it comes when they end, and the cap is still why it waits."""
    quiet = Rule(ANNOUNCEMENTS, quiet=QuietHours(time(22), time(7)), cap=THREE.cap)
    (one,) = planned(Kind.ANNOUNCEMENT, quiet, sent={TELEGRAM: 3}, account=PARIS)
    assert (one.hold_reason, one.scheduled_at) == ("frequency_cap", datetime(2026, 3, 3, 6, tzinfo=UTC))


def test_what_is_for_another_day_is_not_held_by_today():
    """Its own day has not begun to count."""
    tomorrow = NOW + timedelta(days=1)
    (one,) = planned(Kind.ANNOUNCEMENT, THREE, sent={TELEGRAM: 3}, scheduled_at=tomorrow, account=PARIS)
    assert (one.hold_reason, one.scheduled_at) == ("scheduled", tomorrow)


def test_a_cap_counts_by_channel():
    """A full chat does not hold the mail."""
    both = [Rule(POSTS, cap=Cap(1, Period.HOURLY))]
    found = planned(Kind.DRAFT, *both, sent={TELEGRAM: 1})
    assert outline(found) == [(TELEGRAM, "frequency_cap"), (EMAIL, "")]
    assert found[0].scheduled_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("rules", "addresses", "tried", "expected"),
    [
        ([off(POSTS, EMAIL)], [], {TELEGRAM}, [IN_APP]),
        ([off(POSTS)], [], {TELEGRAM}, []),
        ([on(POSTS, SMS)], [SMS, WHATSAPP, PUSH], {TELEGRAM, EMAIL}, [PUSH, SMS, IN_APP]),
        ([], [SMS, WHATSAPP], {TELEGRAM, EMAIL}, [IN_APP]),
    ],
)
def test_what_is_switched_off_takes_over_nothing(rules: list[Rule], addresses: list, tried: set, expected: list):
    """And what costs money only where it was switched on."""
    account = an_account(rules=tuple(rules), addresses=reached(*addresses))
    assert fallbacks(Kind.DRAFT, account, addresses_of(account), tried) == expected
