"""The date and time to keep a post for, as people write them: pure, in the user's timezone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import AppError
from core.i18n import N_
from core.timerules import ONE_DAY, WEEK, local_date, moment_of, next_occurrence
from core.timewords import parse_days, parse_time, plain, shown

FURTHEST = timedelta(days=366)
MORNING, MONDAY = time(9), 1
STAMP = "%Y%m%d%H%M"  # how a button carries a local time
DAYS_AHEAD = {"today": 0, "hoy": 0, "aujourd'hui": 0, "tomorrow": 1, "manana": 1, "demain": 1}
FILLERS = re.compile(r"(?:(?<=\s)|^)(?:at|on|a las|a la|a|el|le|la)\s")
WHEN = re.compile(
    r"(?:(?P<date>\d{4}-\d{1,2}-\d{1,2})[t\s,]+|(?P<day>[^\d\s,]+)[\s,]+)?(?P<time>\d\S*(?: [ap]\.?m\.?)?)"
)


def read_moment(text: str, timezone: str, now: datetime) -> datetime:
    """The moment (UTC) of `2026-03-05 09:00`, `tomorrow 9:00`, `fri 18:30` or a time alone: its next occurrence.

    A local time that a clock change skips means the first moment after the gap; one that occurs twice means the next
    of the two. Raises `AppError` for what can't be read, is past, or is more than a year away.
    """
    at = _read(FILLERS.sub("", plain(text).replace("’", "'")), timezone, now)
    if at is None:
        raise AppError(
            N_("I can't read “{text}” as a date and time. Examples: tomorrow 9:00 · fri 18:30 · {date} 09:00"),
            {"text": shown(text), "date": _soon(timezone, now)},
        )
    if at <= now:
        raise AppError(
            N_("“{text}” is past already. Examples: tomorrow 9:00 · fri 18:30 · {date} 09:00"),
            {"text": shown(text), "date": _soon(timezone, now)},
        )
    if at > now + FURTHEST:
        raise AppError(
            N_("“{text}” is more than a year away. Examples: tomorrow 9:00 · fri 18:30 · {date} 09:00"),
            {"text": shown(text), "date": _soon(timezone, now)},
        )
    return at


def suggestions(timezone: str, now: datetime) -> tuple[datetime, ...]:
    """Local times (naive) worth a button: tomorrow morning, and Monday morning where that is another day."""
    tomorrow = local_date(now, timezone) + ONE_DAY
    monday = tomorrow + (MONDAY - tomorrow.isoweekday()) % 7 * ONE_DAY
    return tuple(datetime.combine(day, MORNING) for day in dict.fromkeys((tomorrow, monday)))


def stamp(local: datetime) -> str:
    """A local time as a button carries it; `read_moment` reads it."""
    return local.strftime(STAMP)


def _read(text: str, timezone: str, now: datetime) -> datetime | None:
    try:
        if re.fullmatch(r"\d{12}", text):
            local = datetime.strptime(text, STAMP)
            return _upcoming(local.date(), local.time(), timezone, now)
        found = WHEN.fullmatch(text)
        return _moment(found, timezone, now) if found else None
    except (AppError, ValueError, OverflowError):
        return None


def _moment(found: re.Match[str], timezone: str, now: datetime) -> datetime | None:
    at = parse_time(found["time"])
    if found["date"]:
        year, month, day = map(int, found["date"].split("-"))
        return _upcoming(date(year, month, day), at, timezone, now)
    if found["day"] is None:
        return next_occurrence(at, WEEK, timezone, now)
    if found["day"] in DAYS_AHEAD:
        day_ahead = local_date(now, timezone) + DAYS_AHEAD[found["day"]] * ONE_DAY
        return _upcoming(day_ahead, at, timezone, now)
    weekdays = parse_days(found["day"])
    return next_occurrence(at, weekdays, timezone, now) if len(weekdays) == 1 else None


def _upcoming(day: date, at: time, timezone: str, now: datetime) -> datetime:
    """When the clock shows it on that day; the second time where it does twice and the first is past."""
    first = moment_of(day, at, timezone)
    second = datetime.combine(day, at, ZoneInfo(timezone)).replace(fold=1).astimezone(UTC)
    return second if first <= now < second else first  # they differ where it shows it twice; skipped, it isn't later


def _soon(timezone: str, now: datetime) -> str:
    """A date for an example, still to come."""
    return (local_date(now, timezone) + 3 * ONE_DAY).isoformat()
