"""How long a text may be on each channel, how long it is there, and where it is cut. Pure.

Telegram's rules stand in `telegram_text`, WhatsApp's in `whatsapp`, the segments of an SMS in `segments`.
"""

from dataclasses import dataclass

from core.model import Channel
from core.rendering.segments import Segments, segments_of
from core.rendering.telegram_text import clip, shorten, split, units
from core.rendering.variables import HTML, SUBJECT, TEXT
from core.rendering.whatsapp import MAX_BODY

SMS_SEGMENTS = 10  # Twilio, Plivo and Vonage take 1,600 characters or ten segments
FREE_TEXT = 1_600  # characters of a WhatsApp message without a template (Twilio, "Body")
PUSH_TITLE, PUSH_BODY = 65, 240  # units: what phones and browsers show before they cut it themselves
TEMPLATE_LIMITS = {  # characters of a text as it is written
    SUBJECT: 200,
    TEXT: 4_000,  # a message of Telegram, in which it is sent to the bot
    HTML: 4_000,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """How long a finished text is where it goes: `parts` are messages in a chat, or segments of an SMS."""

    characters: int
    parts: int = 1
    segments: Segments | None = None


def measure(channel: Channel, text: str) -> Measure:
    """The length of a finished text on its channel."""
    if channel is Channel.SMS:
        segments = segments_of(text)
        return Measure(segments.characters, segments.count, segments)
    if channel is Channel.TELEGRAM:
        return Measure(units(text), max(1, len(split(text))))
    return Measure(len(text))


def limit_of(channel: Channel, *, with_template: bool = False) -> int | None:
    """The most that a provider of the channel takes at once: segments of an SMS, characters of a WhatsApp message.
    None where long texts are cut or parted."""
    limits = {Channel.SMS: SMS_SEGMENTS, Channel.WHATSAPP: MAX_BODY if with_template else FREE_TEXT}
    return limits.get(channel)


def is_too_long(channel: Channel, text: str, *, with_template: bool = False) -> bool:
    """Whether no provider of the channel would take a finished text."""
    limit = limit_of(channel, with_template=with_template)
    if limit is None:
        return False
    length = measure(channel, text)
    return (length.parts if channel is Channel.SMS else length.characters) > limit


def push_title(text: str) -> str:
    """One line that is shown whole."""
    return shorten(text, PUSH_TITLE)


def push_body(text: str) -> str:
    """The beginning of a text, with an ellipsis where something was left out; line breaks stay."""
    text = text.strip()
    return text if units(text) <= PUSH_BODY else clip(text, PUSH_BODY - 1) + "…"
