"""Numbers, days and times as a reader of the current language writes them."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

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


def short_day(value: date) -> str:
    """A date without its weekday and year: Mar 2."""
    return str(format_skeleton("MMMd", value, locale=current_language()))


def full_day(value: date) -> str:
    """A date in full words, with its weekday and year."""
    return str(format_date(value, "full", locale=current_language()))


def moment(at: datetime, timezone: str) -> str:
    """A UTC moment as the reader's date and time of day."""
    return f"{day(at.astimezone(ZoneInfo(timezone)))}, {time_of_day(at, timezone)}"


def time_of_day(at: datetime, timezone: str) -> str:
    """A UTC moment as the reader's time of day: on the 24-hour clock, as the commands take it, in every language."""
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"


def percent(share: float) -> str:
    """0.985 as 98.5 %. Less than all is never rounded up to all."""
    shown = min(share, 0.999) if share < 1 else share
    return str(format_percent(shown, "#,##0.#%", locale=current_language()))


def money(amount: Decimal | float, currency: str = "") -> str:
    """An amount with as many digits as it needs, up to six: a message can cost less than a cent."""
    exact = Decimal(str(amount))
    pattern = "#,##0.00" if exact == exact.quantize(Decimal("0.01")) or abs(exact) >= 1 else "#,##0.00####"
    written = str(format_decimal(exact, pattern, locale=current_language()))
    return f"{written} {currency}".rstrip()


def seconds(value: float) -> str:
    """A stretch of time in the unit that fits it: 20 ms, 1.4 s, 5 min, 3 h, 2 d."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if value >= size:
            return f"{_short(value / size)} {unit}"
    return f"{max(0, round(value * 1000))} ms"


def _short(value: float) -> str:
    """Two digits at least: 1.4, 14."""
    digits = 1 if value < 10 else 0
    return str(format_decimal(round(value, digits), locale=current_language()))
