"""Understanding an idea: its language, what kind of thing it is, its sentences, links and tags. Pure."""

import re
from dataclasses import dataclass, replace

from core.writers.offline_text import (
    Sentence,
    clean,
    cut,
    finished,
    has_words,
    is_link,
    lowered,
    sentences,
    split_off_tags,
)
from core.writers.phrases import Kind
from core.writers.stock import without_stock, words_of
from core.writers.words import WORDS, Words, language_of, tokens

BODY = 2_300  # characters of the user's text; what we add around it takes less than the other 700
_READ = 6_000  # characters of a long text that are looked at
_ASIDE = 400  # characters of links and tags
_HOW_TO = re.compile(
    r"^(?:how|why|what|when|where|cómo|por qué|qué|cuándo|comment|pourquoi|quand|ce que|ce qui)\b", re.I
)
_TOPIC_WORDS, _TOPIC_LENGTH = 12, 120


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to write about."""

    language: str
    kind: Kind
    sentences: tuple[Sentence, ...] = ()
    topic: str = ""  # only of Kind.TOPIC, without a full stop
    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        return WORDS[self.language]

    @property
    def length(self) -> int:
        return sum(len(sentence.text) + 1 for sentence in self.sentences)


def read(text: str, default_language: str) -> Material:
    """What the user's text says. Long texts are cut to what a post can hold."""
    cleaned = clean(cut(text, _READ))
    language = language_of(cleaned, default_language)
    idea = WORDS[language].request.sub("", cleaned, count=1).strip() or cleaned
    return _understood(sentences(idea), language)


def read_version(text: str, idea: Material, idea_text: str) -> Material:
    """What an earlier version keeps of the idea; or its own text, where the user changed it."""
    found = without_stock(sentences(clean(text)))
    known = words_of(idea_text)
    if any(words_of(sentence.text) not in known for sentence in found):
        return _understood(found, language_of(text, idea.language))
    said = [words_of(sentence.text) for sentence in found]
    kept = tuple(s for s in idea.sentences if any(_overlap(words_of(s.text), part) for part in said))
    return replace(idea, sentences=kept) if kept else idea


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one


def _understood(found: list[Sentence], language: str) -> Material:
    untagged, tags = split_off_tags(found)
    links = [s.text for s in untagged if " " not in s.text and is_link(s.text)]
    said = [s for s in untagged if s.text not in links and has_words(s.text)]
    material = Material(language, Kind.BLANK, links=_at_most(links, _ASIDE), tags=_at_most(tags, _ASIDE // 2))
    fitting = _fitting(said, material.words)
    if not fitting:
        return material
    kind = _kind([s.text for s in fitting], material.words)
    if kind is Kind.TOPIC:
        return replace(material, kind=kind, topic=_topic(fitting[0].text, material.words))
    whole = tuple(replace(s, text=s.text if s.item else finished(s.text)) for s in fitting)
    return replace(material, kind=kind, sentences=whole)


def _at_most(parts: list[str], limit: int) -> tuple[str, ...]:
    kept: list[str] = []
    for part in dict.fromkeys(parts):
        if sum(map(len, kept)) + len(part) <= limit:
            kept.append(part)
    return tuple(kept)


def _fitting(said: list[Sentence], words: Words) -> list[Sentence]:
    """As many sentences as fit, in order; the one that does not fit any more is cut at a word."""
    kept: list[Sentence] = []
    room = BODY
    for sentence in said:
        text = cut(sentence.text, room, words.dangling)
        if text:
            kept.append(replace(sentence, text=text if text == sentence.text else f"{text}…"))
        room -= len(text) + 2
        if room < 20:
            break
    return kept


def _kind(texts: list[str], words: Words) -> Kind:
    if len(texts) == 1:
        if texts[0].rstrip().endswith(("?", "？", "؟")):
            return Kind.QUESTION
        if words.hedges.match(texts[0]):
            return Kind.CLAIM
        if _is_topic(texts[0], words):
            return Kind.TOPIC
    if any(words.moment.search(text[:500]) for text in texts[:20]):
        return Kind.MOMENT
    return Kind.EXPERIENCE if any(words.past.search(text[:500]) for text in texts[:20]) else Kind.CLAIM


def _is_topic(text: str, words: Words) -> bool:
    said = tokens(text)
    if len(said) > _TOPIC_WORDS or len(text) > _TOPIC_LENGTH:
        return False
    if _HOW_TO.match(text):
        return True
    states = words.verbs.intersection(said) or words.past.search(text) or words.moment.match(text)
    return not states


def _topic(text: str, words: Words) -> str:
    return lowered(text.rstrip(" .!…:,;。！、，") or text, words.lowerable)
