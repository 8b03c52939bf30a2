"""What a model is told: the templates of `templates/prompts/`, filled from a brief."""

import re
from collections.abc import Mapping
from typing import Final

from core.posts.writing import FOLD, MAX_POST, Brief, Direction
from core.rendering.templating import fill

Messages = list[dict[str, str]]

STYLES: Final[Mapping[str, str]] = {
    "neutral": "Natural and clear, as one thoughtful professional to another.",
    "respectful": "Respectful and courteous: views are offered, not imposed. Address readers formally.",
    "business": "Businesslike and precise: the point first, what it means in practice, no small talk.",
    "jovial": "Jovial and hearty, with good cheer and an open invitation to join in.",
    "playful": "Playful and light-footed, with a wink, never at anybody's cost.",
    "close_friends": "As to close friends: candid, familiar, unpolished. Address readers informally.",
    "parent_to_child": "As a parent to a grown child: caring, encouraging, passing something on without preaching.",
    "child_to_parent": "As a grown child to a parent: affectionate, grateful, openly asking for advice.",
    "siblings": "As among siblings: direct and teasing, with affection underneath.",
}
TONES: Final[Mapping[str, str]] = {
    "plain": "Plain: say it simply and let the facts carry it.",
    "warm": "Warm: kind and human, with an eye on whoever reads it.",
    "confident": "Confident: firm statements without hedging, and without boasting.",
    "witty": "Witty: dry humour in the wording, never in the facts.",
}
_REWRITE = "Rewrite the previous version"
TASKS: Final[Mapping[Direction, str]] = {
    Direction.FIRST: "Write the post.",
    Direction.SHORTER: f"{_REWRITE} in at most {{shorter}} characters. Keep what matters most.",
    Direction.BOLDER: f"{_REWRITE} more boldly: a firmer hook, firmer statements, no hedging. Invent nothing.",
    Direction.PERSONAL: (
        f"{_REWRITE} more personally: in the first person, opening and closing with the author's own point of view. "
        "Invent no experience and no feeling."
    ),
    Direction.STORY: (
        f"{_REWRITE} as a short story, in the order in which things happened, with a beginning, a turn and an end. "
        "Use only events that the material holds."
    ),
    Direction.QUESTION: (
        f"{_REWRITE} so that it ends on a question that readers would like to answer. The question comes last."
    ),
    Direction.HOOK: "Give the previous version another first line, of another kind. Leave the rest as it is.",
    Direction.OWN: f"{_REWRITE} as the wish says.",
}
_ANOTHER = "Write the post anew: another structure, another hook, another ending than the previous version."
_LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French"}
_SAMPLES, _SAMPLE_LENGTH, _OPENINGS, _LONGEST = 5, 1_500, 5, 12_000
_OUR_TAGS = re.compile(r"<(?=\s*/?\s*(?:idea|previous|sample|opening|wish)\b)", re.IGNORECASE)
_SHARE = 0.65  # a model counts badly; 70 % is what was promised


def inert(text: str) -> str:
    """The user's text, unable to close the tag it stands in."""
    return _OUR_TAGS.sub("‹", text)


def messages_for(brief: Brief, *, structured: bool) -> Messages:
    """The instructions and the material, for an answer as JSON or as bare text."""
    samples = [inert(sample[:_SAMPLE_LENGTH]) for sample in brief.samples[-_SAMPLES:] if sample.strip()]
    instructions = {
        "max_post": f"{MAX_POST:,}",
        "fold": FOLD,
        "language": _LANGUAGES.get(brief.language, "English"),
        "style": STYLES.get(brief.style, STYLES["neutral"]),
        "tone": TONES.get(brief.tone, TONES["plain"]),
        "samples": samples,
        "structured": structured,
    }
    material = {
        "idea": inert(brief.idea[:_LONGEST]),
        "samples": samples,
        "previous": inert(brief.previous[-1][:_LONGEST]) if brief.previous else "",
        "openings": [inert(line) for line in _openings(brief)],
        "wish": inert(brief.instruction[:_SAMPLE_LENGTH]) if brief.direction is Direction.OWN else "",
        "task": _task(brief),
    }
    return [
        {"role": "system", "content": fill("prompts/post.system.j2", instructions).strip()},
        {"role": "user", "content": fill("prompts/post.user.j2", material).strip()},
    ]


def shorten_request(text: str) -> str:
    """What to say about a post that is too long."""
    target = f"{int(MAX_POST * 0.85):,}"
    values = {"length": f"{len(text):,}", "max_post": f"{MAX_POST:,}", "target": target}
    return fill("prompts/shorten.user.j2", values).strip()


def _task(brief: Brief) -> str:
    if not brief.previous:
        return _first_task(brief.direction)
    if brief.direction is Direction.FIRST:
        return _ANOTHER
    return TASKS[brief.direction].replace("{shorter}", str(max(1, int(len(brief.previous[-1]) * _SHARE))))


def _first_task(direction: Direction) -> str:
    """Where there is nothing to rewrite yet."""
    if direction in (Direction.FIRST, Direction.HOOK):
        return TASKS[Direction.FIRST]
    if direction is Direction.SHORTER:
        return f"{TASKS[Direction.FIRST]} Keep it very short."
    return TASKS[direction].replace(_REWRITE, "Write the post")


def _openings(brief: Brief) -> list[str]:
    """The first lines so far, where the new one must differ."""
    if brief.direction not in (Direction.FIRST, Direction.HOOK):
        return []
    lines = [text.strip().partition("\n")[0][:300] for text in brief.previous[-_OPENINGS:]]
    return [line for line in dict.fromkeys(lines) if line]
