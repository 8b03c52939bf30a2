"""Numbers, days and times as a reader of the current language writes them."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from core.i18n import current_language


def number(value: int) -> str:
    """`3000` as 3,000 or 3 000."""
    return _number(value, current_language())


@lru_cache(maxsize=4096)
def _number(value: int, language: str) -> str:
    return str(format_decimal(value, locale=language))


def day(value: date) -> str:
    """A date with its weekday, without the year."""
    return str(format_skeleton("MMMEd", value, locale=current_language()))


def full_day(value: date) -> str:
    """A date in full words, with its weekday and year."""
    return str(format_date(value, "full", locale=current_language()))


def moment(at: datetime, timezone: str) -> str:
    """A UTC moment as the reader's date and time of day."""
    return f"{day(at.astimezone(ZoneInfo(timezone)))}, {time_of_day(at, timezone)}"


def time_of_day(at: datetime, timezone: str) -> str:
    """A UTC moment as the reader's time of day: on the 24-hour clock, as the commands take it, in every language."""
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"
