"""Which channels carry a kind of notification: by the kind, the settings and the rules of its reader. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from core.accounts.rules import in_force, is_asked_for, is_on, is_switched_off, type_of
from core.model import Account, Channel, Kind, Preferences

TEXTS_OF_THE_USER = {Kind.DRAFT, Kind.KEPT}  # go by another channel where theirs gives up, rather than get lost
LATER_CHANNELS = (Channel.PUSH, Channel.WHATSAPP, Channel.SMS)  # after the chat and the mailbox, the cheapest first


@dataclass(frozen=True, slots=True)
class Choice:
    """What channels are chosen by. `usable` have an address that may be used; `asked` were switched on by name."""

    preferences: Preferences
    usable: Collection[Channel]
    is_on: Callable[[Channel], bool]
    asked: Sequence[Channel] = ()
    gave_up: Channel | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The channels that carry a notification, and those that would have if the reader had not switched them off."""

    channels: tuple[Channel, ...]
    switched_off: tuple[Channel, ...] = ()


def chosen(
    kind: Kind, account: Account, usable: Collection[Channel], *, gave_up: Channel | None = None, interactive: bool
) -> Chosen:
    """The channels of a kind. `gave_up` is the channel that a GAVE_UP is about. The answer to what was just asked for
    goes into the chat whatever is switched off."""
    type = type_of(kind)
    by_settings = Choice(account.preferences, usable, lambda channel: is_on(account, channel), (), gave_up)
    if type is None or not any(rule.type is type for rule in account.rules):
        return Chosen(_channels(kind, by_settings))
    asked = [channel for channel in Channel if is_asked_for(account, type, channel)]
    by_rules = replace(by_settings, is_on=lambda channel: in_force(account, type, channel).is_enabled, asked=asked)
    found = _channels(kind, by_rules)
    off = [one for one in {*found, *_channels(kind, by_settings)} if is_switched_off(account, type, one)]
    off = [one for one in off if not (interactive and one in found)]
    heard = [one for one in off if one is not Channel.IN_APP]  # the inbox was but the last resort
    return Chosen(tuple(one for one in found if one not in off), tuple(sorted(heard or off)))


def _channels(kind: Kind, choice: Choice) -> tuple[Channel, ...]:
    return tuple(dict.fromkeys(CHANNELS[kind](choice)))


def _draft(choice: Choice) -> list[Channel]:
    """Always into the chat, where it is the answer; by mail too where that is on, or where the chat is out of reach."""
    mailed = choice.is_on(Channel.EMAIL) or Channel.TELEGRAM not in choice.usable
    return [Channel.TELEGRAM, *([Channel.EMAIL] if mailed else []), *choice.asked]


def _approved(choice: Choice) -> list[Channel]:
    """Not into the chat: the card that was approved there shows it."""
    mailed = [Channel.EMAIL] if choice.is_on(Channel.EMAIL) else []
    return [*mailed, *(channel for channel in choice.asked if channel is not Channel.TELEGRAM)]


def _first_on(choice: Choice, channels: Sequence[Channel]) -> list[Channel]:
    """The best channel, beside it the devices that were set up to be told, and what was switched on by name. The inbox
    where nothing else reaches them."""
    usable = [channel for channel in channels if channel in choice.usable and choice.is_on(channel)]
    told = [Channel.PUSH] if Channel.PUSH in choice.usable and choice.is_on(Channel.PUSH) else []
    is_heard = usable or any(channel in choice.usable for channel in choice.asked)
    return [*(usable[:1] if is_heard else [Channel.IN_APP]), *told, *choice.asked]


def _kept(choice: Choice) -> list[Channel]:
    return _first_on(choice, (Channel.TELEGRAM, Channel.EMAIL))


def _gave_up(choice: Choice) -> list[Channel]:
    others = [channel for channel in (Channel.TELEGRAM, Channel.EMAIL) if channel is not choice.gave_up]
    usable = [channel for channel in others if channel in choice.usable and choice.is_on(channel)]
    return [*usable[:1], Channel.IN_APP]


def _reminder(choice: Choice) -> list[Channel]:
    return _first_on(choice, (choice.preferences.daily_reminder_channel, Channel.TELEGRAM, Channel.EMAIL))


def _always(*channels: Channel) -> Callable[[Choice], list[Channel]]:
    return lambda choice: list(channels)


CHANNELS: dict[Kind, Callable[[Choice], list[Channel]]] = {
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


def fallbacks(kind: Kind, account: Account, reach: Collection[Channel], tried: Collection[Channel]) -> list[Channel]:
    """The channels of `reach` that may take over from those that were tried, the best first. A text of the user's goes
    into the chat or the mailbox even where these are off in general; a reminder only by what is on; other kinds by
    nothing. What the reader has switched off for this type carries none of them."""
    if kind not in TEXTS_OF_THE_USER | {Kind.REMINDER}:
        return []
    type, saved = type_of(kind), {Channel.TELEGRAM, Channel.EMAIL} if kind in TEXTS_OF_THE_USER else set()
    closed = {*tried, *([Channel.TELEGRAM] if account.user.blocked_at else [])}
    return [
        channel
        for channel in (Channel.TELEGRAM, Channel.EMAIL, *LATER_CHANNELS, Channel.IN_APP)
        if channel in reach
        and channel not in closed
        and not is_switched_off(account, type, channel)
        and (channel in saved or in_force(account, type, channel).is_enabled)
    ]
