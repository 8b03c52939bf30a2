"""Times, days and switches as people write them in three languages."""

from contextlib import suppress
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AppError
from core.timewords import DAY_NAMES, parse_days, parse_range, parse_switch, parse_time, split_time

TIMES = {
    "9": time(9),
    "09": time(9),
    "9:00": time(9),
    "09.00": time(9),
    "9h30": time(9, 30),
    "9h": time(9),
    "9 h 30": time(9, 30),
    "9am": time(9),
    "9 AM": time(9),
    "9:30 pm": time(21, 30),
    "9:30 p.m.": time(21, 30),
    "9:30 p. m.": time(21, 30),
    "12am": time(0),
    "12:15pm": time(12, 15),
    " 0:00 ": time(0),
    "23:59": time(23, 59),
}
DAYS = {
    "mon-fri": (1, 2, 3, 4, 5),
    "Mon – Fri": (1, 2, 3, 4, 5),
    "monday to friday": (1, 2, 3, 4, 5),
    "weekdays": (1, 2, 3, 4, 5),
    "entre semana": (1, 2, 3, 4, 5),
    "en semaine": (1, 2, 3, 4, 5),
    "lun-vie": (1, 2, 3, 4, 5),
    "de lunes a viernes": (1, 2, 3, 4, 5),
    "lu-ve": (1, 2, 3, 4, 5),
    "du lundi au vendredi": (1, 2, 3, 4, 5),
    "daily": (1, 2, 3, 4, 5, 6, 7),
    "todos los días": (1, 2, 3, 4, 5, 6, 7),
    "tous les jours": (1, 2, 3, 4, 5, 6, 7),
    "mon,wed,fri": (1, 3, 5),
    "Fri, Mon and Wed": (1, 3, 5),
    "mardi et jeudi": (2, 4),
    "martes y jueves": (2, 4),
    "mié": (3,),
    "sáb-dom": (6, 7),
    "week-end": (6, 7),
    "sat-mon": (1, 6, 7),
    "weekdays, sun": (1, 2, 3, 4, 5, 7),
    "Tuesdays": (2,),
}


@pytest.mark.parametrize(("text", "expected"), TIMES.items())
def test_a_time_of_day_is_read(text: str, expected: time):
    """The forms people use in the three languages."""
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["", "24:00", "9:60", "9:5", "13pm", "0am", "nine", "9 30", "-9", "9:00:00", "900"])
def test_what_is_no_time_is_refused_with_an_example(text: str):
    """The answer repeats what was written and shows how to write it."""
    with pytest.raises(AppError, match="09:00"):
        parse_time(text)


@given(st.times())
def test_every_time_reads_as_it_is_written(at: time):
    """In the form the bot itself shows."""
    at = at.replace(second=0, microsecond=0)
    assert parse_time(f"{at:%H:%M}") == parse_time(f"{at:%H.%M}") == parse_time(f"{at:%-I:%M %p}") == at


@pytest.mark.parametrize(("text", "expected"), DAYS.items())
def test_days_are_read(text: str, expected: tuple[int, ...]):
    """Single days, lists, ranges and groups, in the three languages."""
    assert parse_days(text) == expected


@pytest.mark.parametrize("text", ["", "m", "fooday", "mon-", "-fri", "mon-fri-sun", "9:00", "and", "mon,foo", "s"])
def test_what_are_no_days_is_refused_with_an_example(text: str):
    """One wrong word is enough: half an understanding would remind on the wrong days."""
    with pytest.raises(AppError, match="mon-fri"):
        parse_days(text)


@given(st.lists(st.sampled_from([name for names in DAY_NAMES for name in names]), min_size=1), st.integers(2, 9))
def test_every_abbreviation_of_two_letters_or_more_names_its_day(names: list[str], length: int):
    """No abbreviation of one language means another day in another."""
    expected = {number for number, of_day in enumerate(DAY_NAMES, start=1) for name in names if name in of_day}
    assert parse_days(",".join(name[:length] for name in names)) == tuple(sorted(expected))


@given(st.text())
def test_any_text_is_read_or_refused(text: str):
    """Nothing that a person can type breaks a parser."""
    for parse in (parse_time, parse_days, parse_range):
        with suppress(AppError):
            assert parse(text) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00 mon-fri email", (time(9), "mon-fri email")),
        ("9:30 pm, daily", (time(21, 30), "daily")),
        ("9 mon", (time(9), "mon")),
        ("9h lun-vie", (time(9), "lun-vie")),
        ("9am", (time(9), "")),
        ("mon-fri", (None, "mon-fri")),
    ],
)
def test_a_time_at_the_beginning_is_split_off(text: str, expected: tuple[time | None, str]):
    """`/remind` takes a time, days and a channel, each of them optional."""
    assert split_time(text) == expected


RANGES = """
22:00-07:00, 22h-7h, 10pm to 7am, 22:00 – 07:00, 22 a 7, 10 PM-7 AM, from 22:00 to 7:00, 22:00 07:00, de 22h à 7h,
de las 22 a las 7, entre 22:00 y 7:00, 10 p.m. to 7 a.m., 10 pm 7 am, 22h 7h
"""


@pytest.mark.parametrize("text", RANGES.split(","))
def test_a_range_is_read(text: str):
    """A beginning and an end, over midnight if need be."""
    assert parse_range(text) == (time(22), time(7))


@pytest.mark.parametrize("text", ["22:00", "22:00-", "22:00-07:00-08:00", "22:00-22:00", "night"])
def test_what_is_no_range_is_refused_with_an_example(text: str):
    """Silence around the clock is not offered: /telegram off says that."""
    with pytest.raises(AppError, match=r"09:00|/quiet 22:00-07:00"):
        parse_range(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("ON", True), ("sí", True), ("non", False), ("off", False), ("x", None)]
)
def test_a_switch_is_read(text: str, expected: bool | None):
    """On and off, in the three languages."""
    assert parse_switch(text) is expected
