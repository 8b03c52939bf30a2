"""Making a text shorter without adding a word. Our phrases go first, then what a reader misses least. Pure."""

import math
import re
from dataclasses import dataclass, replace

from core.writers.arranging import stands_alone, weight
from core.writers.offline_text import Sentence, clean, cut, finished, flowing, is_link, sentences
from core.writers.stock import is_stock
from core.writers.words import WORDS, Words, language_of, tokens

SHARE = 0.7  # of the earlier text, at most
_PIVOT_WORDS = 3  # "Why?" and the like stay with the sentence that answers them
_CLAUSE = re.compile(r"[,;:] | [–—] ")
_HOOK, _LINK, _LAST, _STOCK = 6.0, 3.0, 1.0, -10.0


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    """What goes or stays as one. `ours`: none of it is the user's."""

    sentence: Sentence
    ours: bool
    score: float = 0.0


def limit_for(text: str) -> int:
    """How long the shorter text may be."""
    return math.floor(len(text) * SHARE)


def shorten(text: str, language: str, limit: int | None = None) -> str:
    """The text at 70 % of its length or less (or at most `limit`); a lone word, which can't be shortened, stays."""
    cleaned = clean(text)
    room = limit_for(text) if limit is None else limit
    words = WORDS[language_of(cleaned, language)]
    shorter = _fitting(_scored(_units(cleaned), words), room) or cleaned
    return shorter if len(shorter) <= room else _one_sentence(shorter, room, words)


def _fitting(units: list[_Unit], room: int) -> str:
    """The units that fit, the least missed ones left out; the best one at least."""
    text, left = _joined(units), set(units)
    too_much = len(text) - room
    for unit in sorted(units, key=lambda unit: unit.score)[:-1]:
        if too_much <= 0:
            break
        left.remove(unit)
        too_much -= len(unit.sentence.text) + 1
        if too_much <= 0:  # a rough count; only the text itself tells
            text = _joined([unit for unit in units if unit in left])
            too_much = len(text) - room
    return text if too_much <= 0 else _joined([unit for unit in units if unit in left])


def _units(text: str) -> list[_Unit]:
    """Sentences; our own side by side as one, and a question of ours ("Why?") with the sentence that answers it."""
    units: list[_Unit] = []
    for sentence in sentences(text):
        unit = _Unit(sentence, is_stock(sentence.text))
        if units and _belong(units[-1], unit):
            last = units.pop()
            together = replace(last.sentence, text=f"{last.sentence.text} {sentence.text}")
            unit = _Unit(together, unit.ours)
        units.append(unit)
    return units


def _belong(last: _Unit, unit: _Unit) -> bool:
    before, sentence = last.sentence, unit.sentence
    if before.paragraph != sentence.paragraph or before.item or sentence.item or not last.ours:
        return False
    asks = before.text.endswith("?") and len(tokens(before.text)) < _PIVOT_WORDS
    return asks or (unit.ours and not before.text.endswith(":"))


def _scored(units: list[_Unit], words: Words) -> list[_Unit]:
    own = [unit for unit in units if not unit.ours]
    scored: list[_Unit] = []
    for number, unit in enumerate(units):
        score = _score(unit, own, words) - number * 0.001
        if scored and not unit.ours and not stands_alone(unit.sentence.text, words):
            score = min(score, scored[-1].score - 0.5)  # without the one before, it would hang in the air
        scored.append(replace(unit, score=score))
    return scored


def _score(unit: _Unit, own: list[_Unit], words: Words) -> float:
    text = unit.sentence.text
    if unit.ours:
        return _STOCK + (2.0 if text.endswith("?") else 0.0) + (3.0 if unit.sentence.item else 0.0)
    if unit is own[0]:
        return _HOOK
    score = weight(text, words) + (_LAST if unit is own[-1] else 0.0)
    return score + _LINK * any(is_link(word) for word in text.split(" "))


def _joined(units: list[_Unit]) -> str:
    """As paragraphs again; a line that only announced what is gone now goes too."""
    kept = [unit.sentence for unit in units]
    while len(kept) > 1 and kept[-1].text.endswith(":"):
        kept.pop()
    paragraphs: list[str] = []
    for index, sentence in enumerate(kept):
        text = f"• {sentence.text}" if sentence.item else sentence.text
        if index and kept[index - 1].paragraph == sentence.paragraph:
            is_line = sentence.item or kept[index - 1].text.endswith(":")
            paragraphs[-1] = f"{paragraphs[-1]}\n{text}" if is_line else flowing([paragraphs[-1], text])
        else:
            paragraphs.append(text)
    return "\n\n".join(paragraphs)


def _one_sentence(text: str, room: int, words: Words) -> str:
    """Its main clause if that fits, else its first words; its first word at least."""
    bare = text.removeprefix("• ").rstrip(".!?… ")
    clauses = [match.start() for match in _CLAUSE.finditer(bare) if match.start() < room]
    main = finished(bare[: clauses[-1]]) if clauses else ""
    if room // 2 < len(main) <= room:
        return main
    kept = cut(bare, room - 1, words.dangling) or cut(bare, room, words.dangling)
    if not kept:
        return (bare.split() or text.split())[0]
    whole = finished(kept)
    return whole if 0 < len(whole) <= room else kept
