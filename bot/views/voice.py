"""/voice: what is kept of the author's voice."""

from collections.abc import Sequence

from bot.callbacks import VoiceButton
from core.i18n import gettext as _
from core.i18n import ngettext
from core.localized import number
from core.model import Button, Card, Sample
from core.posts.voice import MAX_SAMPLES
from core.rendering.telegram_text import escape, shorten

TITLE = 60  # units of a sample's first line


def voice_card(samples: Sequence[Sample], *, learned: bool = False) -> Card:
    """What is kept, what to send, and the buttons to look at it and to delete it."""
    head = _("Got it: I'll write more like you.") if learned else _("Your voice")
    lines = [f"🗣 <b>{escape(head)}</b>", *(_line(place, sample) for place, sample in enumerate(samples, start=1))]
    if not samples:
        lines.append(escape(_("I know no posts of yours yet. Drafts follow your settings alone.")))
    return Card("\n".join(lines), _buttons(samples))


def how_to_add() -> str:
    """What to send for a sample, as HTML."""
    return escape(
        _(
            "Paste a post you wrote before, or several with a line of --- between them, or send a .txt or .md file. "
            "I keep up to {limit}, and learn from those you approve here anyway. /cancel leaves."
        ).format(limit=MAX_SAMPLES)
    )


def sample_card(sample: Sample) -> Card:
    """One sample whole."""
    forget = Button(_("🗑️ Delete"), data=VoiceButton(action="forget", sample_id=sample.id).pack())
    return Card(f"<blockquote>{escape(sample.text)}</blockquote>", ((forget, _list()),))


def forget_all_card(count: int) -> Card:
    """Asks before everything is deleted."""
    question = ngettext("Delete {count} post?", "Delete all {count} posts?", count).format(count=count)
    sure = Button(_("🗑️ Delete"), data=VoiceButton(action="forget_all").pack())
    return Card(escape(question), ((sure, _list()),))


def heard(text: str) -> str:
    """What a voice note said, as HTML."""
    return f"🎧 {escape(_('I heard:'))}\n<blockquote expandable>{escape(shorten(text, 3_000))}</blockquote>"


def _line(place: int, sample: Sample) -> str:
    length = _("{length} characters").format(length=number(len(sample.text)))
    return f"<b>{place}.</b> {escape(shorten(sample.text, TITLE))} <i>({escape(length)})</i>"


def _buttons(samples: Sequence[Sample]) -> tuple[tuple[Button, ...], ...]:
    shows = [
        Button(str(place), data=VoiceButton(action="show", sample_id=sample.id).pack())
        for place, sample in enumerate(samples, start=1)
    ]
    add = Button(_("➕ Add posts"), data=VoiceButton(action="add").pack())
    clear = Button(_("🗑️ Delete all"), data=VoiceButton(action="ask_all").pack())
    return tuple(shows[:5]), tuple(shows[5:]), ((add, clear) if samples else (add,))


def _list() -> Button:
    return Button(_("⬅️ Back"), data=VoiceButton(action="list").pack())
