"""Emoji and hashtags, added or taken away on request. Pure; a hashtag is made of the idea's own words."""

import re
from collections import Counter
from itertools import pairwise

from core.writers.words import Words

_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u2191\u231a-\u23ff\u25b6\u25c0\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U000e0020-\U000e007f]+"
)
_TAG = re.compile(r"(?<!\S)#\w+")
_WORD = re.compile(r"(?<![\w/@.#:&?=-])[^\W\d_]{4,24}(?![\w@/]|[.:][\w/])")
_MARKS = ("💡", "👉", "💬")
_TAGS = 3


def without_emoji(text: str) -> str:
    """No emoji; what was beside one moves up."""
    lines = (
        re.sub(" {2,}", " ", _EMOJI.sub("", line)).strip() if _EMOJI.search(line) else line for line in text.split("\n")
    )
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()


def with_emoji(text: str) -> str:
    """A mark at the first paragraph, at points, and at the last paragraph."""
    paragraphs = [paragraph.replace("• ", f"{_MARKS[1]} ") for paragraph in text.split("\n\n")]
    paragraphs[0] = f"{_MARKS[0]} {paragraphs[0]}"
    last = next((i for i in range(len(paragraphs) - 1, 0, -1) if not paragraphs[i].startswith("#")), None)
    if last is not None:
        paragraphs[last] = f"{_MARKS[2]} {paragraphs[last]}"
    return "\n\n".join(paragraphs)


def without_hashtags(text: str) -> str:
    """No hashtags at the ends; inside a sentence the word stays, its # goes."""
    paragraphs = [p for p in text.split("\n\n") if not all(_TAG.fullmatch(word) for word in p.split())]
    return "\n\n".join(_TAG.sub(lambda tag: tag[0][1:], paragraph) for paragraph in paragraphs) or text


def hashtags_of(idea: str, words: Words) -> list[str]:
    """Up to three of the idea's own words: what it says most often, things ("the tests") before anything else."""
    said = [word for word in _WORD.findall(idea) if not _is_small(word.lower(), words)]
    often = Counter(word.lower() for word in said)
    spoken = idea.lower().split()
    things = {word.strip(".,;:!?") for before, word in pairwise(spoken) if before in words.lowerable}
    chosen = sorted(often, key=lambda word: (-often[word], word not in things, -len(word), word))[:_TAGS]
    return [f"#{next(word for word in said if word.lower() == choice)}" for choice in chosen]


def _is_small(word: str, words: Words) -> bool:
    known = (words.stops, words.lowerable, words.backward, words.pronouns, words.verbs, words.dangling)
    return any(word in part for part in known)
