"""The ways to build a post out of an idea: each arranges the user's sentences and adds a line or two. Pure.

A framework returns the paragraphs up to the close; `compose` adds the close, links and tags. The version's number
turns through frameworks and phrases, so that five in a row always differ: the closings alone are five or more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from core.posts.writing import Direction
from core.writers.arranging import ANNOUNCED, best_hook, grouped, has_contrast, is_told, leans_back, split_long
from core.writers.material import Material
from core.writers.offline_text import Sentence
from core.writers.phrases import PHRASES, Kind, Phrases
from core.writers.voice import Voice

_SHORT, _FEW = 260, 2  # characters and sentences of the user's text up to which a second thought is added
_ROUND = 5  # versions that must differ
_AIRY = 6  # sentences that may stand on a line each
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
    if plan.longer or _is_short(material):
        paragraphs += _second_thought(plan)
    if plan.longer:
        paragraphs += _moments(plan) if material.kind is Kind.MOMENT else _questions(plan)
    paragraphs += [*material.links]
    tags = [" ".join(material.tags)] if material.tags else []
    closing = [_closing(plan)]
    return "\n\n".join([*paragraphs, *tags, *closing] if plan.ends_on_question else [*paragraphs, *closing, *tags])


def _is_short(material: Material) -> bool:
    found = material.sentences
    return material.length < _SHORT and len(found) <= _FEW and not any(s.item for s in found)


def _opened(plan: Plan) -> list[str]:
    if plan.direction is Direction.STORY:
        return _story(plan)
    if not is_told(plan.material.kind):
        return _conversation(plan)
    if plan.as_list:
        return _led(plan, _points(plan))
    if plan.direction in (Direction.BOLDER, Direction.PERSONAL):
        return _led(plan, _LED[plan.variant % len(_LED)](plan))
    if plan.material.kind is Kind.MOMENT:
        return _moment(plan)
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
    lesson = words.lesson.search(body[-1].text) if len(body) > 2 and not body[-1].item else None
    if lesson is None or leans_back(body[-1].text, words):
        return [hook, *grouped(body, words, density)]
    announced = lesson.start() <= ANNOUNCED
    last = body[-1].text if announced else f"{plan.pick(plan.voice.tone.turns)}\n{body[-1].text}"
    return [hook, *grouped(body[:-1], words, density), last]


def _straight(plan: Plan) -> list[str]:
    return _hook_and_body(plan, _parts(plan))


def _introduced(plan: Plan) -> list[str]:
    """The style's own opening first."""
    return _after(plan, plan.voice.manner.leads)


def _after(plan: Plan, leads: Sequence[str]) -> list[str]:
    """One of these leads, then the idea; before a question, a lead that announces it."""
    hook, *body = _straight(plan)
    kind = plan.material.kind
    lead = plan.pick(plan.phrases.asks[kind] if kind is Kind.QUESTION else leads)
    return [hook if hook.startswith("•") else f"{lead} {hook}", *body]


def _lesson_first(plan: Plan) -> list[str]:
    found = plan.material.sentences
    index = best_hook(found, plan.material.words)
    if not index:
        return _after(plan, plan.phrases.leads[Direction.HOOK])
    rest = [*found[:index], *found[index + 1 :]]
    background, *body = [plan.pick(plan.phrases.backgrounds), *grouped(rest, plan.material.words, plan.voice.density)]
    return [found[index].text, f"{background}\n{body[0]}", *body[1:]]


def _moment(plan: Plan) -> list[str]:
    """Nothing to debate and nothing to hook: as the user says it, with the style's own opening where one was chosen."""
    neutral = plan.voice.manner is plan.phrases.styles["neutral"]
    is_early = plan.variant % (2 * _ROUND) <= _ROUND  # when the closings have been through, an opening makes it new
    return _straight(plan) if neutral and is_early else _introduced(plan)


def _moments(plan: Plan) -> list[str]:
    """Two more lines for a moment; the next one closes it."""
    pool = plan.phrases.moment.statements
    return [" ".join(replace(plan, variant=plan.variant + step).pick(pool) for step in (1, 2))]


def _asking(plan: Plan) -> list[str]:
    """A question before anything else; then sentence by sentence, if there are few. Not before a list."""
    found = plan.material.sentences
    if any(s.item for s in found):
        return _straight(plan)
    airy = replace(plan, voice=replace(plan.voice, density=1)) if len(found) <= _AIRY else plan
    return [plan.pick(plan.phrases.asks[plan.material.kind]), *_straight(airy)]


def _points(plan: Plan) -> list[str]:
    """A hook, then point by point, a lesson below; a "then" and a "now" side by side."""
    found, words = _parts(plan), plan.material.words
    if not plan.as_list and has_contrast(plan.material) and len(found) <= 3:
        return [plan.pick(plan.phrases.contrasts) + "\n" + "\n".join(f"→ {s.text}" for s in found)]
    lessons = [found[-1]] if len(found) > 3 and words.lesson.search(found[-1].text) else []
    body = found[1 : len(found) - len(lessons)]
    if not _make_points(plan, body):
        return _straight(plan)
    points = "\n".join(f"• {s.text}" for s in body)
    return [found[0].text, f"{plan.pick(plan.phrases.list_intros)}\n{points}", *(s.text for s in lessons)]


def _make_points(plan: Plan, body: list[Sentence]) -> bool:
    """Whether these read well as a list: short, and not one leaning on the other, unless a list was asked for."""
    words = plan.material.words
    if plan.as_list:
        return len(body) >= 2 and not any(s.item for s in body)
    fits = all(len(s.text) <= _POINT and not s.item for s in body)
    return len(body) >= 3 and fits and not any(leans_back(s.text, words) or words.now.search(s.text) for s in body)


_FRAMEWORKS: tuple[Framework, ...] = (_points, _straight, _asking, _lesson_first, _introduced)
_LED: tuple[Framework, ...] = (_straight, _points)


def _story(plan: Plan) -> list[str]:
    """A beginning, a turn where the user tells of one, an end."""
    if plan.material.kind is Kind.BLANK:
        return _conversation(plan)
    story = plan.phrases.story
    kind = plan.material.kind
    start = plan.pick(story.starts[Kind.EXPERIENCE if kind is Kind.MOMENT else kind])
    if plan.material.kind is Kind.TOPIC:
        return [start.replace("{topic}", plan.material.topic), *_questions(plan), plan.pick(story.open_ends)]
    found = _parts(plan)
    if len(found) < 3 or any(s.item for s in found):
        middle = grouped(found[1:], plan.material.words, plan.voice.density)
        return [f"{start} {found[0].text}", *middle, plan.pick(story.open_ends)]
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
    topic, direction = plan.material.topic, plan.direction
    if topic:
        hook = plan.pick(plan.phrases.topic.led.get(direction, plan.phrases.topic.hooks)).replace("{topic}", topic)
    else:
        hook = plan.pick(plan.phrases.leads.get(direction, plan.voice.manner.leads))
    return [hook] if _is_link_only(plan.material) else [hook, *_questions(plan)]


def _is_link_only(material: Material) -> bool:
    return material.kind is Kind.BLANK and bool(material.links)


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
    return " ".join([*([plan.pick(remarks)] if (remarks := _remarks(plan)) else []), plan.pick(_endings(plan))])


def _remarks(plan: Plan) -> Sequence[str]:
    if not is_told(plan.material.kind):
        return plan.voice.tone.on_topics
    if plan.material.kind is Kind.MOMENT and plan.direction is Direction.BOLDER:
        return plan.voice.tone.remarks  # nobody contests it
    return plan.voice.tone.remarks or plan.phrases.remarks.get(plan.direction, ())


def _endings(plan: Plan) -> Sequence[str]:
    """Where a question was asked already, the post need not end on another."""
    manner, kind = plan.voice.manner, plan.material.kind
    if kind is Kind.MOMENT:
        asks = plan.ends_on_question or plan.voice.asks
        return plan.phrases.moment.questions if asks else plan.phrases.moment.statements
    if plan.ends_on_question:
        return manner.questions
    is_bare_question = kind is Kind.QUESTION and _is_short(plan.material) and plan.direction is not Direction.STORY
    asked = not is_told(kind) and not _is_link_only(plan.material)
    return manner.statements if asked or is_bare_question else plan.voice.closings
