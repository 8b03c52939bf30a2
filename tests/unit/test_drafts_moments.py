"""The date to keep a post for: three languages, local time, right across clock changes."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import AppError
from core.posts.moments import read_moment, stamp, suggestions

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # Monday, 10:00 in Madrid
MADRID = "Europe/Madrid"


def local(text: str, now: datetime = NOW) -> str:
    return read_moment(text, MADRID, now).strftime("%m-%d %H:%M")  # UTC: Madrid is an hour ahead in winter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-05 09:00", "03-05 08:00"),
        ("2026-3-5, 9h", "03-05 08:00"),
        ("2026-03-05T09:00", "03-05 08:00"),
        ("202603050900", "03-05 08:00"),
        ("tomorrow 9:00", "03-03 08:00"),
        ("Tomorrow at 9:00 pm", "03-03 20:00"),
        ("mañana a las 9:00", "03-03 08:00"),
        ("demain à 9h30", "03-03 08:30"),
        ("hoy 18:30", "03-02 17:30"),
        ("aujourd’hui 18h30", "03-02 17:30"),
        ("fri 18:30", "03-06 17:30"),
        ("el viernes a las 18:30", "03-06 17:30"),
        ("Samedi 18h", "03-07 17:00"),
        ("miércoles 7:15", "03-04 06:15"),
        ("mon 9:00", "03-09 08:00"),
        ("monday 11:00", "03-02 10:00"),
        ("18:30", "03-02 17:30"),
        ("9:00", "03-03 08:00"),
    ],
)
def test_dates_as_people_write_them(text: str, expected: str) -> None:
    """A weekday or a time alone means the next one to come."""
    assert local(text) == expected


@pytest.mark.parametrize(
    "text", ["", "soon", "tomorrow", "2026-02-30 09:00", "fri 25:00", "mon-fri 9:00", "2026-03-05"]
)
def test_what_can_t_be_read_gets_examples(text: str) -> None:
    """Among them a date that is still to come."""
    with pytest.raises(AppError, match=r"can't read.*tomorrow 9:00 · fri 18:30 · 2026-03-05 09:00"):
        local(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("today 9:59", "past already"),
        ("2026-03-02 10:00", "past already"),
        ("2020-01-01 09:00", "past already"),
        ("2027-03-05 09:00", "more than a year"),
        ("9999-12-31 23:59", "more than a year"),
    ],
)
def test_only_the_coming_year_will_do(text: str, reason: str) -> None:
    """This very minute is past."""
    with pytest.raises(AppError, match=reason):
        local(text)


def test_a_time_that_the_clock_skips_is_the_first_after_the_gap() -> None:
    """On 29 March 2026 the clock in Madrid jumps from 2:00 to 3:00, at 1:00 UTC."""
    assert local("2026-03-29 02:30") == "03-29 01:00"
    assert local("2026-03-29 03:00") == "03-29 01:00"
    assert local("2026-03-29 01:59") == "03-29 00:59"


def test_a_time_that_occurs_twice_is_the_next_of_the_two() -> None:
    """On 25 October 2026 the clock in Madrid goes from 3:00 back to 2:00, at 1:00 UTC."""
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert local("2026-10-25 02:30", between - timedelta(hours=1)) == "10-25 00:30"
    assert local("2026-10-25 02:30", between) == "10-25 01:30"
    with pytest.raises(AppError, match="past already"):
        local("2026-10-25 02:30", between + timedelta(hours=1))


def test_buttons_suggest_tomorrow_and_monday() -> None:
    """Once where they are the same day; what a button carries can be read back."""
    assert [f"{day:%a %d %H:%M}" for day in suggestions(MADRID, NOW)] == ["Tue 03 09:00", "Mon 09 09:00"]
    sunday = NOW - timedelta(days=1)
    assert [f"{day:%a %d %H:%M}" for day in suggestions(MADRID, sunday)] == ["Mon 02 09:00"]
    assert read_moment(stamp(suggestions(MADRID, NOW)[0]), MADRID, NOW) == datetime(2026, 3, 3, 8, tzinfo=UTC)
