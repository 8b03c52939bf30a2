"""A post's text to be taken away: alone, to copy, or on the day it was kept for."""

from core.cards import keys
from core.cards.body import with_post
from core.i18n import gettext as _
from core.model import Card, PostView
from core.rendering.telegram_text import bold, escape, italic, split


def copy_cards(text: str) -> tuple[Card, ...]:
    """The text alone, as messages that copy with one tap: one, or several where it is longer than Telegram allows."""
    return tuple(Card(f"<pre>{escape(part)}</pre>") for part in split(text))


def kept_card(view: PostView) -> Card:
    """An approved text on the day it was kept for."""
    head = "🕓 " + bold(_("Time to post this"))
    foot = italic(_("Copy it into LinkedIn, then tap “Posted ✓”."))
    text, _whole = with_post(head, view.version.text, foot, folded=False)
    rows = ((keys.copy(view), keys.posted(view)), (keys.linkedin(),))
    return Card(text, rows)
