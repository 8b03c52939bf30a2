"""The rules of confirmation codes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.accounts.codes import (
    CODES_AN_HOUR,
    HOUR,
    check_may_ask,
    digits_of,
    locked_until,
    minutes_until,
    next_code_at,
    wrong_tries,
)
from core.errors import AppError
from core.model import IssuedCode

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def issued(ago: timedelta, user_id: int = 1, address: str = "h", **values: object) -> IssuedCode:
    at = NOW - ago
    return replace(IssuedCode(1, user_id, "email", None, address, at + 15 * MINUTE, at), **values)  # type: ignore[arg-type]


def test_three_codes_an_hour_for_a_user():
    """The fourth waits until the first is an hour old."""
    codes = [issued(ago * MINUTE, address=f"h{ago}") for ago in (50, 30, 10)]
    assert next_code_at(codes[1:], 1, "new", NOW) == NOW
    assert next_code_at(codes, 1, "new", NOW) == NOW + 10 * MINUTE
    with pytest.raises(AppError, match="in 10 minutes"):
        check_may_ask(codes, 1, "new", NOW)


def test_three_codes_an_hour_for_an_address():
    """Whoever asks for them: a mailbox is not to be flooded."""
    codes = [issued(ago * MINUTE, user_id=ago) for ago in (50, 30, 10)]
    assert next_code_at(codes, 99, "h", NOW) == NOW + 10 * MINUTE
    assert next_code_at(codes, 99, "another", NOW) == NOW


def test_an_hour_later_codes_are_mailed_again():
    """Old codes don't count."""
    assert next_code_at([issued(HOUR)] * CODES_AN_HOUR, 1, "h", NOW) == NOW


def test_a_lock_holds_until_its_end():
    """Neither asking nor trying is possible before."""
    codes = [issued(10 * MINUTE, locked_until=NOW + 40 * MINUTE), issued(MINUTE)]
    assert locked_until(codes, NOW) == NOW + 40 * MINUTE
    assert locked_until(codes, NOW + 40 * MINUTE) is None
    with pytest.raises(AppError, match="in 40 minutes"):
        check_may_ask(codes, 1, "h", NOW)


def test_wrong_tries_count_for_an_hour_over_all_codes():
    """A new code does not bring five new tries."""
    codes = [
        issued(70 * MINUTE, wrong_tries=3, last_wrong_at=NOW - 61 * MINUTE),
        issued(20 * MINUTE, wrong_tries=2, last_wrong_at=NOW - 19 * MINUTE),
        issued(5 * MINUTE, wrong_tries=1, last_wrong_at=NOW - MINUTE),
        issued(MINUTE),
    ]
    assert wrong_tries(codes, NOW) == 3


@pytest.mark.parametrize(("text", "digits"), [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456")])
def test_a_code_is_read_however_it_is_copied(text: str, digits: str):
    """Mail programs and fingers add blanks."""
    assert digits_of(text) == digits


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "１２３４５６", "١٢٣٤٥٦", "an idea"])
def test_what_is_no_code_is_none(text: str):
    """It may be an idea."""
    assert digits_of(text) is None


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (0, 1), (3600, 60)])
def test_minutes_are_rounded_up(seconds: int, minutes: int):
    """Who waits that long is not told to wait again."""
    assert minutes_until(NOW + timedelta(seconds=seconds), NOW) == minutes
