"""Wall clocks and moments, across every kind of clock change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Period
from core.timerules import WEEK, is_quiet, local_date, moment_of, next_occurrence, quiet_until, running

ZONES = ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]
zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
wall_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 1, 5), time(9), "Europe/Paris", utc(2026, 1, 5, 8)),
        (date(2026, 7, 6), time(9), "Europe/Paris", utc(2026, 7, 6, 7)),
        (date(2026, 3, 29), time(2, 30), "Europe/Paris", utc(2026, 3, 29, 1)),  # 02:00 to 03:00 do not exist
        (date(2026, 10, 25), time(2, 30), "Europe/Paris", utc(2026, 10, 25, 0, 30)),  # 02:30 comes twice
        (date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)),  # a gap of half an hour
        (date(2026, 4, 24), time(0), "Africa/Cairo", utc(2026, 4, 23, 22)),  # the gap is at midnight
        (date(2011, 12, 30), time(9), "Pacific/Apia", utc(2011, 12, 30, 10)),  # a whole day was left out
    ],
)
def test_a_wall_time_names_one_moment(day: date, at: time, zone: str, expected: datetime):
    """Also where the clock skips it or shows it twice."""
    assert moment_of(day, at, zone) == expected


@given(moments, wall_times, zones)
def test_the_next_occurrence_is_later_and_at_most_two_days_away(after: datetime, at: time, zone: str):
    """A reminder of every day never leaves one out."""
    found = next_occurrence(at, WEEK, zone, after)
    assert found is not None
    assert timedelta(0) < found - after <= timedelta(hours=26)


@given(moments, wall_times, zones, st.sets(st.integers(1, 7), min_size=1))
def test_the_next_occurrence_falls_on_a_chosen_day(after: datetime, at: time, zone: str, days: set[int]):
    """Days are those on the wall in that zone, not those of UTC."""
    found = next_occurrence(at, days, zone, after)
    assert found is not None
    assert local_date(found, zone).isoweekday() in days


@given(moments, wall_times, zones)
def test_the_clock_shows_the_time_asked_for_unless_it_was_skipped(after: datetime, at: time, zone: str):
    """Only a gap moves an occurrence, and only to the gap's end."""
    found = next_occurrence(at, WEEK, zone, after)
    assert found is not None
    shown = found.astimezone(ZoneInfo(zone))
    before = (found - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
    assert shown.time() == at or shown.utcoffset() != before.utcoffset()


def test_no_day_has_no_occurrence():
    """A reminder without days never comes."""
    assert next_occurrence(time(9), (), "UTC", utc(2026, 3, 2)) is None


def test_the_next_occurrence_is_never_the_moment_itself():
    """Moving on from an occurrence reaches the next one."""
    assert next_occurrence(time(9), WEEK, "UTC", utc(2026, 3, 2, 9)) == utc(2026, 3, 3, 9)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (utc(2026, 3, 2, 21, 59), None),
        (utc(2026, 3, 2, 22, 0), utc(2026, 3, 3, 7)),
        (utc(2026, 3, 3, 6, 59), utc(2026, 3, 3, 7)),
        (utc(2026, 3, 3, 7, 0), None),
    ],
)
def test_quiet_hours_over_midnight(now: datetime, until: datetime | None):
    """The start is quiet, the end is not."""
    assert quiet_until(time(22), time(7), "UTC", now) == until


@given(moments, wall_times, wall_times, zones)
def test_quiet_hours_end_within_a_day(now: datetime, start: time, end: time, zone: str):
    """Nothing is ever held for longer than one night, whatever the clocks do; afterwards it is not quiet."""
    until = quiet_until(start, end, zone, now)
    if until is not None:
        assert timedelta(0) < until - now <= timedelta(hours=25)
        assert not is_quiet(start, end, zone, until)


def test_a_clock_turned_back_inside_quiet_hours_holds_until_their_first_end():
    """02:45 comes twice in Paris on 25 October; the end at 02:30 has passed by the second time."""
    second = utc(2026, 10, 25, 1, 15)  # 02:15 for the second time
    assert quiet_until(time(22), time(2, 30), "Europe/Paris", second) is None


def test_equal_or_missing_ends_mean_no_quiet_hours():
    """There is no way to ask for silence all day by accident."""
    assert not is_quiet(time(9), time(9), "UTC", utc(2026, 3, 2, 9))
    assert not is_quiet(None, None, "UTC", utc(2026, 3, 2, 9))


LENGTHS = {  # the shortest and the longest, where clocks change
    Period.HOURLY: (timedelta(minutes=1), timedelta(hours=2)),
    Period.DAILY: (timedelta(hours=22), timedelta(hours=26)),
    Period.WEEKLY: (timedelta(days=6, hours=22), timedelta(days=7, hours=2)),
}
periods = st.sampled_from(Period)


@given(moments, zones, periods)
def test_a_moment_lies_in_the_period_that_runs(now: datetime, zone: str, period: Period):
    """Whatever the clocks do, and no period is much longer or shorter than its name."""
    start, end = running(period, zone, now)
    assert start <= now < end
    shortest, longest = LENGTHS[period]
    assert shortest <= end - start <= longest


@given(moments, zones, periods)
def test_a_period_ends_where_the_next_begins(now: datetime, zone: str, period: Period):
    """What a cap holds is due again in a new period, never once more in the old one."""
    start, end = running(period, zone, now)
    assert running(period, zone, end)[0] == end
    assert running(period, zone, start) == (start, end)
    assert running(period, zone, start - timedelta(microseconds=1))[1] == start


@given(moments, zones)
def test_a_day_is_a_date_on_the_wall_and_a_week_begins_on_monday(now: datetime, zone: str):
    """Not those of UTC."""
    start, end = running(Period.DAILY, zone, now)
    assert local_date(start, zone) == local_date(now, zone) < local_date(end, zone)
    monday, _ = running(Period.WEEKLY, zone, now)
    assert local_date(monday, zone).isoweekday() == 1


@pytest.mark.parametrize(
    ("period", "zone", "now", "start", "end"),
    [
        (Period.HOURLY, "Asia/Kolkata", utc(2026, 3, 2, 9, 45), utc(2026, 3, 2, 9, 30), utc(2026, 3, 2, 10, 30)),
        (Period.DAILY, "Europe/Paris", utc(2026, 3, 2, 23, 30), utc(2026, 3, 2, 23), utc(2026, 3, 3, 23)),
        (Period.DAILY, "Europe/Paris", utc(2026, 3, 29, 12), utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),  # 23 hours
        (Period.DAILY, "Europe/Paris", utc(2026, 10, 25, 12), utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)),  # 25
        (Period.WEEKLY, "Europe/Paris", utc(2026, 3, 29, 12), utc(2026, 3, 22, 23), utc(2026, 3, 29, 22)),
        # In Paris, 02:00 to 03:00 comes twice on 25 October: one long hour.
        (Period.HOURLY, "Europe/Paris", utc(2026, 10, 25, 1, 15), utc(2026, 10, 25, 0), utc(2026, 10, 25, 2)),
        (Period.HOURLY, "Europe/Paris", utc(2026, 3, 29, 0, 15), utc(2026, 3, 29, 0), utc(2026, 3, 29, 1)),
        (Period.DAILY, "Pacific/Apia", utc(2011, 12, 30, 9), utc(2011, 12, 29, 10), utc(2011, 12, 30, 10)),
    ],
)
def test_the_running_period(period: Period, zone: str, now: datetime, start: datetime, end: datetime):
    """Also where a day has 23 or 25 hours, or is left out."""
    assert running(period, zone, now) == (start, end)
