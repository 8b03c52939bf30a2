"""Short cards: reminders, failures, access, alerts."""

from datetime import date

from core import buttons
from core.delivery.reasons import channel_name, kind_name, why_failed
from core.i18n import gettext as _
from core.model import Button, Card, Channel, Kind
from core.rendering.telegram_text import MESSAGE_UNITS, bold, clip, escape, html_units, units


def reminder_card(day: date) -> Card:
    """The daily reminder for the user's local date."""
    stamp = f"{day:%Y%m%d}"
    question = _("What did you learn, finish or change your mind about lately? One sentence is enough to begin.")
    first = Button(_("✍️ Draft now"), data=buttons.reminder("draft", stamp))
    others = (
        Button(_("💤 Snooze 1 h"), data=buttons.reminder("snooze", stamp)),
        Button(_("⏭️ Skip today"), data=buttons.reminder("skip", stamp)),
    )
    return Card(_notice("⏰", _("Time for a post"), question), ((first,), others))


def gave_up_card(delivery_id: int, channel: Channel | str, error_code: str | None, kind: Kind | str) -> Card:
    """A delivery of the user's that failed for good: what, why, and a way to try again."""
    what = _("I could not deliver {what} by {channel}: {reason}.").format(
        what=kind_name(kind), channel=channel_name(channel), reason=why_failed(error_code)
    )
    advice = _("Nothing is lost. Try again with the button, or see /log.")
    retry = Button(_("🔁 Retry"), data=buttons.delivery("retry", delivery_id))
    return Card(_notice("❌", _("Not delivered"), f"{what}\n{advice}"), ((retry,),))


def access_request_card(user_id: int, name: str) -> Card:
    """To admins: somebody wants in."""
    question = _("{name} would like to use this bot.").format(name=name)
    answers = (
        Button(_("✅ Allow"), data=buttons.access("allow", user_id)),
        Button(_("🚫 Deny"), data=buttons.access("deny", user_id)),
    )
    return Card(_notice("🔑", _("Request for access"), question), (answers,))


def access_decided_card(allowed: bool) -> Card:
    """What an admin decided, to the person who asked."""
    if allowed:
        text = _("🎉 You're in. Send me an idea in a sentence or two, and I'll draft the post. /help shows the rest.")
    else:
        text = _("The admins of this bot have declined your request for access.")
    return Card(escape(text))


def account_moved_card() -> Card:
    """To the chat that an account was moved away from."""
    text = _(
        "It now belongs to another Telegram account, confirmed by a code from your mailbox. "
        "If that wasn't you, secure your mailbox, then send /link with your address here to move it back."
    )
    return Card(_notice("📦", _("Your account has moved"), text))


def email_changed_card(masked_new: str) -> Card:
    """The address of an account was changed."""
    text = _("Your mails now go to {address}. If that wasn't you, set your address again with /email.")
    return Card(_notice("✉️", _("Your address has changed"), text.format(address=masked_new)))


def alert_card(text: str) -> Card:
    """To admins: something needs a look."""
    return _titled("🚨 " + _("Alert"), text)


def message_card(subject: str, text: str) -> Card:
    """A plain message, with its subject as a title where it has one."""
    return _titled(subject, text)


def _notice(icon: str, title: str, text: str) -> str:
    return f"{icon} {bold(title)}\n\n{escape(text)}"


def _titled(title: str, text: str) -> Card:
    head = bold(title) + "\n\n" if title else ""
    room = MESSAGE_UNITS - html_units(head)
    return Card(head + escape(text if units(text) <= room else clip(text, room - 1) + "…"))
