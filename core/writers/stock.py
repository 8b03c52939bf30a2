"""Telling the writer's own sentences from the user's, so that a later version changes only what it should."""

import re
from functools import cache

from core.writers.offline_text import Sentence, sentences
from core.writers.phrases import PHRASES, every_line

_WORD = re.compile(r"\w+")


def words_of(text: str) -> str:
    """The words and numbers of a text, for comparing: lower case, no punctuation, a space around each."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


@cache
def _phrases() -> frozenset[str]:
    lines = (line for table in PHRASES.values() for line in every_line(table) if "{topic}" not in line)
    return frozenset(words_of(sentence.text) for line in lines for sentence in sentences(line)) | _hook_openings()


@cache
def _hook_openings() -> frozenset[str]:
    """The sentences of the topic hooks that stand before the one with the topic."""
    parts = (sentence.text for template in _templates() for sentence in sentences(template))
    return frozenset(words_of(part) for part in parts if "{topic}" not in part)


def _templates() -> list[str]:
    return [line for table in PHRASES.values() for line in every_line(table) if "{topic}" in line]


@cache
def _topic_patterns() -> tuple[re.Pattern[str], ...]:
    parts = [part.text for template in _templates() for part in sentences(template) if "{topic}" in part.text]
    return tuple(_pattern(*part.rstrip(".").split("{topic}")) for part in parts)


def _pattern(before: str, after: str) -> re.Pattern[str]:
    start = r"\s".join(map(re.escape, re.split(r"\s", before)))
    return re.compile(rf"^{start}(.+?){re.escape(after)}[.!…]*$")


def is_stock(text: str) -> bool:
    """Whether this sentence is one of ours."""
    words = words_of(text)
    return words.isspace() or words in _phrases()


def own_words(text: str) -> str:
    """What of this sentence is the user's: all, a topic inside one of our hooks, or nothing."""
    if is_stock(text):
        return ""
    matches = (pattern.match(text) for pattern in _topic_patterns())
    return next((match[1] for match in matches if match), text)


def without_stock(found: list[Sentence]) -> list[Sentence]:
    """The user's own sentences."""
    return [
        Sentence(words, sentence.paragraph, sentence.item) for sentence in found if (words := own_words(sentence.text))
    ]
