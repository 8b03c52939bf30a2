"""Texts made fit for SMS: typographic signs that the GSM alphabet lacks are written plainly, where that keeps a text in
it. One “ in a text costs more than half of what fits into a segment. Pure.
"""

import unicodedata

from core.rendering.segments import BASIC, EXTENDED

GSM = BASIC | EXTENDED
LIGATURES = {"œ": "oe", "Œ": "OE"}
PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛‹›′´`", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\t", " "),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
        **dict.fromkeys("•·‣", "-"),
        "…": "...",
        "→": "->",
        "×": "x",
        "™": "(TM)",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)


def for_sms(text: str, *, fold_accents: bool = False) -> str:
    """The text with its typographic signs written plainly, and with `fold_accents` also á as a, where the GSM alphabet
    has every character then; else the text as it is. What the alphabet has (é, ñ, ü) is always kept."""
    plain = text.translate(PLAIN)
    if fold_accents:
        plain = "".join(map(_folded, unicodedata.normalize("NFC", plain)))
    return plain if GSM.issuperset(plain) else text


def _folded(character: str) -> str:
    if character in GSM:
        return character
    if character in LIGATURES:
        return LIGATURES[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base in GSM else character
