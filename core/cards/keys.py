"""The buttons that several cards share."""

from core import buttons
from core.i18n import gettext as _
from core.model import Button, PostView
from core.rendering.telegram_text import COPY_UNITS, units

LINKEDIN = "https://www.linkedin.com/feed/?shareActive=true"  # opens the site with its "start a post" box


def action(view: PostView, text: str, name: str, argument: str = "") -> Button:
    """A button that does something with the version on the card."""
    return Button(text, data=buttons.draft(name, view.post.id, view.version.number, argument))


def rewrite(view: PostView, text: str, name: str, direction: str = "") -> Button:
    """A button that has a new version written from the one on the card. On a page turned back it names the latest
    one too: that tells it from a press on a card that others have overtaken."""
    turned_back = view.version.number != view.post.latest
    return action(view, text, name, f"{direction}.{view.post.latest}" if turned_back else direction)


def copy(view: PostView) -> Button:
    """Copies at once where Telegram can (256 units), else asks for the text as its own message."""
    text = view.version.text
    if units(text) <= COPY_UNITS:
        return Button(_("📋 Copy text"), copy=text)
    return action(view, _("📋 Copy text"), "copy")


def linkedin() -> Button:
    return Button(_("🔗 Open LinkedIn"), url=LINKEDIN)


def posted(view: PostView) -> Button:
    return action(view, _("📣 Posted ✓"), "posted")
