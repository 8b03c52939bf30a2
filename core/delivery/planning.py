"""From a kind of notification and what its reader prefers to the deliveries that are planned. Pure.

Nothing is dropped: what may not be sent is planned as `suppressed` with the reason, what must wait as `pending` with a
later time and the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.model import Account, Channel, DeliveryStatus, Kind, Preferences
from core.timerules import quiet_until

QUIET_HOURS, SCHEDULED, DAILY_LIMIT = "quiet_hours", "scheduled", "daily_limit"  # hold reasons
BLOCKED = "blocked"  # why a chat is suppressed: the user blocked the bot
HELD_BY_QUIET_HOURS = {Channel.TELEGRAM, Channel.EMAIL}
SECURITY = {Kind.CODE, Kind.EMAIL_CHANGED, Kind.ACCOUNT_MOVED}  # can't wait, and have limits of their own
RECIPIENT_TYPES = {Channel.EMAIL: "email", Channel.TELEGRAM: "chat", Channel.IN_APP: "user"}
TEXTS_OF_THE_USER = {Kind.DRAFT, Kind.KEPT}  # go by another channel where theirs gives up, rather than get lost
TOLD_ABOUT = {Kind.DRAFT, Kind.APPROVED, Kind.KEPT, Kind.REMINDER, Kind.CODE}  # kinds whose failure the user hears of


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to be made: where to, from when (UTC), and why it waits or may not be sent."""

    channel: Channel
    recipient: str
    recipient_type: str
    scheduled_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    hold_reason: str | None = None
    error_code: str | None = None


def plan(
    kind: Kind,
    account: Account,
    *,
    now: datetime,
    interactive: bool = False,
    channels: Sequence[Channel] | None = None,
    addresses: Mapping[Channel, str] | None = None,
    suppressed: Mapping[Channel, str] | None = None,
    gave_up: Channel | None = None,
    scheduled_at: datetime | None = None,
) -> list[Planned]:
    """The deliveries of one notification. `channels` overrides the preferences; a channel without an address is left
    out. `suppressed` holds the reason for each channel whose address may not be used; `gave_up` is the channel that a
    GAVE_UP is about."""
    reach = addresses_of(account) | dict(addresses or {})
    barred = dict(suppressed or {})
    if account.user.blocked_at and not interactive and Channel.TELEGRAM not in (addresses or {}):
        barred.setdefault(Channel.TELEGRAM, BLOCKED)
    wanted = channels if channels is not None else chosen(kind, account, gave_up, reach.keys() - barred.keys())
    at, reason = start(kind, account.preferences, now=now, interactive=interactive, scheduled_at=scheduled_at)
    return [
        _one(channel, reach[channel], barred.get(channel), now if channel is Channel.IN_APP else at, reason)
        for channel in wanted
        if channel in reach
    ]


def _one(channel: Channel, recipient: str, barred: str | None, at: datetime, reason: str | None) -> Planned:
    recipient_type = RECIPIENT_TYPES.get(channel, "phone")
    if barred:
        return Planned(channel, recipient, recipient_type, at, DeliveryStatus.SUPPRESSED, error_code=barred)
    held = reason if channel in HELD_BY_QUIET_HOURS else None
    return Planned(channel, recipient, recipient_type, at, hold_reason=held)


def addresses_of(account: Account) -> dict[Channel, str]:
    """Where each channel reaches a user; a channel without an address is missing."""
    found = {Channel.IN_APP: str(account.user.id)}
    if account.user.telegram_id is not None:
        found[Channel.TELEGRAM] = str(account.user.telegram_id)
    if account.user.email:
        found[Channel.EMAIL] = account.user.email
    return found


def start(
    kind: Kind, preferences: Preferences, *, now: datetime, interactive: bool, scheduled_at: datetime | None
) -> tuple[datetime, str | None]:
    """When a delivery may go out, and why not now: its own time first, then the end of the quiet hours it falls in."""
    at = max(now, scheduled_at or now)
    until = quiet_end(kind, preferences, now=at, interactive=interactive)
    if until:
        return until, QUIET_HOURS
    return at, SCHEDULED if at > now else None


def quiet_end(kind: Kind, preferences: Preferences, *, now: datetime, interactive: bool) -> datetime | None:
    """When the quiet hours end that hold this now; None where nothing does. What the user just asked for, and what
    keeps their account safe, is never held."""
    if interactive or kind in SECURITY:
        return None
    return quiet_until(preferences.quiet_hours_start, preferences.quiet_hours_end, preferences.timezone, now)


def next_day(now: datetime) -> datetime:
    """The next UTC midnight, when the daily limits begin anew."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def counts_as_mail(kind: Kind) -> bool:
    """Whether a mail of this kind counts for, and is held by, the daily limit on mails."""
    return kind not in SECURITY


def chosen(kind: Kind, account: Account, gave_up: Channel | None, reachable: set[Channel]) -> list[Channel]:
    """The channels that the kind and the preferences ask for. `reachable` have an address that may be used."""
    return RULES[kind](account.preferences, gave_up, reachable)


Rule = Callable[[Preferences, Channel | None, set[Channel]], list[Channel]]


def _is_on(preferences: Preferences, channel: Channel) -> bool:
    on = {
        Channel.TELEGRAM: preferences.receive_telegram_notifications,
        Channel.EMAIL: preferences.receive_email_notifications,
    }
    return on.get(channel, True)


def _draft(preferences: Preferences, gave_up: Channel | None, reachable: set[Channel]) -> list[Channel]:
    """Always into the chat, where it is the answer; by mail too where that is on, or where the chat is out of reach."""
    mailed = preferences.receive_email_notifications or Channel.TELEGRAM not in reachable
    return [Channel.TELEGRAM, *([Channel.EMAIL] if mailed else [])]


def _approved(preferences: Preferences, gave_up: Channel | None, reachable: set[Channel]) -> list[Channel]:
    return [Channel.EMAIL] if preferences.receive_email_notifications else []


def _first_on(preferences: Preferences, channels: Sequence[Channel], reachable: set[Channel]) -> list[Channel]:
    usable = [channel for channel in channels if channel in reachable and _is_on(preferences, channel)]
    return [usable[0] if usable else Channel.IN_APP]


def _kept(preferences: Preferences, gave_up: Channel | None, reachable: set[Channel]) -> list[Channel]:
    return _first_on(preferences, (Channel.TELEGRAM, Channel.EMAIL), reachable)


def _gave_up(preferences: Preferences, gave_up: Channel | None, reachable: set[Channel]) -> list[Channel]:
    others = [channel for channel in (Channel.TELEGRAM, Channel.EMAIL) if channel is not gave_up]
    return list(dict.fromkeys([*_first_on(preferences, others, reachable), Channel.IN_APP]))


def _reminder(preferences: Preferences, gave_up: Channel | None, reachable: set[Channel]) -> list[Channel]:
    return _first_on(
        preferences, (preferences.daily_reminder_channel, Channel.TELEGRAM, Channel.EMAIL, Channel.IN_APP), reachable
    )


def _always(*channels: Channel) -> Rule:
    return lambda preferences, gave_up, reachable: list(channels)


RULES: dict[Kind, Rule] = {
    Kind.DRAFT: _draft,
    Kind.APPROVED: _approved,
    Kind.KEPT: _kept,
    Kind.REMINDER: _reminder,
    Kind.CODE: _always(Channel.EMAIL),
    Kind.EMAIL_CHANGED: _always(Channel.EMAIL),
    Kind.ACCOUNT_MOVED: _always(Channel.TELEGRAM, Channel.EMAIL),
    Kind.GAVE_UP: _gave_up,
    Kind.ACCESS_REQUEST: _always(Channel.TELEGRAM),
    Kind.ACCESS_DECIDED: _always(Channel.TELEGRAM),
    Kind.ALERT: _always(Channel.TELEGRAM),
    Kind.MESSAGE: _always(Channel.TELEGRAM),
    Kind.ANNOUNCEMENT: _kept,
}


def fallbacks(kind: Kind, account: Account, tried: set[Channel]) -> list[Channel]:
    """The channels that may take over from those that were tried, the best first. A text of the user's goes by any
    channel that reaches them; a reminder only by one that is switched on; other kinds by none."""
    if kind not in TEXTS_OF_THE_USER | {Kind.REMINDER}:
        return []
    closed = {Channel.TELEGRAM} if account.user.blocked_at else set()
    reach = addresses_of(account).keys() - tried - closed
    return [
        channel
        for channel in (Channel.TELEGRAM, Channel.EMAIL, Channel.IN_APP)
        if channel in reach and (kind in TEXTS_OF_THE_USER or _is_on(account.preferences, channel))
    ]
