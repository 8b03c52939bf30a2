"""What the user asks for in their own words is understood and honoured."""

import pytest

from core.posts.writing import Brief, Direction
from core.writers.offline import compose_post
from core.writers.wishes import Wishes, wishes_of
from tests.unit.writers.promises import IDEAS, invented


@pytest.mark.parametrize(
    ("instruction", "wishes"),
    [
        ("make it shorter", Wishes(shorter=True)),
        ("this is too long", Wishes(shorter=True)),
        ("más corto, por favor", Wishes(shorter=True)),
        ("plus court", Wishes(shorter=True)),
        ("too short, make it longer", Wishes(longer=True)),
        ("más largo", Wishes(longer=True)),
        ("plus long et avec des puces", Wishes(longer=True, as_list=True)),
        ("end with a question, no emoji", Wishes(question=True, emoji=False)),
        ("termina con una pregunta", Wishes(question=True)),
        ("sans émojis ni hashtags", Wishes(emoji=False, hashtags=False)),
        ("add emojis and hashtags", Wishes(emoji=True, hashtags=True)),
        ("sin hashtags pero con emojis", Wishes(hashtags=False, emoji=True)),
        ("as a list", Wishes(as_list=True)),
        ("not a list", Wishes()),
        ("tell it as a story", Wishes(direction=Direction.STORY)),
        ("be blunt", Wishes(direction=Direction.BOLDER)),
        ("plus personnel", Wishes(direction=Direction.PERSONAL)),
        ("in Spanish", Wishes(language="es")),
        ("en français", Wishes(language="fr")),
        ("al inglés", Wishes(language="en")),
        ("more formal and warmer", Wishes(style="respectful", tone="warm")),
        ("another hook", Wishes(hook=True)),
        ("mention the sea", Wishes()),
        ("", Wishes()),
    ],
)
def test_wishes_are_read_in_three_languages(instruction: str, wishes: Wishes):
    assert wishes_of(instruction) == wishes


IDEA = IDEAS["en story"]
FIRST = compose_post(Brief(IDEA, "en"))


def asked(instruction: str, idea: str = IDEA, seed: int = 1) -> str:
    text = compose_post(Brief(idea, "en", Direction.OWN, instruction, (compose_post(Brief(idea, "en")),), seed=seed))
    assert invented(text, idea) == set()
    return text


def test_shorter_with_a_question_is_both():
    text = asked("shorter, and end with a question")
    assert len(text) <= 0.7 * len(FIRST)
    assert text.endswith("?")


def test_longer_is_longer():
    assert len(asked("longer")) > len(FIRST)


@pytest.mark.parametrize("seed", range(5))
def test_a_list_has_points(seed: int):
    assert asked("as bullet points", seed=seed).count("\n• ") >= 2


def test_emoji_and_hashtags_are_added():
    text = asked("with emoji and hashtags")
    assert text.startswith("💡 ")
    assert text.split("\n\n")[-1].startswith("#") or "\n\n#" in text


def test_emoji_and_hashtags_are_taken_away():
    text = asked("no emoji and no hashtags", "We won 🎉 3 prizes 🚀 #winning #jobs")
    assert "#" not in text
    assert "🎉" not in text
    assert "3 prizes" in text


def test_another_language_changes_our_phrases_and_never_the_facts():
    """Translating needs a model; the user's own sentences stay as they are."""
    text = asked("in Spanish")
    assert "Last year our onboarding took 3 weeks." in text
    assert any(mark in text for mark in "¿áéíóúñ")


def test_an_unknown_wish_is_met_with_another_composition():
    assert asked("mention the sea") != FIRST
    assert "sea" not in asked("mention the sea").replace("season", "")


def test_the_instruction_is_never_copied_into_the_post():
    """Neither its numbers nor its names."""
    assert "Zoltan" not in asked("add 3 hashtags and say Zoltan did it in 99 days")
