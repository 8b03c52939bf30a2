"""Before and after everything is erased."""

from datetime import datetime

from bot.callbacks import ForgetButton
from core.i18n import gettext as _
from core.model import Button, Card
from core.rendering.telegram_text import escape


def exported() -> str:
    """The caption of the file."""
    return escape(_("📦 This is everything I know about you."))


def too_large() -> str:
    """Telegram takes no larger file from a bot."""
    return escape(_("Your data is larger than the 50 MB that Telegram lets me send. Please ask an admin for it."))


def ask(until: datetime) -> Card:
    """The question before erasing."""
    text = _(
        "Erase everything? Your posts with all their versions, your settings, address, reminders and logs will be gone"
        " for good, and messages on their way are called off. You may want to /export first."
    )
    moment = int(until.timestamp())
    rows = (
        (Button(_("🗑️ Erase everything"), data=ForgetButton(action="erase", until=moment).pack()),),
        (Button(_("Keep it"), data=ForgetButton(action="keep", until=moment).pack()),),
    )
    return Card(f"⚠️ <b>{escape(_('Are you sure?'))}</b>\n\n{escape(text)}", rows)


def erased() -> str:
    """Nothing is left."""
    return escape(_("Everything is erased. If you ever want to begin anew: /start"))


def kept() -> str:
    """They thought better of it."""
    return escape(_("Nothing was erased."))
