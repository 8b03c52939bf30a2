"""The ways to build a post out of an idea: each arranges the user's sentences and adds a line or two. Pure.

A framework returns the paragraphs up to the close; `compose` adds the close, links and tags. The version's number
turns through frameworks and phrases, so that five in a row always differ: the closings alone are five or more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from core.writers.arranging import best_hook, grouped, has_contrast, is_told, leans_back, split_long
from core.writers.material import Material
from core.writers.offline_text import Sentence
from core.writers.phrases import PHRASES, Kind, Phrases
from core.writers.voice import Voice
from core.writing import Direction

_SHORT = 260  # characters of the user's text up to which a second thought is added
_POINT = 180  # the longest sentence that makes a point of a list


@dataclass(frozen=True, slots=True)
class Plan:
    """One post to be built."""

    material: Material
    voice: Voice
    variant: int
    direction: Direction = Direction.FIRST
    as_list: bool = False
    longer: bool = False
    ends_on_question: bool = False
    language: str = ""  # of the phrases, where it is not the idea's

    @property
    def phrases(self) -> Phrases:
        return PHRASES[self.language or self.material.language]

    def pick(self, pool: Sequence[str]) -> str:
        """One line; the next variant gets the next one. Different ideas begin at different lines."""
        salt = crc32(f"{self.material.topic}{self.material.length}{pool[0]}".encode())
        return pool[(self.variant + salt) % len(pool)]


Framework = Callable[[Plan], list[str]]


def compose(plan: Plan) -> str:
    """The whole post."""
    material = plan.material
    paragraphs = _opened(plan)
    if plan.longer or material.length < _SHORT:
        paragraphs += _second_thought(plan)
    if plan.longer:
        paragraphs += _questions(plan)
    paragraphs += [*material.links]
    tags = [" ".join(material.tags)] if material.tags else []
    closing = [_closing(plan)]
    return "\n\n".join([*paragraphs, *tags, *closing] if plan.ends_on_question else [*paragraphs, *closing, *tags])


def _opened(plan: Plan) -> list[str]:
    if plan.direction is Direction.STORY:
        return _story(plan)
    if not is_told(plan.material.kind):
        return _conversation(plan)
    if plan.as_list:
        return _led(plan, _points(plan))
    if plan.direction in (Direction.BOLDER, Direction.PERSONAL):
        return _led(plan, _LED[plan.variant % len(_LED)](plan))
    return _FRAMEWORKS[plan.variant % len(_FRAMEWORKS)](plan)


def _led(plan: Plan, paragraphs: list[str]) -> list[str]:
    """With the direction's own first words."""
    leads = plan.phrases.leads.get(plan.direction)
    return [f"{plan.pick(leads)} {paragraphs[0]}", *paragraphs[1:]] if leads else paragraphs


def _parts(plan: Plan) -> list[Sentence]:
    """The sentences; long ones of a short idea in two."""
    found = plan.material.sentences
    if len(found) > 2:
        return list(found)
    return [Sentence(text, 0) for text in split_long(found, plan.material.words, plan.phrases)]


def _hook_and_body(plan: Plan, found: list[Sentence]) -> list[str]:
    """The first sentence alone, then the rest; before a lesson at the end, a line that points to it."""
    words, density = plan.material.words, plan.voice.density
    hook = f"• {found[0].text}" if found[0].item else found[0].text
    body = found[1:]
    last = body[-1] if body else None
    if last is None or len(body) < 3 or last.item or not words.lesson.search(last.text) or leans_back(last.text, words):
        return [hook, *grouped(body, words, density)]
    return [hook, *grouped(body[:-1], words, density), f"{plan.pick(plan.voice.tone.turns)}\n{last.text}"]


def _straight(plan: Plan) -> list[str]:
    return _hook_and_body(plan, _parts(plan))


def _introduced(plan: Plan) -> list[str]:
    """The style's own opening first."""
    hook, *body = _straight(plan)
    return [f"{plan.pick(plan.voice.manner.leads)} {hook}" if not hook.startswith("•") else hook, *body]


def _lesson_first(plan: Plan) -> list[str]:
    found = plan.material.sentences
    index = best_hook(found, plan.material.words)
    if not index:
        return _introduced(plan)
    rest = [*found[:index], *found[index + 1 :]]
    background, *body = [plan.pick(plan.phrases.backgrounds), *grouped(rest, plan.material.words, plan.voice.density)]
    return [found[index].text, f"{background}\n{body[0]}", *body[1:]]


def _asking(plan: Plan) -> list[str]:
    """A question before anything else, one that fits any story."""
    return [plan.pick(plan.phrases.asks[plan.material.kind]), *_straight(plan)]


def _points(plan: Plan) -> list[str]:
    """A hook, then point by point; a "then" and a "now" side by side."""
    found = _parts(plan)
    body = found[1:]
    if len(body) < (2 if plan.as_list else 3) or any(s.item or len(s.text) > _POINT for s in body):
        return _straight(plan)
    if has_contrast(plan.material) and len(found) <= 4:
        return [plan.pick(plan.phrases.contrasts) + "\n" + "\n".join(f"→ {s.text}" for s in found)]
    points = "\n".join(f"• {s.text}" for s in body)
    return [found[0].text, f"{plan.pick(plan.phrases.list_intros)}\n{points}"]


_FRAMEWORKS: tuple[Framework, ...] = (_points, _straight, _asking, _lesson_first, _introduced)
_LED: tuple[Framework, ...] = (_straight, _points)


def _story(plan: Plan) -> list[str]:
    """A beginning, a turn where the user tells of one, an end."""
    if plan.material.kind is Kind.BLANK:
        return _conversation(plan)
    story = plan.phrases.story
    start = plan.pick(story.starts[plan.material.kind])
    if plan.material.kind is Kind.TOPIC:
        return [start.replace("{topic}", plan.material.topic), *_questions(plan), plan.pick(story.open_ends)]
    found = _parts(plan)
    if len(found) < 3:
        return [f"{start} {found[0].text}", *(s.text for s in found[1:]), plan.pick(story.open_ends)]
    return [f"{start} {found[0].text}", *_middle(plan, found[1:-1]), f"{plan.pick(story.ends)} {found[-1].text}"]


def _middle(plan: Plan, found: list[Sentence]) -> list[str]:
    """Up to the turn, the turn, and on."""
    words, density = plan.material.words, plan.voice.density
    turn = next((index for index, s in enumerate(found) if words.contrast.search(s.text)), None)
    if turn is None:
        return grouped(found, words, density)
    after = grouped(found[turn:], words, density)
    marked = [f"{plan.pick(plan.phrases.story.turns)} {after[0]}", *after[1:]]
    return [*grouped(found[:turn], words, density), *marked]


def _conversation(plan: Plan) -> list[str]:
    """Where nothing is stated there is nothing to tell: the subject, and questions that open it."""
    topic, leads = plan.material.topic, plan.phrases.leads.get(plan.direction, ())
    hooks = plan.phrases.topic.hooks if topic else plan.voice.manner.leads
    hook = plan.pick(hooks).replace("{topic}", topic)
    first = f"{plan.pick(leads)} {hook}" if leads and topic else plan.pick(leads) if leads else hook
    return [first, *_questions(plan)]


def _questions(plan: Plan) -> list[str]:
    """Three of the subject's questions; the next variant gets the next three."""
    pool = plan.phrases.topic.questions
    turned = replace(plan, variant=plan.variant * 3)
    chosen = [replace(turned, variant=turned.variant + step).pick(pool) for step in range(3)]
    return [plan.pick(plan.phrases.topic.intros) + "\n" + "\n".join(f"• {question}" for question in chosen)]


def _second_thought(plan: Plan) -> list[str]:
    """What a short idea needs to be a post; a story has its open end instead."""
    lines = plan.phrases.developments.get(plan.material.kind)
    if lines is None or (plan.direction is Direction.STORY and not plan.longer):
        return []
    return [plan.pick(lines)]


def _closing(plan: Plan) -> str:
    """A remark in the tone, and the style's way to end."""
    manner = plan.voice.manner
    remarks = plan.voice.tone.remarks or plan.phrases.remarks.get(plan.direction, ())
    if plan.ends_on_question:
        pool = manner.questions
    elif not is_told(plan.material.kind):
        pool = manner.statements  # questions were asked already
    else:
        pool = plan.voice.closings
    return " ".join([*([plan.pick(remarks)] if remarks else []), plan.pick(pool)])
