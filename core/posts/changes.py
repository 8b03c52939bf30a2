"""What sets two versions of a post apart, in a few words for the card. Pure."""

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.i18n import gettext as _

WORTH_SAYING = 5  # per cent of length
SAME_LINE = 0.8  # similarity from which two lines count as the same
COMPARED = 40  # words of a line: difflib's time grows with the square


@dataclass(frozen=True, slots=True)
class Change:
    """From one version to the next: the length in per cent, and which parts are new."""

    length: int
    hook: bool
    ending: bool
    kept: int  # per cent of the old words that are still there


def compare(before: str, after: str) -> Change:
    """How `after` differs from `before`."""
    old, new = _lines(before), _lines(after)
    same = (Counter(before.split()) & Counter(after.split())).total()
    return Change(
        length=round(100 * (len(after) - len(before)) / max(len(before), 1)),
        hook=not _alike(old[0], new[0]),
        ending=not _alike(old[-1], new[-1]),
        kept=int(100 * same / max(len(before.split()), 1)),
    )


def describe(before: str, after: str) -> str:
    """`−34 % length, new hook`; says so where nothing has changed."""
    change = compare(before, after)
    parts = []
    if abs(change.length) >= WORTH_SAYING:
        sign = "+" if change.length > 0 else "−"
        parts.append(_("{sign}{percent} % length").format(sign=sign, percent=abs(change.length)))
    if change.hook:
        parts.append(_("new hook"))
    if change.ending:
        parts.append(_("new ending"))
    if not parts:
        same = _("the same text") if before == after else _("{percent} % of the words kept").format(percent=change.kept)
        parts.append(same)
    return ", ".join(parts)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()] or [""]


def _alike(old: str, new: str) -> bool:
    return SequenceMatcher(None, old.split()[:COMPARED], new.split()[:COMPARED]).ratio() >= SAME_LINE
