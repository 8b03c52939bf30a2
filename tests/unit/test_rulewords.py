"""What people write behind /preferences, in three languages."""

from contextlib import suppress
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.rulebook import SWITCHABLE
from core.accounts.rules import NO_CAP, NO_QUIET_HOURS, TYPES
from core.accounts.rulewords import (
    CHANNEL_WORDS,
    STYLE_WORDS,
    TYPE_WORDS,
    Topic,
    Wish,
    parse_cap,
    parse_quiet_hours,
    parse_style,
    parse_wish,
)
from core.errors import AppError
from core.model import Cap, Channel, ConversationStyle, NotificationType, Period, QuietHours
from core.timewords import plain

POSTS, REMINDERS, ANNOUNCEMENTS = (
    NotificationType.POSTS, NotificationType.REMINDERS, NotificationType.ANNOUNCEMENTS,
)  # fmt: skip
NIGHT = QuietHours(time(22), time(7))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("posts", Wish(POSTS, None, Topic.SHOW)),
        ("Rappels courriel", Wish(REMINDERS, Channel.EMAIL, Topic.SHOW)),
        ("reminders email off", Wish(REMINDERS, Channel.EMAIL, Topic.SWITCH, False)),
        ("recordatorios correo no", Wish(REMINDERS, Channel.EMAIL, Topic.SWITCH, False)),
        ("annonces  WhatsApp  OUI", Wish(ANNOUNCEMENTS, Channel.WHATSAPP, Topic.SWITCH, True)),
        ("announcements off", Wish(ANNOUNCEMENTS, None, Topic.SWITCH, False)),
        ("announcements cap 3 daily", Wish(ANNOUNCEMENTS, None, Topic.CAP, Cap(3, Period.DAILY))),
        ("anuncios sms tope 2 por semana", Wish(ANNOUNCEMENTS, Channel.SMS, Topic.CAP, Cap(2, Period.WEEKLY))),
        ("posts quiet 22:00-07:00", Wish(POSTS, None, Topic.QUIET, NIGHT)),
        ("publications calme de 22h à 7h", Wish(POSTS, None, Topic.QUIET, NIGHT)),
        ("posts telegram quiet off", Wish(POSTS, Channel.TELEGRAM, Topic.QUIET, NO_QUIET_HOURS)),
        ("drafts style close friends", Wish(POSTS, None, Topic.STYLE, ConversationStyle.CLOSE_FRIENDS)),
        ("posts email prefer SendGrid", Wish(POSTS, Channel.EMAIL, Topic.PREFER, "sendgrid")),
        ("posts block mailgun", Wish(POSTS, None, Topic.BLOCK, "mailgun")),
        ("publicaciones desbloquear mailgun", Wish(POSTS, None, Topic.ALLOW, "mailgun")),
        ("posts reset", Wish(POSTS, None, Topic.RESET)),
    ],
)
def test_a_wish_is_understood(text: str, wish: Wish):
    """A type, perhaps a channel, and what is wanted."""
    assert parse_wish(text) == wish


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("3", Cap(3, Period.DAILY)),
        ("3 daily", Cap(3, Period.DAILY)),
        ("3 a day", Cap(3, Period.DAILY)),
        ("3/day", Cap(3, Period.DAILY)),
        ("3 al día", Cap(3, Period.DAILY)),
        ("3 fois par jour", Cap(3, Period.DAILY)),
        ("1/h", Cap(1, Period.HOURLY)),
        ("1h", Cap(1, Period.HOURLY)),
        ("1 cada hora", Cap(1, Period.HOURLY)),
        ("2 x per week", Cap(2, Period.WEEKLY)),
        ("2 veces por semana", Cap(2, Period.WEEKLY)),
        ("2 par semaine", Cap(2, Period.WEEKLY)),
        ("1000 weekly", Cap(1000, Period.WEEKLY)),
        ("off", NO_CAP),
        ("no", NO_CAP),
        ("default", None),
        ("habituel", None),
    ],
)
def test_a_cap_is_understood(text: str, cap: Cap | None):
    """In the words of three languages; a number alone is for a day."""
    assert parse_cap(text) == cap


@pytest.mark.parametrize("text", ["", "0", "0 daily", "1001", "many", "3 moons", "-1", "3 4 day", "3.5", "9" * 50])
def test_what_is_no_cap_is_told_with_an_example(text: str):
    """Neither none nor a thousand and one."""
    with pytest.raises(AppError, match="/preferences announcements cap 3 daily"):
        parse_cap(text)


@pytest.mark.parametrize("text", ["", "22", "22:00", "9-9", "night"])
def test_what_are_no_quiet_hours_is_told_with_an_example(text: str):
    """By the command that was sent, not by another one."""
    with pytest.raises(AppError, match="/preferences posts quiet 22:00-07:00"):
        parse_quiet_hours(text)


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("", "/preferences posts"),
        ("́", "/preferences posts"),
        ("pigeons off", "/preferences reminders email off"),
        ("posts pigeon off", "/preferences posts quiet 22:00-07:00"),
        ("posts off please", "/preferences announcements cap 3 daily"),
        ("posts style grumpy", "close friends"),
        ("posts prefer", "/preferences posts email prefer sendgrid"),
        ("posts prefer a b", "/preferences posts email prefer sendgrid"),
        ("posts reset all", "/preferences posts reset"),
    ],
)
def test_what_is_not_understood_is_told_with_an_example(text: str, example: str):
    """And what was written comes back."""
    with pytest.raises(AppError) as refusal:
        parse_wish(text)
    assert example in str(refusal.value)


@given(st.text(max_size=40))
def test_any_text_is_understood_or_told(text: str):
    """Nothing that is typed breaks it."""
    for parse in (parse_wish, parse_cap, parse_quiet_hours, parse_style, lambda one: parse_wish(f"posts {one}")):
        with suppress(AppError):
            parse(text)


def test_everything_has_a_name_that_is_understood():
    """A type, a channel or a style that nobody can name could not be set by typing."""
    assert set(TYPE_WORDS.values()) == set(TYPES)
    assert set(CHANNEL_WORDS.values()) == set(SWITCHABLE)
    assert set(STYLE_WORDS.values()) == set(ConversationStyle)
    assert all(parse_style(style) is style for style in ConversationStyle)
    assert all(parse_wish(type).type is type for type in TYPES)
    assert all(word == plain(word) for word in {*TYPE_WORDS, *CHANNEL_WORDS, *STYLE_WORDS})
