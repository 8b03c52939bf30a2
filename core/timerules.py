"""Local time, right across daylight-saving changes: pure functions from a wall clock to moments in UTC.

Python's own arithmetic shifts a wall time that a clock change skips by the whole gap; here it means the first moment
after the gap, and a wall time that occurs twice means the first of the two.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.model import Period

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


def running(period: Period, timezone: str, now: datetime) -> tuple[datetime, datetime]:
    """The hour, day or week (from Monday) of the clock in `timezone` that `now` lies in: its first moment, and the
    first one of the next. They follow each other without a gap: an hour that the clock shows twice is one long hour, a
    midnight that it skips is where the day begins all the same."""
    starts = {moment_of(wall.date(), wall.time(), timezone) for wall in STARTS[period](_wall(now, timezone))}
    return max(start for start in starts if start <= now), min(start for start in starts if start > now)


def _wall(now: datetime, timezone: str) -> datetime:
    return now.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, minute=0, second=0, microsecond=0)


def _around(wall: datetime, step: timedelta) -> Iterator[datetime]:
    """A few steps to each side: a clock change may put a start before or after where the wall clock has it."""
    return (wall + count * step for count in range(-3, 4))


def _midnight(wall: datetime) -> datetime:
    return wall.replace(hour=0)


STARTS: dict[Period, Callable[[datetime], Iterator[datetime]]] = {
    Period.HOURLY: lambda wall: _around(wall, timedelta(hours=1)),
    Period.DAILY: lambda wall: _around(_midnight(wall), ONE_DAY),
    Period.WEEKLY: lambda wall: _around(_midnight(wall) - wall.weekday() * ONE_DAY, 7 * ONE_DAY),
}
