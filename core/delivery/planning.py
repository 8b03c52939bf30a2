"""From a kind of notification and what its reader prefers to the deliveries that are planned. Pure.

Nothing is dropped: what may not be sent is planned as `suppressed` with the reason, what must wait as `pending` with a
later time and the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.accounts.rules import in_force, type_of
from core.delivery.choosing import Chosen, chosen
from core.model import Account, Channel, DeliveryStatus, Kind
from core.timerules import running

QUIET_HOURS, SCHEDULED, DAILY_LIMIT = "quiet_hours", "scheduled", "daily_limit"  # hold reasons
FREQUENCY_CAP = "frequency_cap"  # and one more
BLOCKED, SWITCHED_OFF = "blocked", "switched_off"  # why it is suppressed: the bot is blocked; the reader's own rule
DISTURBING = {Channel.TELEGRAM, Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.PUSH}  # held by quiet hours
SECURITY = {Kind.CODE, Kind.EMAIL_CHANGED, Kind.ACCOUNT_MOVED}  # can't wait, and have limits of their own
NEVER_HELD = SECURITY | {Kind.ALERT}
RECIPIENT_TYPES = {
    Channel.EMAIL: "email",
    Channel.TELEGRAM: "chat",
    Channel.IN_APP: "user",
    Channel.PUSH: "device_token",
    Channel.WEBHOOK: "url",
}
TOLD_ABOUT = {Kind.DRAFT, Kind.APPROVED, Kind.KEPT, Kind.REMINDER, Kind.CODE}  # kinds whose failure the user hears of

Reach = Mapping[Channel, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to be made: where to, from when (UTC), and why it waits or may not be sent. `place` counts the
    addresses of a channel from 1: a user may have several browsers."""

    channel: Channel
    recipient: str
    recipient_type: str
    scheduled_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    hold_reason: str | None = None
    error_code: str | None = None
    place: int = 1


def plan(
    kind: Kind,
    account: Account,
    *,
    now: datetime,
    interactive: bool = False,
    channels: Sequence[Channel] | None = None,
    addresses: Mapping[Channel, str] | None = None,
    suppressed: Mapping[tuple[Channel, str], str] | None = None,
    gave_up: Channel | None = None,
    scheduled_at: datetime | None = None,
    sent: Mapping[Channel, int] | None = None,
) -> list[Planned]:
    """The deliveries of one notification. `channels` overrides the preferences; a channel without an address is left
    out. `suppressed` holds the reason for each address that may not be used; `gave_up` is the channel that a GAVE_UP is
    about; `sent` is how many count against a cap so far, by channel."""
    reach: Reach = addresses_of(account) | {channel: (one,) for channel, one in (addresses or {}).items()}
    barred = dict(suppressed or {})
    if account.user.blocked_at and not interactive and Channel.TELEGRAM not in (addresses or {}):
        barred = {(Channel.TELEGRAM, one): BLOCKED for one in reach.get(Channel.TELEGRAM, ())} | barred
    usable = {channel for channel, found in reach.items() if any((channel, one) not in barred for one in found)}
    wanted = Chosen(tuple(channels)) if channels is not None else chosen(
        kind, account, usable, gave_up=gave_up, interactive=interactive
    )  # fmt: skip
    planned = []
    for channel in wanted.channels:
        at, reason = start(
            kind, account, channel, now=now, interactive=interactive, scheduled_at=scheduled_at,
            sent=(sent or {}).get(channel, 0),
        )  # fmt: skip
        planned += at_all_addresses(channel, reach, at, reason, barred)
    off = [(channel, one) for channel in wanted.switched_off for one in reach.get(channel, ())]
    for channel in wanted.switched_off:
        planned += at_all_addresses(channel, reach, now, None, dict.fromkeys(off, SWITCHED_OFF))
    return planned


def at_all_addresses(
    channel: Channel, reach: Reach, at: datetime, held: str | None, barred: Mapping[tuple[Channel, str], str]
) -> list[Planned]:
    """A delivery for each address of a channel; those at a barred one are suppressed."""
    recipient_type = RECIPIENT_TYPES.get(channel, "phone")
    return [
        Planned(channel, one, recipient_type, at, DeliveryStatus.SUPPRESSED, error_code=why, place=place)
        if (why := barred.get((channel, one)))
        else Planned(channel, one, recipient_type, at, hold_reason=held, place=place)
        for place, one in enumerate(reach.get(channel, ()), start=1)
    ]


def addresses_of(account: Account) -> dict[Channel, tuple[str, ...]]:
    """Where each channel reaches a user; a channel without an address is missing."""
    found: dict[Channel, tuple[str, ...]] = {Channel.IN_APP: (str(account.user.id),)}
    if account.user.telegram_id is not None:
        found[Channel.TELEGRAM] = (str(account.user.telegram_id),)
    if account.user.email:
        found[Channel.EMAIL] = (account.user.email,)
    for one in account.addresses:
        found[one.channel] = (*found.get(one.channel, ()), one.address)
    return found


def start(
    kind: Kind,
    account: Account,
    channel: Channel,
    *,
    now: datetime,
    interactive: bool,
    scheduled_at: datetime | None = None,
    sent: int = 0,
) -> tuple[datetime, str | None]:
    """When a delivery may go out, and why not now: its own time first, then what holds it at that time. The inbox makes
    no noise, so nothing in it waits."""
    if channel is Channel.IN_APP:
        return now, None
    at = max(now, scheduled_at or now)
    is_counted = at < cap_end(kind, account, channel, now=now) if sent else False
    held = hold(kind, account, channel, now=at, interactive=interactive, sent=sent if is_counted else 0)
    return held or (at, SCHEDULED if at > now else None)


def hold(
    kind: Kind, account: Account, channel: Channel, *, now: datetime, interactive: bool, sent: int
) -> tuple[datetime, str] | None:
    """Until when it is held, and by what: by the cap until the next period, by quiet hours until their end; None where
    nothing does. What the user just asked for, and what keeps their account safe, is never held."""
    if interactive or kind in NEVER_HELD:
        return None
    rules = in_force(account, type_of(kind), channel)
    is_over = rules.cap is not None and sent >= rules.cap.limit
    at = cap_end(kind, account, channel, now=now) if is_over else now
    until = rules.quiet_until(at) if channel in DISTURBING else None
    if is_over:
        return until or at, FREQUENCY_CAP
    return (until, QUIET_HOURS) if until else None


def cap_end(kind: Kind, account: Account, channel: Channel, *, now: datetime) -> datetime:
    """When the period ends for which a cap counts just now; `now` where there is no cap."""
    rules = in_force(account, type_of(kind), channel)
    return running(rules.cap.period, rules.timezone, now)[1] if rules.cap else now


def next_day(now: datetime) -> datetime:
    """The next UTC midnight, when the daily limits begin anew."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def counts_as_mail(kind: Kind) -> bool:
    """Whether a mail of this kind counts for, and is held by, the daily limit on mails."""
    return kind not in SECURITY
