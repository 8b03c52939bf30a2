"""The rules of confirmation codes, pure: how long they live, how many there may be, how often one may be wrong.

They count for the user and for the address, so that neither many chats nor many addresses give anybody more guesses.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.errors import AppError
from core.i18n import N_
from core.model import IssuedCode
from core.secrets import CODE_DIGITS

LIFE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
WINDOW = 2 * HOUR  # no older code can matter: 15 minutes of life and an hour's lock
CODES_AN_HOUR = 3
WRONG_TRIES = 5


def locked_until(codes: Sequence[IssuedCode], now: datetime) -> datetime | None:
    """Until when nothing may be asked or tried; None where nothing is locked."""
    locks = [code.locked_until for code in codes if code.locked_until and code.locked_until > now]
    return max(locks, default=None)


def wrong_tries(codes: Sequence[IssuedCode], now: datetime) -> int:
    """Wrong tries within the last hour."""
    return sum(code.wrong_tries for code in codes if code.last_wrong_at and code.last_wrong_at > now - HOUR)


def next_code_at(codes: Sequence[IssuedCode], user_id: int, address_hash: str, now: datetime) -> datetime:
    """When another code may be mailed: `now`, unless the user or the address has had three within the hour."""
    mine = [code.created_at for code in codes if code.user_id == user_id]
    theirs = [code.created_at for code in codes if code.address_hash == address_hash]
    recent = [sorted(at for at in times if at > now - HOUR) for times in (mine, theirs)]
    return max([now, *(times[-CODES_AN_HOUR] + HOUR for times in recent if len(times) >= CODES_AN_HOUR)])


def minutes_until(at: datetime, now: datetime) -> int:
    """Whole minutes, rounded up, at least one."""
    return max(1, -int((now - at).total_seconds() // 60))


def digits_of(text: str) -> str | None:
    """The code that somebody typed, with or without blanks; None where it is something else."""
    digits = "".join(text.split()).replace("-", "")
    return digits if len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit() else None


def locked(until: datetime, now: datetime) -> AppError:
    return AppError(
        N_("Too many wrong codes. For your safety I take none for now; try again in {minutes} minutes."),
        {"minutes": minutes_until(until, now)},
    )


def no_code() -> AppError:
    return AppError(N_("I am not waiting for a code, or it has expired. Ask for a new one: /email me@example.org"))


def check_may_ask(codes: Sequence[IssuedCode], user_id: int, address_hash: str, now: datetime) -> None:
    if until := locked_until(codes, now):
        raise locked(until, now)
    at = next_code_at(codes, user_id, address_hash, now)
    if at > now:
        raise AppError(
            N_("I mail at most {count} codes an hour. Use the newest one, or ask again in {minutes} minutes."),
            {"count": CODES_AN_HOUR, "minutes": minutes_until(at, now)},
        )
