"""Whom a broadcast is for: segments by name, as conditions on users. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from core.accounts.access import AccessPolicy
from core.model import LANGUAGES, Access, Audience, Channel

EVERYBODY = "all"
SEGMENTS = (
    EVERYBODY,
    *(f"language:{language}" for language in LANGUAGES),
    "active:7",  # days
    "active:30",
    "email",
    "admins",
)
ACCESSES = {  # what is stored for those who may come in, whoever is named besides
    "open": frozenset({Access.ALLOWED, Access.REQUESTED}),
    "approve": frozenset({Access.ALLOWED}),
    "list": frozenset[Access](),
}


def audience_of(segment: str, policy: AccessPolicy, at: datetime, channel: Channel | None = None) -> Audience:
    """Those of a segment who may use the bot, as it was asked for at that time. `channel`: only whom it reaches. Raises
    `LookupError` for a segment that does not exist."""
    name, _, value = segment.partition(":")
    return NARROWED[name](replace(let_in(policy), channel=channel), value, policy, at)


def let_in(policy: AccessPolicy) -> Audience:
    """Everybody who may use the bot, as `AccessPolicy.of` has it."""
    ids = {int(entry) for entry in policy.listed if entry.isascii() and entry.isdigit()}
    return Audience(ACCESSES[policy.mode], policy.admins | ids, policy.listed)


Narrow = Callable[[Audience, str, AccessPolicy, datetime], Audience]
NARROWED: dict[str, Narrow] = {
    EVERYBODY: lambda everybody, value, policy, at: everybody,
    "language": lambda everybody, value, policy, at: replace(everybody, language=value),
    "active": lambda everybody, value, policy, at: replace(everybody, active_since=at - timedelta(days=int(value))),
    "email": lambda everybody, value, policy, at: replace(everybody, has_email=True),
    "admins": lambda everybody, value, policy, at: replace(everybody, telegram_ids=policy.admins),
}
