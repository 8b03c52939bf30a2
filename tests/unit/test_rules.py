"""Which rules are in force: the channel's before the type's before the settings."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.rules import (
    NO_CAP,
    NO_QUIET_HOURS,
    STYLED,
    TYPES,
    in_force,
    is_asked_for,
    is_switched_off,
    kinds_of,
    rule_for,
    style_of,
    type_of,
    with_rule,
)
from core.accounts.ruletext import rule_of, told
from core.model import (
    Cap,
    Channel,
    ConversationStyle,
    Kind,
    NotificationType,
    Period,
    QuietHours,
    Rule,
)
from tests.accounts import an_account

POSTS, REMINDERS = NotificationType.POSTS, NotificationType.REMINDERS
EMAIL, SMS, TELEGRAM = Channel.EMAIL, Channel.SMS, Channel.TELEGRAM
THREE, ONE = Cap(3, Period.DAILY), Cap(1, Period.WEEKLY)
NIGHT, NOON = QuietHours(time(22), time(7)), QuietHours(time(12), time(13))

rules = st.builds(
    Rule,
    type=st.sampled_from(NotificationType),
    channel=st.none() | st.sampled_from(Channel),
    is_enabled=st.none() | st.booleans(),
    cap=st.none() | st.builds(Cap, st.integers(0, 1000), st.sampled_from(Period)),
    quiet=st.none() | st.builds(QuietHours, *[st.times().map(lambda at: at.replace(second=0, microsecond=0))] * 2),
    timezone=st.none() | st.sampled_from(["Europe/Paris", "UTC"]),
    preferred=st.none() | st.lists(st.text(min_size=1, max_size=9)).map(tuple),
    blocked=st.none() | st.lists(st.text(min_size=1, max_size=9)).map(tuple),
    style=st.none() | st.sampled_from(ConversationStyle),
)


@pytest.mark.parametrize(
    "kind",
    [Kind.CODE, Kind.EMAIL_CHANGED, Kind.ACCOUNT_MOVED, Kind.GAVE_UP, Kind.ALERT, Kind.ACCESS_REQUEST, Kind.MESSAGE],
)
def test_what_must_come_through_has_no_type(kind: Kind):
    """So that no rule can hold it."""
    assert type_of(kind) is None


def test_every_kind_of_a_type_counts_for_it():
    """A cap on posts counts drafts, final texts and kept posts together."""
    assert kinds_of(POSTS) == {Kind.DRAFT, Kind.APPROVED, Kind.KEPT}
    assert {kind for type in TYPES for kind in kinds_of(type)} == {kind for kind in Kind if type_of(kind)}
    assert set(TYPES) >= STYLED


def test_without_rules_the_settings_hold():
    """SMS and WhatsApp cost money: they are off until they are switched on by name."""
    ada = an_account(quiet_hours_start=time(22), quiet_hours_end=time(7), receive_email_notifications=False)
    assert in_force(ada, POSTS, TELEGRAM) == in_force(ada, None, TELEGRAM)
    assert (in_force(ada, POSTS, TELEGRAM).quiet, in_force(ada, POSTS, TELEGRAM).timezone) == (NIGHT, "UTC")
    on = {channel for channel in Channel if in_force(ada, POSTS, channel).is_enabled}
    assert on == set(Channel) - {EMAIL, SMS, Channel.WHATSAPP}


@pytest.mark.parametrize(
    ("wide", "specific", "expected"),
    [
        ({}, {}, (True, None, None)),
        ({"is_enabled": False}, {}, (False, None, None)),
        ({"is_enabled": False}, {"is_enabled": True}, (True, None, None)),
        ({}, {"is_enabled": False}, (False, None, None)),
        ({"cap": THREE}, {}, (True, THREE, None)),
        ({"cap": THREE}, {"cap": ONE}, (True, ONE, None)),
        ({"cap": THREE}, {"cap": NO_CAP}, (True, None, None)),
        ({"quiet": NIGHT}, {"cap": ONE}, (True, ONE, NIGHT)),
        ({"quiet": NIGHT}, {"quiet": NOON}, (True, None, NOON)),
        ({"quiet": NIGHT}, {"quiet": NO_QUIET_HOURS}, (True, None, None)),
    ],
)
def test_the_channel_comes_before_the_type(wide: dict, specific: dict, expected: tuple):
    """Each thing that it says; what it leaves open is the type's."""
    ada = an_account(rules=(Rule(POSTS, **wide), Rule(POSTS, EMAIL, **specific), Rule(REMINDERS, is_enabled=False)))
    found = in_force(ada, POSTS, EMAIL)
    assert (found.is_enabled, found.cap, found.quiet) == expected
    assert is_switched_off(ada, POSTS, EMAIL) is not expected[0]


def test_a_type_without_quiet_hours_is_heard_at_night():
    """Although the settings have some."""
    night = {"quiet_hours_start": time(22), "quiet_hours_end": time(7)}
    ada = an_account(rules=(Rule(POSTS, quiet=NO_QUIET_HOURS),), **night)
    midnight = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    assert in_force(ada, POSTS, EMAIL).quiet_until(midnight) is None
    assert in_force(ada, REMINDERS, EMAIL).quiet_until(midnight) == midnight.replace(hour=7)


def test_a_rule_may_have_a_timezone_of_its_own():
    """Else it is the user's, who may travel."""
    ada = an_account(rules=(Rule(POSTS, quiet=NIGHT, timezone="Asia/Tokyo"),), timezone="Europe/Paris")
    assert (in_force(ada, POSTS, EMAIL).timezone, in_force(ada, REMINDERS, EMAIL).timezone) == (
        "Asia/Tokyo", "Europe/Paris",
    )  # fmt: skip


def test_the_settings_switch_off_without_being_a_rule():
    """What they switch off is not recorded message by message."""
    ada = an_account(receive_email_notifications=False)
    assert not in_force(ada, POSTS, EMAIL).is_enabled
    assert not is_switched_off(ada, POSTS, EMAIL)


def test_only_what_is_switched_on_by_name_is_asked_for():
    """An address alone does not mean that everything shall go there."""
    ada = an_account(rules=(Rule(POSTS, SMS, True), Rule(POSTS)))
    assert is_asked_for(ada, POSTS, SMS)
    assert not is_asked_for(ada, POSTS, EMAIL)
    assert not is_asked_for(ada, REMINDERS, SMS)


def test_providers_and_style():
    """A style belongs to a type, providers to a channel."""
    mail = Rule(POSTS, EMAIL, preferred=("smtp",), blocked=("mailgun", "sendgrid"))
    ada = an_account(rules=(Rule(POSTS, style=ConversationStyle.JOVIAL), mail))
    found = in_force(ada, POSTS, EMAIL)
    assert (found.preferred, found.blocked) == (("smtp",), {"mailgun", "sendgrid"})
    assert (style_of(ada, POSTS), style_of(ada, REMINDERS)) == (ConversationStyle.JOVIAL, ConversationStyle.NEUTRAL)


@given(st.lists(rules, max_size=5), rules)
def test_a_rule_has_one_place(kept: list[Rule], rule: Rule):
    """Whatever was there before, it is found as it was set; one that says nothing is not kept."""
    found = with_rule(kept, rule)
    assert rule_for(found, rule.type, rule.channel) == rule
    is_there = any((one.type, one.channel) == (rule.type, rule.channel) for one in found)
    assert is_there == (rule != Rule(rule.type, rule.channel))


@given(rules)
def test_a_rule_comes_back_from_the_audit_log(rule: Rule):
    """So that a reset can be undone."""
    assert rule_of(told(rule)) == rule
