"""How many SMS a text becomes, as carriers count and charge them (3GPP TS 23.038 and 23.040). Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    """How the characters of an SMS travel: 7 bits each while all of them stand in the GSM alphabet, else 16 bits."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # an escape and a character: two places, never in two segments
ROOM = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}  # alone, and where a header joins several
LONGEST_BASIC_PLANE = "\uffff"  # beyond it a character is a pair of two 16-bit units


@dataclass(frozen=True, slots=True)
class Segments:
    """What is paid for: `count` messages. `characters` are the places that the text takes (`€` and an emoji take two);
    `left` are those still free in the last message."""

    encoding: Encoding
    count: int
    characters: int
    left: int


def segments_of(text: str) -> Segments:
    """The segments of a text; none for an empty one. What takes two places is never torn apart, so a segment may stay
    one place short."""
    encoding = Encoding.GSM7 if BASIC.union(EXTENDED).issuperset(text) else Encoding.UCS2
    alone, joined = ROOM[encoding]
    if len(text) <= alone and BASIC.issuperset(text):  # most texts: nothing in them takes two places
        return Segments(encoding, min(1, len(text)), len(text), alone - len(text))
    widths = [_width(character, encoding) for character in text]
    if sum(widths) <= alone:
        return Segments(encoding, min(1, len(text)), sum(widths), alone - sum(widths))
    count, used = 1, 0
    for width in widths:
        if used + width > joined:
            count, used = count + 1, 0
        used += width
    return Segments(encoding, count, sum(widths), joined - used)


def _width(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if character in EXTENDED else 1
    return 2 if character > LONGEST_BASIC_PLANE else 1
