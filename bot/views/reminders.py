"""What becomes of a reminder that was answered."""

from datetime import datetime

from core.i18n import gettext as _
from core.localized import moment, time_of_day
from core.rendering.telegram_text import escape


def snoozed(again: datetime, timezone: str) -> str:
    """When the reminder comes again."""
    return escape(_("💤 I'll remind you again at {time}.").format(time=time_of_day(again, timezone)))


def skipped(following: datetime | None, timezone: str) -> str:
    """Nothing more today, and when there is more."""
    text = _("⏭️ Skipped for today.")
    if following:
        text += " " + _("Next: {when}.").format(when=moment(following, timezone))
    return escape(text)


def ask_for_idea() -> str:
    """After Draft now."""
    return escape(_("✍️ What is it about? A sentence or two is enough. /cancel leaves."))
