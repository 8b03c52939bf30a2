"""The writer that needs no network and no model: it composes a post out of the user's own sentences.

It adds only phrases of `core.writers.phrases`, which state nothing: every number and every name in a post is the
user's. Equal briefs are written alike.
"""

from collections.abc import Callable
from dataclasses import replace

from core.posts.writing import MAX_POST, Brief, Direction, OnRetry, WriterError, WriterErrorKind, Written
from core.writers.adorning import hashtags_of, with_emoji, without_emoji, without_hashtags
from core.writers.frameworks import Plan, compose
from core.writers.material import Material, read, read_version
from core.writers.offline_text import Sentence, clean, clip, finished
from core.writers.phrases import PHRASES, Kind
from core.writers.revising import with_hook, with_question
from core.writers.shortening import limit_for, shorten
from core.writers.voice import Voice, voice_of
from core.writers.wishes import Wishes, wishes_of

NAME = "offline"
_STRIDE, _TRIES = 5, 8  # five versions in a row keep apart, also when one is replaced by a later one


class Offline:
    """The default `Writer`."""

    name = NAME
    can_transcribe = False

    async def write(self, brief: Brief, on_retry: OnRetry | None = None) -> Written:
        """A post within a few milliseconds; never fails."""
        return Written(compose_post(brief), NAME)

    async def transcribe(self, audio: bytes, filename: str, language: str) -> str:
        """Not offered."""
        raise WriterError(WriterErrorKind.REFUSED)

    async def close(self) -> None:
        """Nothing is held open."""


def compose_post(brief: Brief) -> str:
    """The post for this brief: 1 to 3,000 characters, unlike every earlier version wherever that is possible."""
    write = _DIRECTIONS.get(brief.direction, _composed)
    text = ""
    for turn in range(_TRIES):
        text = clip(write(replace(brief, seed=brief.seed + turn * _STRIDE)), MAX_POST)
        if text not in brief.previous or brief.direction is Direction.SHORTER:
            break
    return text


def _material(brief: Brief) -> Material:
    """What to write about: the idea; for a change, what the last version kept of it or the user made of it."""
    idea = read(brief.idea, brief.language)
    if brief.direction is Direction.FIRST or not brief.previous:
        return idea
    return read_version(brief.previous[-1], idea, brief.idea)


def _voice(brief: Brief, language: str) -> Voice:
    return voice_of(PHRASES[language], brief.style, brief.tone, brief.samples)


def _plan(brief: Brief, material: Material) -> Plan:
    return Plan(material, _voice(brief, material.language), brief.seed, brief.direction)


def _composed(brief: Brief) -> str:
    return compose(_plan(brief, _material(brief)))


def _bolder(brief: Brief) -> str:
    return compose(_plan(brief, _without_hedges(_material(brief))))


def _without_hedges(material: Material) -> Material:
    """Opinions without "I think"; sentences with numbers stay as they are, lest a guess become a fact."""
    return replace(material, sentences=tuple(map(_firm(material), material.sentences)))


def _firm(material: Material) -> Callable[[Sentence], Sentence]:
    def firm(sentence: Sentence) -> Sentence:
        if any(c.isdigit() for c in sentence.text):
            return sentence
        text = material.words.hedges.sub(lambda found: f"{found[1]} " if found[1] else "", sentence.text)
        return sentence if text == sentence.text else replace(sentence, text=finished(text))

    return firm


def _last(brief: Brief) -> str:
    """The text to be changed: the last version, else a first one."""
    if brief.previous and clean(brief.previous[-1]):
        return clean(brief.previous[-1])
    return _composed(replace(brief, direction=Direction.FIRST, previous=(), seed=0))


def _shorter(brief: Brief) -> str:
    last = _last(brief)
    limit = limit_for(brief.previous[-1]) if brief.previous and brief.previous[-1] else limit_for(last)
    return shorten(last, brief.language, limit)


def _another_hook(brief: Brief) -> str:
    material = read(brief.idea, brief.language)
    phrases, voice = PHRASES[material.language], _voice(brief, material.language)
    return with_hook(_last(brief), material.topic, phrases, voice, brief.seed, brief.previous)


def _asking(brief: Brief) -> str:
    material = read(brief.idea, brief.language)
    phrases, voice = PHRASES[material.language], _voice(brief, material.language)
    own = phrases.moment.questions if material.kind is Kind.MOMENT else voice.manner.questions
    pool = list(dict.fromkeys([*own, *phrases.styles["neutral"].questions]))
    return with_question(_last(brief), pool, brief.seed, brief.previous)


def _as_asked(brief: Brief) -> str:
    """The user's own words: the wishes in them that we know, on a new composition."""
    wishes = wishes_of(brief.instruction)
    asked = replace(brief, style=wishes.style or brief.style, tone=wishes.tone or brief.tone)
    material = _material(asked)
    text = _wished(asked, wishes, _without_hedges(material) if wishes.direction is Direction.BOLDER else material)
    if wishes.shorter:
        text = _wished_shorter(asked, wishes, text, material)
    return text


def _wished(brief: Brief, wishes: Wishes, material: Material) -> str:
    language = wishes.language or material.language
    plan = Plan(
        replace(material, tags=_tags(brief, wishes, material)),
        _voice(brief, language),
        brief.seed,
        wishes.direction,
        as_list=wishes.as_list,
        longer=wishes.longer,
        ends_on_question=wishes.question,
        language=language,
    )
    text = compose(plan)
    if wishes.hook:
        text = with_hook(text, material.topic, plan.phrases, plan.voice, brief.seed, brief.previous)
    return _adorned(text, wishes)


def _tags(brief: Brief, wishes: Wishes, material: Material) -> tuple[str, ...]:
    if wishes.hashtags is None:
        return material.tags
    return material.tags or tuple(hashtags_of(brief.idea, material.words)) if wishes.hashtags else ()


def _adorned(text: str, wishes: Wishes) -> str:
    plain = without_hashtags(text) if wishes.hashtags is False else text
    if wishes.emoji is None:
        return plain
    return with_emoji(plain) if wishes.emoji else without_emoji(plain) or plain


def _wished_shorter(brief: Brief, wishes: Wishes, text: str, material: Material) -> str:
    """Shorter than the last version; with a question, if it is wished for and there is room."""
    limit = limit_for(brief.previous[-1] if brief.previous and brief.previous[-1] else text)
    short = shorten(text, brief.language, min(limit, MAX_POST))
    if not wishes.question:
        return short
    language = wishes.language or material.language
    question = _voice(brief, language).manner.questions[brief.seed % 5]
    body = shorten(text, brief.language, limit - len(question) - 2)
    asked = f"{body}\n\n{question}"
    return asked if len(asked) <= limit else short


_DIRECTIONS: dict[Direction, Callable[[Brief], str]] = {
    Direction.SHORTER: _shorter,
    Direction.BOLDER: _bolder,
    Direction.QUESTION: _asking,
    Direction.HOOK: _another_hook,
    Direction.OWN: _as_asked,
}
