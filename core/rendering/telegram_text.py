"""How long a text is for Telegram, where it may be cut, and where LinkedIn folds it. Pure.

Telegram counts UTF-16 units after entities (Bot API, "sendMessage"), so every function here works on the plain text:
cut first, escape afterwards, and no entity or tag is ever cut in two.
"""

import re
import unicodedata
from html import escape as html_escape
from html import unescape

from core.posts.writing import FOLD, FOLD_LINES

MESSAGE_UNITS = 4_096
CAPTION_UNITS = 1_024  # below a picture
COPY_UNITS = 256  # CopyTextButton
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_JOINER = "\u200d"
_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?=\s)")  # the end of one


def escape(text: str) -> str:
    """Plain text as Telegram HTML."""
    return html_escape(text, quote=False)


def bold(text: str) -> str:
    """Plain text as bold Telegram HTML."""
    return f"<b>{escape(text)}</b>"


def italic(text: str) -> str:
    """Plain text as italic Telegram HTML."""
    return f"<i>{escape(text)}</i>"


def units(text: str) -> int:
    """UTF-16 units of a plain text."""
    return len(text) + sum(character > "\uffff" for character in text)


def plain(html: str) -> str:
    """What a reader sees of a Telegram HTML text: tags dropped, entities resolved."""
    return unescape(_TAG.sub("", html))


def html_units(html: str) -> int:
    """What Telegram counts of a Telegram HTML text."""
    return units(plain(html))


def clip(text: str, limit: int) -> str:
    """The beginning of a text, at most `limit` units: up to a paragraph, line or word where one ends in the last
    quarter, else up to a whole character."""
    return text[: _cut(text, limit)].rstrip()


def shorten(text: str, limit: int) -> str:
    """One line of at most `limit` units that ends in an ellipsis where something was left out."""
    line = " ".join(text.split())
    return line if units(line) <= limit else clip(line, limit - 1) + "…"


def split(text: str, limit: int = MESSAGE_UNITS) -> list[str]:
    """The whole text in parts of at most `limit` units, cut at paragraphs, else at lines, sentences or words where one
    ends in a part's last quarter. Only white space at a cut is lost; no part is blank."""
    parts = []
    rest = text.strip()
    while rest:
        cut = _cut(rest, limit, at_sentences=True)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return parts


def fold(text: str) -> tuple[str, str] | None:
    """What LinkedIn shows before "see more", and the rest; None where all of it is shown."""
    lines = text.split("\n", FOLD_LINES)
    shown = len("\n".join(lines[:FOLD_LINES]))
    cut = shown if shown <= FOLD else _at_word(text, FOLD)
    head, rest = text[:cut], text[cut:]
    return (head.rstrip(), rest.removeprefix(" ").removeprefix("\n")) if rest.strip() else None


def _cut(text: str, limit: int, *, at_sentences: bool = False) -> int:
    """The index to cut at, so that what stands before has at most `limit` units; at least one character."""
    end = _index_at(text, limit)
    if end == len(text):
        return end
    start = end * 3 // 4
    places = [text.rfind("\n\n", start, end + 1), text.rfind("\n", start, end + 1)]
    if at_sentences:
        places.append(max((match.end() for match in _SENTENCE.finditer(text, start, end + 1)), default=0))
    places.append(text.rfind(" ", start, end + 1))
    return next((place for place in places if place > 0), None) or _at_character(text, end)


def _index_at(text: str, limit: int) -> int:
    """How many characters have at most `limit` units together."""
    if units(text) <= limit:
        return len(text)
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return index
    return len(text)


def _at_word(text: str, end: int) -> int:
    """`end`, or the beginning of the word that it would cut where that is near."""
    space = max(text.rfind(" ", end - 30, end + 1), text.rfind("\n", end - 30, end + 1))
    return space if space > 0 else _at_character(text, end)


def _at_character(text: str, end: int) -> int:
    """`end`, or a little before it where it would part an accent, a skin colour or a family from its character."""
    index = end
    while index > max(0, end - 16) and (_continues(text[index]) or text[index - 1] == _JOINER):
        index -= 1
    return index or end or 1


def _continues(character: str) -> bool:
    return (
        character == _JOINER
        or bool(unicodedata.combining(character))
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\ufe00" <= character <= "\ufe0f"
    )
