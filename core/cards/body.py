"""A post's text on a card: whole where Telegram takes it, else its beginning with a note."""

from core.i18n import gettext as _
from core.rendering.telegram_text import MESSAGE_UNITS, bold, clip, escape, fold, html_units, italic, units


def with_post(head: str, text: str, foot: str, *, folded: bool) -> tuple[str, bool]:
    """A card of head, post and foot (HTML) of at most 4,096 units, and whether the whole post is on it."""
    room = MESSAGE_UNITS - html_units(head) - html_units(foot) - 4  # two blank lines
    divider = "\n" + italic(_("┄┄┄ see more ┄┄┄")) + "\n" if folded and fold(text) else ""
    room -= html_units(divider)
    whole = units(text) <= room
    if not whole:
        note = _("✂️ Too long for one Telegram message: this is only the beginning.")
        foot = f"{bold(note)}\n{foot}"
        text = clip(text, room - units(note) - 2) + "…"
    return f"{head}\n\n{_folded(text, divider)}\n\n{foot}", whole


def _folded(text: str, divider: str) -> str:
    parts = fold(text) if divider else None
    return escape(text) if parts is None else divider.join(map(escape, parts))
