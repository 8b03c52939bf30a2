"""The buttons of /preferences. A press sets a value and names it, so that pressing twice changes nothing twice."""

from hashlib import sha256

from bot.callbacks import PreferenceButton
from core.errors import AppError
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Button, Channel, NotificationType


def no_such_button() -> AppError:
    """A press that no card of ours offers any more."""
    return AppError(N_("This button no longer works. Send /preferences to see yours."))


def provider_code(name: str) -> str:
    """A provider as a button names it: Telegram takes few bytes, and names can be long."""
    return sha256(name.encode()).hexdigest()[:8]


def mark(label: str, is_chosen: bool) -> str:
    """The label, with a tick where it is what holds."""
    return f"✅ {label}" if is_chosen else label


def back(panel: str, type: NotificationType, channel: Channel | None = None) -> tuple[Button, ...]:
    """The row that leads back."""
    return (opens(_("⬅️ Back"), panel, type, channel),)


def opens(label: str, panel: str, type: NotificationType | None = None, channel: Channel | None = None) -> Button:
    """A button that shows another card."""
    return Button(label, data=PreferenceButton(panel=panel, type=type or "", channel=channel or "").pack())


def press(label: str, panel: str, type: NotificationType, topic: str, channel: Channel | None = None) -> Button:
    """A button that does something without a value."""
    return sets(label, panel, type, topic, "", channel)


def sets(
    label: str, panel: str, type: NotificationType, topic: str, value: str, channel: Channel | None = None
) -> Button:
    """A button that sets a value and shows a card."""
    data = PreferenceButton(panel=panel, type=type, channel=channel or "", topic=topic, value=value)
    return Button(label, data=data.pack())
