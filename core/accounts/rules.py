"""Which rules are in force for a type of messages on a channel. Pure.

What a user has set for the type on that channel comes before what they have set for the whole type, and that before
their settings. Kinds without a type (codes, alerts about the account, answers to admins) obey the settings alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, time

from core.model import (
    Account,
    Cap,
    Channel,
    ConversationStyle,
    Kind,
    NotificationType,
    QuietHours,
    Rule,
)
from core.timerules import quiet_until

TYPE_OF: dict[Kind, NotificationType] = {
    Kind.DRAFT: NotificationType.POSTS,
    Kind.APPROVED: NotificationType.POSTS,
    Kind.KEPT: NotificationType.POSTS,
    Kind.REMINDER: NotificationType.REMINDERS,
    Kind.ANNOUNCEMENT: NotificationType.ANNOUNCEMENTS,
}
TYPES = tuple(dict.fromkeys(TYPE_OF.values()))  # those that anything is sent of
STYLED = frozenset({NotificationType.POSTS})  # whose texts are written in a conversation style
BY_NAME = frozenset({Channel.SMS, Channel.WHATSAPP})  # they cost money: used for a type only where it is switched on
NO_CAP = Cap(0)
NO_QUIET_HOURS = QuietHours(time(0), time(0))


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds for one type on one channel, all rules taken together. `preferred` providers are named the best
    first."""

    is_enabled: bool
    cap: Cap | None
    quiet: QuietHours | None
    timezone: str
    preferred: tuple[str, ...] = ()
    blocked: frozenset[str] = frozenset()

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet hours end that `now` lies in (UTC); None outside of them."""
        return quiet_until(self.quiet.start, self.quiet.end, self.timezone, now) if self.quiet else None


def type_of(kind: Kind) -> NotificationType | None:
    """What a user can have rules for; None for what has none and so can't be held back by any."""
    return TYPE_OF.get(kind)


def kinds_of(type: NotificationType) -> frozenset[Kind]:
    """The kinds that count for a type."""
    return frozenset(kind for kind, own in TYPE_OF.items() if own is type)


def rule_for(rules: Iterable[Rule], type: NotificationType, channel: Channel | None) -> Rule:
    """The rule of exactly this type and channel; one that says nothing where there is none."""
    return next((one for one in rules if (one.type, one.channel) == (type, channel)), Rule(type, channel))


def in_force(account: Account, type: NotificationType | None, channel: Channel) -> InForce:
    """What holds for a type on a channel; for the settings alone where `type` is None."""
    settings = _settings(account, channel)
    if type is None or not account.rules:
        return settings
    rule = _merged(rule_for(account.rules, type, channel), rule_for(account.rules, type, None))
    return InForce(
        is_enabled=settings.is_enabled if rule.is_enabled is None else rule.is_enabled,
        cap=rule.cap if rule.cap and rule.cap.limit else None,
        quiet=settings.quiet if rule.quiet is None else None if rule.quiet.start == rule.quiet.end else rule.quiet,
        timezone=rule.timezone or settings.timezone,
        preferred=rule.preferred or (),
        blocked=frozenset(rule.blocked or ()),
    )


def _settings(account: Account, channel: Channel) -> InForce:
    preferences = account.preferences
    start, end = preferences.quiet_hours_start, preferences.quiet_hours_end
    quiet = QuietHours(start, end) if start is not None and end is not None and start != end else None
    return InForce(is_on(account, channel), None, quiet, preferences.timezone)


def _merged(specific: Rule, wide: Rule) -> Rule:
    """The specific rule, with what it leaves open filled from the wider one."""
    said = {name: value for name in SAYS if (value := getattr(specific, name)) is not None}
    return replace(wide, channel=specific.channel, **said)


SAYS = tuple(field.name for field in fields(Rule) if field.name not in ("type", "channel"))


def is_on(account: Account, channel: Channel) -> bool:
    """Whether the settings alone let messages that nobody asked for just now go by a channel."""
    on = {
        Channel.TELEGRAM: account.preferences.receive_telegram_notifications,
        Channel.EMAIL: account.preferences.receive_email_notifications,
    }
    return on.get(channel, channel not in BY_NAME)


def is_asked_for(account: Account, type: NotificationType | None, channel: Channel) -> bool:
    """Whether the user has switched this type on for this very channel."""
    return type is not None and rule_for(account.rules, type, channel).is_enabled is True


def is_switched_off(account: Account, type: NotificationType | None, channel: Channel) -> bool:
    """Whether a rule, and not only the settings, switches this type off on the channel."""
    if type is None or not account.rules:
        return False
    return _merged(rule_for(account.rules, type, channel), rule_for(account.rules, type, None)).is_enabled is False


def style_of(account: Account, type: NotificationType) -> ConversationStyle:
    """The style in which texts of this type begin."""
    return rule_for(account.rules, type, None).style or account.preferences.conversation_style


def with_rule(rules: Iterable[Rule], rule: Rule) -> tuple[Rule, ...]:
    """The rules with this one in the place of the one for the same type and channel."""
    others = [one for one in rules if (one.type, one.channel) != (rule.type, rule.channel)]
    return tuple(others) if rule == Rule(rule.type, rule.channel) else (*others, rule)
