"""The tables keep the rules that make the writer's promises possible."""

import re

import pytest

from core.model import LANGUAGES, ConversationStyle, Tone
from core.writers.offline_text import sentences
from core.writers.phrases import PHRASES, every_line
from core.writers.stock import is_stock, own_words
from core.writing import Direction

NUMBER_WORDS = {
    "en": "one two three four five six seven eight nine ten eleven twelve twenty hundred thousand million billion "
    "dozen half first second third once twice double single pair zero",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce veinte cien mil millón docena mitad segundo "
    "tercero doble cero par",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze vingt cent mille million douzaine moitié premier "
    "deuxième second double zéro paire",
}
LINES = [(language, line) for language, table in PHRASES.items() for line in every_line(table)]


def test_every_language_style_and_tone_has_its_phrases():
    assert set(PHRASES) == set(LANGUAGES)
    for table in PHRASES.values():
        assert set(table.styles) == set(ConversationStyle)
        assert set(table.tones) == set(Tone)
        assert {Direction.BOLDER, Direction.PERSONAL, Direction.HOOK} <= set(table.leads)


@pytest.mark.parametrize(("language", "line"), LINES)
def test_a_phrase_states_no_number_and_no_name(language: str, line: str):
    words = re.findall(r"\w+", line.casefold())
    assert not any(character.isdigit() for character in line)
    assert not set(words) & set(NUMBER_WORDS[language].split())
    inside = [
        word
        for sentence in sentences(line.replace("¿", "").replace("{topic}", "topic"))
        for word in sentence.text.split()[1:]
    ]
    assert [word for word in inside if word[0].isupper() and not re.fullmatch(r"I(['’]\w+)?", word)] == []


@pytest.mark.parametrize(("language", "line"), LINES)
def test_a_phrase_is_recognised_as_ours(language: str, line: str):
    """Else a later version would take it for the user's."""
    for sentence in sentences(line.replace("{topic}", "night trains")):
        assert own_words(sentence.text) in ("", "night trains")
    assert is_stock(line) or "{topic}" in line or len(sentences(line)) > 1


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
