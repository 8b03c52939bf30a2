"""What the reports of mail providers share: moments, how long they may take, what a mail server's words mean."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from core.errors import BadSignature

OLDEST = timedelta(hours=25)  # providers try to bring a report for up to a day
AHEAD = timedelta(minutes=5)  # clocks differ
ENHANCED = re.compile(r"\b5\.(\d{1,3}\.\d{1,3})\b")
# Enhanced status codes (RFC 3463) of refusals that are not about the address, and may be over tomorrow.
PASSING = {"2.2": "mailbox_full", "2.3": "too_big", "3.4": "too_big", "1.7": "sender_refused", "1.8": "sender_refused"}
PASSING_SUBJECTS = {"3": "bounced", "4": "bounced", "7": "content_refused"}  # the system, the network, its policy


def refused(words: str, *, hard: bool) -> tuple[str, bool]:
    """Our code for a mail server's refusal, and whether the address is lost for good. `hard` is what the provider
    thinks; a status code in the server's own words corrects it."""
    found = ENHANCED.search(words)
    status = found[1] if found else ""
    passing = PASSING.get(status) or PASSING_SUBJECTS.get(status.partition(".")[0])
    return (passing, False) if passing else ("bounced", hard)


def of_epoch(value: Any, now: datetime) -> datetime:
    """Seconds since 1970 as a moment; `now` where they are none."""
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return now


def of_iso(value: Any, now: datetime) -> datetime:
    """`2014-08-01T13:28:10.2735393-04:00` as a moment; `now` where it is none."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return now
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def fresh(moment: datetime, now: datetime) -> None:
    """Raises `BadSignature` for a report that was signed too long ago, or is not signed yet."""
    if not now - OLDEST < moment < now + AHEAD:
        raise BadSignature("signed too long ago")
