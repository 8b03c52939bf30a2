"""The tables keep the rules that make the writer's promises possible."""

import re

import pytest

from core.model import LANGUAGES, ConversationStyle, Tone
from core.posts.writing import Direction
from core.writers.offline_text import sentences
from core.writers.phrases import PHRASES, every_line
from core.writers.stock import own_words

NUMBER_WORDS = {
    "en": "one two three four five six seven eight nine ten eleven twelve twenty hundred thousand million billion "
    "dozen half first second third once twice double single pair zero",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce veinte cien mil millón docena mitad segundo "
    "tercero doble cero par",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze vingt cent mille million douzaine moitié premier "
    "deuxième second double zéro paire",
}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def lines(language: str) -> list[str]:
    return list(every_line(PHRASES[language]))


def test_every_language_style_and_tone_has_its_phrases():
    assert set(PHRASES) == set(LANGUAGES)
    for table in PHRASES.values():
        assert set(table.styles) == set(ConversationStyle)
        assert set(table.tones) == set(Tone)
        assert {Direction.BOLDER, Direction.PERSONAL, Direction.HOOK} <= set(table.leads)


def test_no_phrase_states_a_number(language: str):
    banned = set(NUMBER_WORDS[language].split())
    assert len(lines(language)) > 150
    assert [line for line in lines(language) if banned & set(re.findall(r"\w+", line.casefold()))] == []
    assert [line for line in lines(language) if any(character.isdigit() for character in line)] == []


def test_no_phrase_has_a_name(language: str):
    """A capital inside a sentence would be one; "I" is none."""
    texts = [line.replace("¿", "").replace("{topic}", "topic") for line in lines(language)]
    inside = [word for text in texts for sentence in sentences(text) for word in sentence.text.split()[1:]]
    assert [word for word in inside if word[0].isupper() and not re.fullmatch(r"I(['’]\w+)?", word)] == []


def test_every_phrase_is_recognised_as_ours(language: str):
    """Else a later version would take it for the user's."""
    for line in lines(language):
        for sentence in sentences(line.replace("{topic}", "night trains")):
            assert own_words(sentence.text) == ("night trains" if "night trains" in sentence.text else "")


def test_closings_are_many_enough_for_five_versions():
    for table in PHRASES.values():
        for style, manner in table.styles.items():
            assert len(set(manner.questions)) >= 5, style
            assert len(set(manner.statements)) >= 3, style
            assert len(set(manner.leads)) >= 3, style
            assert all(question.rstrip().endswith("?") for question in manner.questions)


def test_no_phrase_is_shared_by_two_styles():
    """Each style has its own voice."""
    for table in PHRASES.values():
        lines = [line for manner in table.styles.values() for line in every_line(manner)]
        assert len(set(lines)) == len(lines)


def test_french_marks_keep_to_their_word():
    """A no-break space before ? ! and :"""
    assert not [line for line in every_line(PHRASES["fr"]) if re.search(r" [?!:]", line)]
