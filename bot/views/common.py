"""Answers to what can't be drafted from: one table of what a message holds and what is said about it."""

from aiogram.enums import ContentType

from core.i18n import N_
from core.i18n import gettext as _
from core.model import Card
from core.rendering.telegram_text import escape

C = ContentType
_MEDIA = N_("I only read text. Send me the idea in a sentence or two, and I'll draft the post.")
_CAPTION = N_("I only read text. If what you wrote below it is the idea, send that again as a message of its own.")
_VOICE = N_("Tap 🎤 and say the idea as a voice message, or send it as text: I can't listen to this kind of recording.")

ANSWERS = {
    C.ANIMATION: _MEDIA,
    C.AUDIO: _VOICE,
    C.CHECKLIST: N_("I can't read checklists. Send me the idea as plain text."),
    C.CONTACT: N_("I need nobody's contact but your own, for SMS and WhatsApp. To share it, send: /phone"),
    C.DICE: N_("🎲 Well rolled! For a post I need an idea: one sentence is enough."),
    C.DOCUMENT: N_(
        "I can't draft from a file. Send the idea as text. If it holds posts of yours, to learn how you write, "
        "send /voice first."
    ),
    C.GAME: _MEDIA,
    C.LIVE_PHOTO: _MEDIA,
    C.LOCATION: N_("I use a location only for your timezone. Send /timezone to set it."),
    C.PAID_MEDIA: _MEDIA,
    C.PHOTO: N_("A fine picture, but I only read text. Send the idea in a sentence or two, and I'll draft the post."),
    C.POLL: N_("I don't vote. Send what the poll is about as text, and I'll draft a post that asks for opinions."),
    C.RICH_MESSAGE: N_("I can't read this kind of message. Send me the idea as plain text."),
    C.STICKER: N_("😄 I only read text. Send me an idea in a sentence or two, and I'll draft the post."),
    C.STORY: _MEDIA,
    C.UNKNOWN: N_("I can't read this kind of message. Send me the idea as plain text."),
    C.VENUE: N_("I use a place only for your timezone. Send /timezone to set it."),
    C.VIDEO: N_("I can't watch videos. Send me the idea in a sentence or two, and I'll draft the post."),
    C.VIDEO_NOTE: _VOICE,
    C.VOICE: N_("I can't listen to this recording. Send me the idea as text."),
}
HANDLED = {C.TEXT, C.ANY}  # text has handlers of its own; ANY is no content
# Everything else is a service message: something happened in the chat, and nobody waits for an answer.


def answer_to(content: ContentType, *, has_caption: bool = False) -> str | None:
    """What is said about such a message, in the current language; None where nobody waits for an answer."""
    if content not in ANSWERS:
        return None
    return _(_CAPTION if has_caption else ANSWERS[content])


def unknown_command(typed: str, nearest: str | None) -> Card:
    """A command that doesn't exist, or not for them."""
    if nearest:
        return Card(escape(_("I don't know /{typed}. Did you mean /{nearest}?").format(typed=typed, nearest=nearest)))
    return Card(escape(_("I don't know /{typed}. /help shows what I can do.").format(typed=typed)))


def edits_are_not_followed() -> Card:
    """A message was edited after it was sent."""
    text = _(
        "I don't follow edits of messages. To change a draft, reply to its card with the new text, or tap ♻️ "
        "Regenerate. For another draft, send the idea again."
    )
    return Card(escape(text))


def only_in_private() -> str:
    """Said in groups, as plain text."""
    return _("I work in private chats only. Write to me there!")


def dead_button() -> str:
    """A button of a card that is gone or too old, or that nobody made."""
    return _("This button no longer works. Send /help to see what does.")
