"""What commands change, and when the next reminder comes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.preferences import (
    Changes,
    next_reminder,
    nothing_reaches,
    parse_language,
    parse_quiet,
    parse_reminder,
)
from core.accounts.reminders import should_remind
from core.errors import AppError
from core.model import Channel, Preferences
from core.timerules import local_date
from tests.accounts import an_account

NINE = Preferences(daily_reminder_enabled=True, timezone="Europe/Paris")
REMINDERS: dict[str, Changes] = {
    "off": {"daily_reminder_enabled": False},
    "on": {"daily_reminder_enabled": True},
    "09:00": {"daily_reminder_enabled": True, "daily_reminder_time": time(9)},
    "9h30 lun-vie": {
        "daily_reminder_enabled": True,
        "daily_reminder_time": time(9, 30),
        "daily_reminder_days": (1, 2, 3, 4, 5),
    },
    "9:30 pm daily by email": {
        "daily_reminder_enabled": True,
        "daily_reminder_time": time(21, 30),
        "daily_reminder_days": (1, 2, 3, 4, 5, 6, 7),
        "daily_reminder_channel": Channel.EMAIL,
    },
    "8 sat, sun telegram": {
        "daily_reminder_enabled": True,
        "daily_reminder_time": time(8),
        "daily_reminder_days": (6, 7),
        "daily_reminder_channel": Channel.TELEGRAM,
    },
    "email": {"daily_reminder_enabled": True, "daily_reminder_channel": Channel.EMAIL},
    "mon": {"daily_reminder_enabled": True, "daily_reminder_days": (1,)},
}


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(("text", "changes"), REMINDERS.items())
def test_a_reminder_is_read(text: str, changes: Changes):
    """Time, days and channel, each of which may be left out and then stays."""
    assert parse_reminder(text) == changes


@pytest.mark.parametrize(
    "text", ["", "25:00", "sometimes", "9:00 someday", "9:00 mon-fri pigeon", "9 telegram and email"]
)
def test_what_is_no_reminder_is_refused_with_an_example(text: str):
    """The words that were not understood come back, with words that are."""
    with pytest.raises(AppError, match=r"mon-fri|09:00"):
        parse_reminder(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str):
    """Nothing that a person can type breaks a parser."""
    for parse in (parse_reminder, parse_quiet, parse_language):
        try:
            assert parse(text)
        except AppError as error:
            assert "/" in error.message or "Example" in error.message  # noqa: PT017


def test_quiet_hours_are_read():
    """A range or off."""
    assert parse_quiet("22:00-07:00") == {"quiet_hours_start": time(22), "quiet_hours_end": time(7)}
    assert parse_quiet("OFF") == {"quiet_hours_start": None, "quiet_hours_end": None}


@pytest.mark.parametrize(("text", "code"), [("fr", "fr"), ("Français", "fr"), ("SPANISH", "es"), ("inglés", "en")])
def test_a_language_is_read_by_its_names(text: str, code: str):
    """In any of the three languages."""
    assert parse_language(text) == {"language": code}


def test_a_language_i_dont_speak_is_refused():
    """With those that I do."""
    with pytest.raises(AppError, match="en, es, fr"):
        parse_language("klingon")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (utc(2026, 3, 28, 12), utc(2026, 3, 29, 7)),  # 09:00 on the day that clocks go forward
        (utc(2026, 10, 24, 12), utc(2026, 10, 25, 8)),  # and on the day that they go back
        (utc(2026, 3, 2, 7, 59), utc(2026, 3, 2, 8)),
        (utc(2026, 3, 2, 8), utc(2026, 3, 3, 8)),
    ],
)
def test_a_reminder_stays_at_its_local_time(after: datetime, expected: datetime):
    """Whatever the clocks do."""
    assert next_reminder(NINE, after) == expected


def test_a_reminder_inside_a_gap_comes_when_the_gap_ends():
    """02:30 does not exist in Paris on 29 March."""
    at_night = replace(NINE, daily_reminder_time=time(2, 30))
    assert next_reminder(at_night, utc(2026, 3, 28, 12)) == utc(2026, 3, 29, 1)


def test_reminders_that_are_off_never_come():
    """Nothing is kept for later."""
    assert next_reminder(Preferences(), utc(2026, 3, 2)) is None


@given(st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)), st.integers(0, 1), st.times())
def test_a_day_has_one_reminder(now: datetime, days_ago: int, at: time):
    """However the time is changed after it came."""
    moment = now.replace(tzinfo=UTC)
    had = date.fromordinal(local_date(moment, "Europe/Paris").toordinal() - days_ago)
    changed = replace(NINE, daily_reminder_time=at.replace(second=0, microsecond=0), last_reminded_on=had)
    found = next_reminder(changed, moment)
    assert found is not None
    assert local_date(found, "Europe/Paris") > had


@pytest.mark.parametrize(
    ("now", "posted_on", "expected"),
    [
        (utc(2026, 3, 2, 8), None, True),
        (utc(2026, 3, 2, 11), None, True),  # caught up
        (utc(2026, 3, 2, 11, 0, 1), None, False),  # too late
        (utc(2026, 3, 2, 8), date(2026, 3, 2), False),  # there is a post already
        (utc(2026, 3, 2, 8), date(2026, 3, 1), True),
    ],
)
def test_a_due_reminder_is_sent_unless_late_or_needless(now: datetime, posted_on: date | None, expected: bool):
    """Three hours late is the limit; a post of that day makes it needless."""
    due = replace(NINE, next_reminder_at=utc(2026, 3, 2, 8), last_posted_on=posted_on)
    assert should_remind(due, now) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"receive_telegram_notifications": False}, False),
        ({"receive_telegram_notifications": False, "receive_email_notifications": False}, True),
        ({"receive_telegram_notifications": False, "email": None}, True),
    ],
)
def test_nothing_reaches_who_has_switched_both_off(changes: dict[str, object], expected: bool):
    """Mail without an address is no mail."""
    assert nothing_reaches(an_account(**changes)) is expected
