"""Changes to a text that already stands: another first line, a question at the end. Everything else stays. Pure."""

from collections.abc import Sequence

from core.posts.writing import MAX_POST
from core.writers.offline_text import clip, sentences
from core.writers.phrases import Phrases
from core.writers.stock import own_words
from core.writers.voice import Voice

_ROUND = 5  # of the questions left, those that fit best come first


def with_hook(text: str, topic: str, phrases: Phrases, voice: Voice, variant: int, seen: Sequence[str]) -> str:
    """The text with another first line. What the user said in the old one is kept in the new one."""
    first, break_, rest = text.partition("\n")
    said = " ".join(words for s in sentences(first) if (words := own_words(s.text)))
    taken = {earlier.partition("\n")[0].strip() for earlier in seen} | {first.strip()}
    if topic and said in ("", topic):
        hooks = [hook.replace("{topic}", topic) for hook in phrases.topic.hooks]
    else:
        hooks = [f"{lead} {said}".strip() for lead in (*phrases.leads["hook"], *voice.manner.leads)]
    fresh = [hook for hook in hooks if hook not in taken] or hooks
    return clip(f"{fresh[variant % len(fresh)]}{break_}{rest}", MAX_POST)


def with_question(text: str, questions: Sequence[str], variant: int, seen: Sequence[str]) -> str:
    """The text with one of these questions as its last line; our own ending makes way, hashtags move before it."""
    body = _without_ending(text)
    taken = "\n".join(seen)
    fresh = [question for question in questions if question not in taken] or list(questions)
    question = fresh[variant % min(len(fresh), _ROUND)]
    return f"{clip(body, MAX_POST - len(question) - 2)}\n\n{question}".strip()


def _without_ending(text: str) -> str:
    """The text without our closing lines, down to the last thing that the user said or a list of ours."""
    paragraphs = text.split("\n\n")
    tags: list[str] = []
    while paragraphs and all(word.startswith("#") for word in paragraphs[-1].split()):
        tags.insert(0, paragraphs.pop())
    if len(paragraphs) > 1 and not any(own_words(s.text) or s.item for s in sentences(paragraphs[-1])):
        paragraphs.pop()
    return "\n\n".join([*paragraphs, *filter(None, tags)])
