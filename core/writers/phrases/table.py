"""The shape of a language's phrases: the sentences that the offline writer may put around the user's own.

Rules that the tests hold: no digit, no number word, no capital inside a sentence, nothing that claims what the user
did or what happened. Each phrase is made of whole sentences, so that it can be told from the user's text later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Lines = tuple[str, ...]


class Kind(StrEnum):
    """What an idea is made of."""

    TOPIC = "topic"  # a few words without a statement: "pricing for freelancers"
    CLAIM = "claim"  # a view: "code review is about trust"
    EXPERIENCE = "experience"  # something the user did or saw
    MOMENT = "moment"  # thanks, an anniversary, a new job, a farewell: nothing to debate
    QUESTION = "question"
    BLANK = "blank"  # no words at all


@dataclass(frozen=True, slots=True)
class Manner:
    """How a conversation style opens (3 lines or more), and how it closes (3 statements, 5 questions or more)."""

    leads: Lines
    statements: Lines
    questions: Lines


@dataclass(frozen=True, slots=True)
class Tone:
    """How a tone colours a post: a first-person remark before the closing, a line before the lesson."""

    remarks: Lines
    on_topics: Lines  # the remark where nothing was stated
    turns: Lines


@dataclass(frozen=True, slots=True)
class Story:
    """The narrator's marks: before the beginning, where it turns, before the end, and where the end is open."""

    starts: Mapping[Kind, Lines]
    turns: Lines
    ends: Lines
    open_ends: Lines


@dataclass(frozen=True, slots=True)
class Topic:
    """For an idea that states nothing: hooks with `{topic}` (some by direction), an introduction, the questions."""

    hooks: Lines
    led: Mapping[str, Lines]
    intros: Lines
    questions: Lines


@dataclass(frozen=True, slots=True)
class Moment:
    """How to end where there is nothing to debate: 5 statements and 5 questions or more."""

    statements: Lines
    questions: Lines


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's phrases."""

    styles: Mapping[str, Manner]
    tones: Mapping[str, Tone]
    leads: Mapping[str, Lines]  # by direction
    remarks: Mapping[str, Lines]  # by direction, where the tone has none
    asks: Mapping[Kind, Lines]  # questions before the beginning
    developments: Mapping[Kind, Lines]  # a second thought for short ideas
    story: Story
    topic: Topic
    moment: Moment
    backgrounds: Lines  # after a lesson that was moved to the front
    list_intros: Lines
    contrasts: Lines  # before a "then" and a "now"
    why: str
    how: str
