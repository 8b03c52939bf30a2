"""Small decisions about the user's sentences: what can stand alone, what may move, what can be split. Pure."""

from core.writers.material import Material
from core.writers.offline_text import Sentence, capitalized, finished, flowing, is_link
from core.writers.phrases import Kind, Phrases
from core.writers.words import Words, tokens

_LONG = 60  # characters; a shorter sentence is not split
_HOOK_LENGTH = 140
ANNOUNCED = 5  # a lesson that begins with its own name ("The lesson is ...") says so in its first characters


def leans_back(text: str, words: Words) -> bool:
    """Whether the sentence needs the one before it."""
    said = tokens(text)
    return bool(said) and said[0] in words.backward


def stands_alone(text: str, words: Words) -> bool:
    """Whether the sentence can be understood without those before it."""
    return not leans_back(text, words) and not words.pronouns.intersection(tokens(text))


def weight(text: str, words: Words) -> float:
    """How much a reader would miss the sentence."""
    points = 2.0 * bool(words.lesson.search(text)) + 1.0 * any(c.isdigit() for c in text)
    return points + 0.5 * bool(words.contrast.search(text)) + 0.5 * (30 <= len(text) <= _HOOK_LENGTH)


def best_hook(found: tuple[Sentence, ...], words: Words) -> int:
    """The index of a later sentence that makes the better beginning and may move there; 0 where there is none."""
    movable = [
        index
        for index in range(1, len(found))
        if _is_lesson_to_move(found[index], words)
        and not (index + 1 < len(found) and leans_back(found[index + 1].text, words))
    ]
    return max(movable, key=lambda index: weight(found[index].text, words), default=0)


def _is_lesson_to_move(sentence: Sentence, words: Words) -> bool:
    lesson = words.lesson.search(sentence.text)
    if lesson is None or sentence.item or len(sentence.text) > _HOOK_LENGTH:
        return False
    announced = lesson.start() <= ANNOUNCED and not leans_back(sentence.text, words)
    return announced or stands_alone(sentence.text, words)


def split_long(found: tuple[Sentence, ...], words: Words, phrases: Phrases) -> list[str]:
    """The sentences of a short idea, long ones taken apart where both halves can stand alone."""
    parts: list[str] = []
    for sentence in found:
        parts.extend([sentence.text] if sentence.item else _halves(sentence.text, words, phrases))
    return parts


def _halves(text: str, words: Words, phrases: Phrases) -> list[str]:
    if len(text) < _LONG or text.endswith("?"):
        return [text]
    for pattern, question in ((words.because, phrases.why), (words.by, phrases.how), (words.turns, "")):
        places = list(pattern.finditer(text))
        if len(places) != 1:
            continue
        left, right = text[: places[0].start()], text[places[0].end() :]
        if _can_part(left, right):
            return [finished(left), f"{question} {capitalized(right)}".strip()]
    return [text]


_JOINED = frozenset({"not", "only", "just", "mainly", "simply", "partly", "no", "solo", "sólo", "pas", "seulement"})


def _can_part(left: str, right: str) -> bool:
    """Both halves say something, no bracket or quotation is torn, and no "not X but Y" is."""
    before, after = tokens(left), tokens(right)
    if len(before) < 3 or len(after) < 3 or _JOINED.intersection(before) or is_link(left.rpartition(" ")[2]):
        return False
    return not any(word.endswith("n't") for word in before) and all(left.count(c) % 2 == 0 for c in '"“”«»()')


def has_contrast(material: Material) -> bool:
    """Whether it tells of a "then" and of a "now"."""
    texts = [s.text for s in material.sentences]
    then = [index for index, text in enumerate(texts) if material.words.then.search(text)]
    now = [index for index, text in enumerate(texts) if material.words.now.search(text)]
    return bool(then and now) and then[0] < now[-1]


def grouped(found: list[Sentence], words: Words, density: int) -> list[str]:
    """Paragraphs: the user's own where they made some, else `density` sentences each; lists stay lists."""
    own = len({s.paragraph for s in found}) > 1
    paragraphs: list[list[Sentence]] = []
    for sentence in found:
        if paragraphs and _continues(paragraphs[-1], sentence, words, density, own):
            paragraphs[-1].append(sentence)
        else:
            paragraphs.append([sentence])
    return ["\n".join(f"• {s.text}" for s in p) if p[0].item else flowing([s.text for s in p]) for p in paragraphs]


def _continues(paragraph: list[Sentence], sentence: Sentence, words: Words, density: int, own: bool) -> bool:
    last = paragraph[-1]
    if last.item or sentence.item:
        return last.item and sentence.item
    if own and last.paragraph != sentence.paragraph:
        return False
    room = density + leans_back(sentence.text, words)
    return len(paragraph) < (max(room, 3) if own else room)


def is_told(kind: Kind) -> bool:
    """Whether there are sentences to arrange."""
    return kind in (Kind.CLAIM, Kind.EXPERIENCE, Kind.MOMENT, Kind.QUESTION)
