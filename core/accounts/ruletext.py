"""Rules as plain JSON values: for the audit log, and back from it to undo a change. Pure."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from core.accounts.rules import SAYS
from core.model import Cap, Channel, ConversationStyle, NotificationType, Period, QuietHours, Rule


def told(rule: Rule) -> dict[str, Any]:
    """What a rule says, as plain JSON values; `rule_of` reads it back."""
    return {"type": rule.type.value, "channel": rule.channel and rule.channel.value} | {
        name: plain_value(value) for name in SAYS if (value := getattr(rule, name)) is not None
    }


def plain_value(value: Any) -> Any:
    """A part of a rule as it stands in the audit log: JSON, readable."""
    match value:
        case Cap():
            return f"{value.limit} {value.period}"
        case QuietHours():
            return f"{value.start:%H:%M}-{value.end:%H:%M}"
        case tuple():
            return list(value)
    return value


def rule_of(values: Mapping[str, Any]) -> Rule:
    """A rule from what `told` made of it."""
    read = {name: READ[name](value) for name, value in values.items() if name in READ}
    channel = values.get("channel")
    return Rule(NotificationType(values["type"]), Channel(channel) if channel else None, **read)


def _cap(text: str) -> Cap:
    limit, _, period = text.partition(" ")
    return Cap(int(limit), Period(period))


def _quiet(text: str) -> QuietHours:
    start, _, end = text.partition("-")
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


READ: dict[str, Callable[[Any], Any]] = {
    "is_enabled": bool,
    "cap": _cap,
    "quiet": _quiet,
    "timezone": str,
    "preferred": tuple,
    "blocked": tuple,
    "style": ConversationStyle,
}
