"""Making a text shorter without adding a word. Our phrases go first, then what a reader misses least. Pure."""

import math
import re
from dataclasses import dataclass

from core.writers.arranging import stands_alone, weight
from core.writers.offline_text import Sentence, capitalized, clean, cut, finished, is_link, sentences
from core.writers.stock import is_stock
from core.writers.words import WORDS, Words, language_of, tokens

SHARE = 0.7  # of the earlier text, at most
_PIVOT_WORDS = 3  # "Why?" and the like stay with the sentence that answers them
_CLAUSE = re.compile(r"[,;:] | [–—] ")
_HOOK, _LINK, _LAST, _STOCK = 6.0, 3.0, 1.0, -10.0


@dataclass(frozen=True, slots=True)
class _Unit:
    sentence: Sentence
    score: float


def limit_for(text: str) -> int:
    """How long the shorter text may be."""
    return math.floor(len(text) * SHARE)


def shorten(text: str, language: str, limit: int | None = None) -> str:
    """The text at 70 % of its length or less (or at most `limit`); a lone word, which can't be shortened, stays."""
    cleaned = clean(text)
    room = limit_for(text) if limit is None else limit
    words = WORDS[language_of(cleaned, language)]
    units = _units(cleaned, words)
    while len(units) > 1 and len(_joined(units)) > room:
        units.remove(min(units, key=lambda unit: unit.score))
    shorter = _joined(units)
    return shorter if len(shorter) <= room else _one_sentence(shorter, room, words)


def _units(text: str, words: Words) -> list[_Unit]:
    found = _with_answers(sentences(text))
    own = [s for s in found if not _is_ours(s.text)]
    scores: list[float] = []
    for number, sentence in enumerate(found):
        score = _score(sentence, own, words) + number * -0.001
        if scores and not stands_alone(sentence.text, words) and score > _STOCK / 2:
            score = min(score, scores[-1] - 0.5)  # it would hang in the air
        scores.append(score)
    return [_Unit(sentence, score) for sentence, score in zip(found, scores, strict=True)]


def _with_answers(found: list[Sentence]) -> list[Sentence]:
    """What belongs together as one: a question of ours ("Why?") and its answer, our own sentences side by side."""
    joined: list[Sentence] = []
    for sentence in found:
        last = joined[-1] if joined else None
        if last and _belongs(last, sentence):
            joined[-1] = Sentence(f"{last.text} {sentence.text}", last.paragraph, last.item)
        else:
            joined.append(sentence)
    return joined


def _belongs(last: Sentence, sentence: Sentence) -> bool:
    if last.paragraph != sentence.paragraph or last.item or sentence.item or not _is_ours(last.text):
        return False
    pivots = last.text.endswith("?") and len(tokens(last.text)) < _PIVOT_WORDS
    return pivots or (_is_ours(sentence.text) and not last.text.endswith(":"))


def _is_ours(text: str) -> bool:
    return all(is_stock(sentence.text) for sentence in sentences(text))


def _score(sentence: Sentence, own: list[Sentence], words: Words) -> float:
    if _is_ours(sentence.text):
        return _STOCK + (2.0 if sentence.text.endswith("?") else 0.0) + (3.0 if sentence.item else 0.0)
    if own and sentence is own[0]:
        return _HOOK
    score = weight(sentence.text, words) + (_LAST if sentence is own[-1] else 0.0)
    return score + _LINK * any(is_link(word) for word in sentence.text.split(" "))


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
            paragraphs[-1] += f"\n{text}" if is_line else f" {text}"
        else:
            paragraphs.append(text)
    return "\n\n".join(paragraphs)


def _one_sentence(text: str, room: int, words: Words) -> str:
    """Its main clause if that fits, else its first words; its first word at least."""
    bare = text.removeprefix("• ").rstrip(".!?… ")
    clauses = [match.start() for match in _CLAUSE.finditer(bare) if match.start() < room]
    if clauses and clauses[-1] > room // 2:
        return finished(bare[: clauses[-1]])
    kept = cut(bare, room - 1, words.dangling) or cut(bare, room, words.dangling)
    if not kept:
        return bare.split(" ")[0] or text
    whole = finished(capitalized(kept))
    return whole if len(whole) <= room else kept
