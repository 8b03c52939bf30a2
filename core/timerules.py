"""Local time, right across daylight-saving changes: pure functions from a wall clock to moments in UTC.

Python's own arithmetic shifts a wall time that a clock change skips by the whole gap; here it means the first moment
after the gap, and a wall time that occurs twice means the first of the two.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = (1, 2, 3, 4, 5, 6, 7)  # ISO weekdays
ONE_DAY = timedelta(days=1)
HORIZON = 9  # days: a week, and a day to each side for what a gap moves across midnight


def local_date(moment: datetime, timezone: str) -> date:
    """The calendar date on the wall in `timezone` at that moment."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def moment_of(day: date, at: time, timezone: str) -> datetime:
    """When the clock in `timezone` shows `at` on `day`, in UTC; the first time where it shows it twice, the first
    moment after the gap where it never shows it."""
    zone = ZoneInfo(timezone)
    first = datetime.combine(day, at, zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at):
        return first
    before = datetime.combine(day, at, zone).replace(fold=1).astimezone(UTC)
    return _change_between(before, first, zone)


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the offset changes: `early` still has the old one, `late` has the new one."""
    old = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == old:
            early = middle
        else:
            late = middle
    return late


def next_occurrence(at: time, days: Collection[int], timezone: str, after: datetime) -> datetime | None:
    """The first moment strictly after `after` when it is `at` on one of `days` (ISO weekdays); None without days."""
    start = local_date(after, timezone) - ONE_DAY
    for offset in range(HORIZON + 1):
        day = start + offset * ONE_DAY
        if day.isoweekday() in days and (moment := moment_of(day, at, timezone)) > after:
            return moment
    return None


def quiet_until(start: time | None, end: time | None, timezone: str, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` lies in; None outside of them, or where there are none.

    An interval belongs to the day on which it starts, so that a clock turned back inside it holds nothing for a day.
    """
    if start is None or end is None or start == end:
        return None
    today = local_date(now, timezone)
    for day in (today - ONE_DAY, today):
        last_day = day if start < end else day + ONE_DAY
        until = moment_of(last_day, end, timezone)
        if moment_of(day, start, timezone) <= now < until:
            return until
    return None


def is_quiet(start: time | None, end: time | None, timezone: str, now: datetime) -> bool:
    """Whether `now` lies in the quiet hours: the start belongs to them, the end does not."""
    return quiet_until(start, end, timezone, now) is not None
