"""What admins write behind a command: how long ago, which dead letters. Pure; each raises `AppError` with examples."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import AppError
from core.i18n import N_
from core.model import Channel
from core.model.dead_letters import Cause, Which
from core.timewords import plain, shown

UNITS = {
    "min": timedelta(minutes=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1),
    "j": timedelta(days=1), "w": timedelta(weeks=1),
}  # fmt: skip
AGO = re.compile(r"(\d{1,5})(min|m|h|d|j|w)")
LONGEST = timedelta(days=9999)
FILLERS = {"since", "desde", "depuis", "all", "todo", "todos", "tout", "tous", "by", "of", "and"}
EVERYTHING = {"all", "todo", "todos", "tout", "tous"}


def parse_since(word: str, now: datetime, timezone: str) -> datetime | None:
    """`2h`, `3d`, or a date such as `2026-03-01`, which begins in the reader's timezone; None for anything else."""
    if found := AGO.fullmatch(word.casefold()):
        ago = int(found[1]) * UNITS[found[2]]
        return now - ago if ago < LONGEST else None
    try:
        return datetime.combine(datetime.strptime(word, "%Y-%m-%d").date(), time(), ZoneInfo(timezone))
    except ValueError:
        return None


def parse_which(text: str, causes: Sequence[Cause], now: datetime, timezone: str) -> Which:
    """`all`, or any of: what they died of, a channel, a provider, since when. Words are looked up among the dead
    letters that there are."""
    codes, providers = {one.error_code for one in causes}, {one.provider for one in causes}
    meant = Which(until=now)
    words = [word.strip(",;") for word in text.split()]
    for word in words:
        if plain(word) not in FILLERS:
            meant = _narrowed(meant, word, codes, providers, now, timezone)
    if meant == Which(until=now) and not EVERYTHING & {plain(word) for word in words}:
        raise _not_understood(text)
    return meant


def _narrowed(
    which: Which, word: str, codes: Collection[str], providers: Collection[str], now: datetime, timezone: str
) -> Which:
    lower = word.casefold()
    if lower in set(Channel) and which.channel is None:
        return replace(which, channel=Channel(lower))
    if lower in providers and lower and which.provider is None:
        return replace(which, provider=lower)
    if lower in codes and lower and which.error_code is None:
        return replace(which, error_code=lower)
    since = parse_since(lower, now, timezone)
    if since is None or which.since is not None:
        raise _not_understood(word)
    return replace(which, since=since)


def _not_understood(text: str) -> AppError:
    return AppError(
        N_(
            "I don't know which dead letters “{text}” means. Examples: /retry 12, /retry all, /retry unavailable, "
            "/retry sms, /retry twilio since 2h. /failed shows what there is."
        ),
        {"text": shown(text)},
    )


def delivery_number(text: str, but: Collection[str] = ()) -> int | None:
    """`12` or `#12`; None for anything else. A plain number that is one of `but` means something else."""
    number = text.strip().removeprefix("#")
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if is_number and text.strip() not in but else None
