"""Lengths, cuts and the fold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.posts.writing import FOLD
from core.rendering.telegram_text import clip, escape, fold, html_units, plain, shorten, split, units

FAMILY = "👩‍👩‍👧"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400) | st.text("ab \n\n🙂é<&>שׁ", max_size=400)


def test_units_are_those_of_utf16():
    """An emoji outside the basic plane counts twice, as Telegram counts it."""
    assert units("aé🙂") == len("aé🙂".encode("utf-16-le")) // 2 == 4


@given(texts)
def test_escaped_text_reads_and_counts_as_before(text: str):
    """Entities cost nothing, and no text of a user becomes a tag."""
    assert plain(escape(text)) == text
    assert html_units(f"<b>{escape(text)}</b>") == units(text)


@given(texts, st.integers(16, 100))
def test_a_clipped_text_is_a_beginning_within_the_limit(text: str, limit: int):
    """Whatever the text is made of."""
    clipped = clip(text, limit)
    assert text.startswith(clipped)
    assert units(clipped) <= limit


@given(texts, st.integers(16, 100))
def test_split_loses_white_space_only(text: str, limit: int):
    """Every part fits, none is blank, and together they say all of it."""
    parts = split(text, limit)
    assert all(part.strip() and units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_split_prefers_the_end_of_a_paragraph():
    """A reader sees whole thoughts."""
    first, second = "a" * 80, "b" * 40
    assert split(f"{first}\n\n{second}", 100) == [first, second]


@pytest.mark.parametrize("limit", range(16, 24))
def test_a_family_is_never_parted(limit: int):
    """A cut inside joined characters would show other people."""
    assert set(split(FAMILY * 6, limit)) <= {FAMILY, FAMILY * 2}


def test_shorten_makes_one_line():
    """For a quotation inside a sentence."""
    assert shorten("make  it\nfunny", 20) == "make it funny"
    assert shorten("word " * 20, 20) == "word word word word…"


def test_a_short_text_has_no_fold():
    """LinkedIn shows all of it."""
    assert fold("one\n\nthree") is None
    assert fold("x" * FOLD) is None


def test_the_fold_falls_after_the_third_line():
    """Blank lines count."""
    assert fold("one\n\nthree\nfour") == ("one\n\nthree", "four")


def test_the_fold_falls_after_210_characters_at_a_word():
    """A long first line folds before it ends."""
    head, rest = fold("word " * 60) or ("", "")
    assert FOLD - 30 <= len(head) <= FOLD
    assert head.endswith("word")
    assert rest.startswith("word")


def test_blank_lines_at_the_end_do_not_fold():
    """There is nothing more to see."""
    assert fold("one\ntwo\nthree\n\n  \n") is None


@given(texts)
def test_the_two_sides_of_a_fold_are_the_text(text: str):
    """Only white space at the fold itself may go."""
    parts = fold(text)
    assert parts is None or "".join("".join(parts).split()) == "".join(text.split())


def test_split_prefers_the_end_of_a_sentence_to_the_end_of_a_word():
    """Also after a quotation mark; a number's point ends no sentence."""
    first, second = f"{'a ' * 39}end!”", "b 3.5 c d e f g h i j k l"
    assert split(f"{first} {second}", 100) == [first, second]
    assert split(f"{'a ' * 39}3.5 b c d e f g h", 84)[0].endswith("3.5 b")


@given(st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=60), st.integers(16, 60))
def test_words_are_never_cut_in_two(words: list[str], limit: int):
    """Where each fits into a part's last quarter."""
    text = " ".join(word[: limit // 4] for word in words)
    assert " ".join(split(text, limit)).split() == text.split()


@given(texts, st.integers(16, 100))
def test_no_part_begins_or_ends_in_the_middle_of_a_character(text: str, limit: int):
    """Every part is a text that UTF-16 can say."""
    for part in split(text, limit):
        assert part.encode("utf-16-le").decode("utf-16-le") == part
