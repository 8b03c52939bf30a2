"""How the post should sound: the style, the tone, and what the user's past posts show of their habits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from core.writers.offline_text import clean, sentences
from core.writers.phrases import Lines, Manner, Phrases, Tone

_SAMPLES = 5
_SAMPLE_LENGTH = 3_000


@dataclass(frozen=True, slots=True)
class Voice:
    """`density` is how many sentences a paragraph takes; `asks` means that past posts mostly end on a question."""

    manner: Manner
    tone: Tone
    density: int = 2
    asks: bool = False

    @property
    def closings(self) -> Lines:
        """What a post may end on: at least five lines."""
        return self.manner.questions if self.asks else _mixed(self.manner.questions, self.manner.statements)


def _mixed(questions: Lines, statements: Lines) -> Lines:
    """Statements spread among the questions, so that versions in a row differ in kind too."""
    every = max(1, len(questions) // len(statements))
    mixed = list(questions)
    for number, statement in enumerate(statements):
        mixed.insert((number + 1) * every + number, statement)
    return tuple(mixed)


def voice_of(phrases: Phrases, style: str, tone: str, samples: Sequence[str]) -> Voice:
    """The voice for these settings; an unknown style or tone counts as the neutral one."""
    manner = phrases.styles.get(style, phrases.styles["neutral"])
    colour = phrases.tones.get(tone, phrases.tones["plain"])
    texts = [text for sample in samples[-_SAMPLES:] if (text := clean(sample[:_SAMPLE_LENGTH]))]
    if not texts:
        return Voice(manner, colour)
    asking = sum(text.rstrip("# ").endswith("?") for text in texts)
    return Voice(manner, colour, _density(texts), asks=len(texts) >= 2 and asking * 3 >= len(texts) * 2)


def _density(texts: Sequence[str]) -> int:
    lengths = [len(sentences(paragraph)) for text in texts for paragraph in text.split("\n\n")]
    return min(max(round(median(lengths)), 1), 4)
