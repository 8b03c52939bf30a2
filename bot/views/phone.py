"""/phone: the user's number, never whole, and which channels use it."""

from bot.callbacks import PhoneButton, PreferenceButton
from bot.views.rule_words import LABELS
from core.accounts.phone import Phone
from core.accounts.rules import TYPES, is_asked_for
from core.addresses import masked
from core.delivery.reasons import why_failed
from core.i18n import gettext as _
from core.model import Account, Button, Card, Channel
from core.rendering.telegram_text import escape


def card(phone: Phone, account: Account) -> Card:
    """The number as it stands, with its switches."""
    if phone.number is None:
        return Card(escape(_("📞 I have no number of yours.")))
    head = _("📞 Your number: {number}").format(number=masked(Channel.SMS, phone.number))
    lines = [head, "", *(_line(phone, channel) for channel in phone.channels)]
    if not any(is_asked_for(account, type, channel) for type in TYPES for channel in phone.channels):
        lines += ["", _("Nothing is sent there until you choose what: tap 🔔 and switch it on for posts or reminders.")]
    rows = [(_switch(phone, channel),) for channel in phone.channels]
    last = (
        Button(_("📱 Another number"), data=PhoneButton(action="share").pack()),
        Button(_("🗑️ Remove"), data=PhoneButton(action="remove").pack()),
    )
    choose = (Button(_("🔔 What comes there"), data=PreferenceButton(panel="list").pack()),)
    return Card("\n".join(map(escape, lines)), (*rows, choose, last))


def _line(phone: Phone, channel: Channel) -> str:
    state = _("on") if phone.channels[channel] else _("off")
    if channel in phone.refused and phone.channels[channel]:
        state = _("not used, since {reason}").format(reason=why_failed(phone.refused[channel]))
    return f"{_(LABELS[channel])}: {state}"


def _switch(phone: Phone, channel: Channel) -> Button:
    is_on = phone.channels[channel]
    data = PhoneButton(action="off" if is_on else "on", channel=channel)
    return Button(f"{'✅' if is_on else '▫️'} {_(LABELS[channel])}", data=data.pack())


def share_number() -> str:
    """The label of the button that shares one's own contact."""
    return _("📱 Share my number")


def ask() -> str:
    """The question for a number."""
    text = _(
        "📞 To reach you by SMS or WhatsApp I need your number. Share it with the button below: that proves that it is"
        " yours. A number that is typed or somebody else's contact proves nothing, so I don't take them."
    )
    return escape(text)


def saved() -> str:
    """The number is the user's."""
    return escape(_("✅ Your number is saved."))


def removed() -> str:
    """The number is gone."""
    return escape(_("✅ Your number is removed. /phone adds one again."))
