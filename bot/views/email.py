"""Addresses and codes."""

from core.i18n import gettext as _
from core.rendering.telegram_text import escape


def code_sent(address: str) -> str:
    """A code is on its way to the user's new address."""
    text = _(
        "✉️ I am mailing a six-digit code to {address}. Send it to me here within 15 minutes."
        " Look in the spam folder too. /cancel leaves your address as it is."
    )
    return escape(text.format(address=address))


def link_asked(address: str) -> str:
    """The same words whether there is such an account or not."""
    text = _(
        "🔗 If an account of this bot has confirmed {address}, a six-digit code is on its way there. Send it to me here"
        " within 15 minutes, and that account moves into this chat. /cancel leaves it where it is."
    )
    return escape(text.format(address=address))


def confirmed(address: str) -> str:
    """The address is the user's now."""
    return escape(
        _("✅ {address} is confirmed. Drafts are mailed to you from now on; /email off stops that.").format(
            address=address
        )
    )


def moved() -> str:
    """The account has arrived in this chat."""
    return escape(
        _("✅ Your account is here now, with your posts and settings. The old chat and your mailbox are told.")
    )


def ask_address() -> str:
    """The question for an address."""
    return escape(_("Which address should I write to? Example: me@example.org. /cancel leaves it as it is."))


def how_to() -> str:
    """What /email takes."""
    return escape(_("To set or change it: /email me@example.org. To switch it: /email on, /email off."))


def how_to_link() -> str:
    """What /link takes."""
    text = _(
        "/link moves your account here from another Telegram account. Send it with the address you have confirmed"
        " there. Example: /link me@example.org"
    )
    return escape(text)
