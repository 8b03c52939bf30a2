"""Browsers and phones on which notifications pop up."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.callbacks import PushButton
from core.accounts.devices import Device
from core.i18n import gettext as _
from core.model import Account, Button, Card
from core.rendering.telegram_text import escape


def push_card(account: Account, devices: Sequence[Device], url: str) -> Card:
    """The devices, and the way to the page on which another is added. Telegram takes only an https address on a
    button; any other stands in the text, to be copied."""
    is_button = url.startswith("https://")
    way = _(
        "To add one, open your page on that device: it asks the browser for its permission. The page's address is good"
        " for a day and for you alone, so don't pass it on."
    )
    parts = [f"🔔 <b>{escape(_('Notifications'))}</b>", _listed(account, devices), escape(way)]
    if not is_button:
        parts.append(f"<code>{escape(url)}</code>")
    page = ((Button(_("🔔 Open my page"), url=url),),) if is_button else ()
    return Card("\n\n".join(parts), (*page, *(_row(place, one) for place, one in enumerate(devices, start=1))))


def _listed(account: Account, devices: Sequence[Device]) -> str:
    if not devices:
        return escape(_("They can pop up in a browser or on a phone, also while this chat is closed. So far: nowhere."))
    zone = ZoneInfo(account.preferences.timezone)
    lines = [escape(_("They pop up here:"))]
    for place, one in enumerate(devices, start=1):
        since = _("since {day}").format(day=f"{one.added_at.astimezone(zone):%Y-%m-%d}")
        lines.append(f"{place}. {escape(one.label)}, {escape(since)}")
    return "\n".join(lines)


def _row(place: int, device: Device) -> tuple[Button, ...]:
    return (
        Button(_("Test {number}").format(number=place), data=PushButton(action="test", device_id=device.id).pack()),
        Button(
            _("🗑️ Remove {number}").format(number=place), data=PushButton(action="remove", device_id=device.id).pack()
        ),
    )


def removed() -> str:
    """Said above the chat."""
    return _("Removed: nothing pops up there any more.")


def tested(*, is_sent: bool) -> str:
    """Said above the chat."""
    if is_sent:
        return _("A test is on its way. It takes a few seconds.")
    return _("One test a minute is enough. Please wait a moment.")
