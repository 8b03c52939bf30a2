"""Reading the user's text: sentences, languages, cuts."""

import pytest

from core.writers.adorning import hashtags_of, with_emoji, without_emoji, without_hashtags
from core.writers.material import read
from core.writers.offline_text import capitalized, clean, clip, cut, finished, lowered, sentences, split_off_tags
from core.writers.phrases import Kind
from core.writers.words import WORDS, language_of


def parts(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(clean(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We grew. It hurt!  Why? Nobody knows…", ["We grew.", "It hurt!", "Why?", "Nobody knows…"]),
        ("Dr. Meyer paid 3.5 % to J. Ito, e.g. in cash.", ["Dr. Meyer paid 3.5 % to J. Ito, e.g. in cash."]),
        ("At 9 a.m. in St. Ives. It was No. 1.", ["At 9 a.m. in St. Ives.", "It was No. 1."]),
        ("See https://e.org/a?b=1. Next.", ["See https://e.org/a?b=1. Next."]),
        ("“Ship it.” Ana smiled.", ["“Ship it.”", "Ana smiled."]),
        ("C'est vrai ! Et toi ?", ["C'est vrai !", "Et toi ?"]),
        ("¿Qué tal? Bien.", ["¿Qué tal?", "Bien."]),
        ("我们很开心！团队也是。", ["我们很开心！", "团队也是。"]),
        ("- asks why\n- shows work\n1. explains", ["asks why", "shows work", "explains"]),
        ("a line that a narrow window has broken right\nhere before its end", None),
        ("no mark\nAnother line", ["no mark", "Another line"]),
    ],
)
def test_text_is_split_into_sentences(text: str, expected: list[str] | None):
    assert parts(text) == (expected or [text.replace("\n", " ")])


def test_controls_and_direction_overrides_never_glue_digits_together():
    assert clean("7\u200b8\x00 a\u202eb\r\n\r\n\r\n\r\nc") == "7 8 a b\n\nc"


def test_a_no_break_space_is_kept():
    assert clean("20\u00a0%  de plus") == "20\u00a0% de plus"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we grew", "We grew."),
        ("iPhone sales grew", "iPhone sales grew."),
        ("https://e.org is down", "https://e.org is down."),
        ("see https://e.org", "See https://e.org"),
        ("ßeta", "ßeta."),
        ("«hola»", "«Hola»."),
        ("done 🚀", "Done 🚀"),
        ("and so,", "And so."),
    ],
)
def test_a_sentence_is_finished_without_touching_its_words(text: str, expected: str):
    assert finished(text) == expected


def test_only_known_small_words_lose_their_capital():
    """Maria is a name; "The" is not."""
    assert lowered("The plan", WORDS["en"].lowerable) == "the plan"
    assert lowered("Maria left", WORDS["en"].lowerable) == "Maria left"
    assert lowered("WHO said so", WORDS["en"].lowerable) == "WHO said so"
    assert capitalized("") == ""


def test_a_cut_never_breaks_a_word_or_a_number():
    assert cut("we moved 1,200 servers to Lyon", 14) == "we moved 1,200"
    assert cut("we moved 1,200 servers to Lyon", 13) == "we moved"
    assert cut("123456789", 4) == ""
    assert cut("servers to the", 12, WORDS["en"].dangling) == "servers"
    assert cut("我们，很开心！", 3) == "我们，"
    assert cut("我们有123456个", 6) == "我们有"
    assert cut("https://e.org/漢字漢字", 16) == ""


def test_a_clip_ends_at_a_sentence():
    assert clip("One. " * 10, 27) == "One. One. One. One. One."
    assert clip("short", 10) == "short"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("we are working on a plan", "en"),
        ("trabajamos en un plan para los clientes", "es"),
        ("nous travaillons sur un plan pour les clients", "fr"),
        ("l'équipe d'Anne", "fr"),
        ("Kubernetes", "es"),
        ("https://e.org/a?c=d&l=des www.les.fr", "es"),
    ],
)
def test_the_language_is_told_by_the_small_words(text: str, language: str):
    assert language_of(text, "es") == language


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pricing for freelancers", Kind.TOPIC),
        ("how to give feedback", Kind.TOPIC),
        ("retirement plans for freelancers", Kind.TOPIC),
        ("Trust beats process.", Kind.CLAIM),
        ("We need more speed", Kind.CLAIM),
        ("We shipped it yesterday", Kind.EXPERIENCE),
        ("Creo que escribimos poco", Kind.CLAIM),
        ("Ayer hablamos con 20 clientes", Kind.EXPERIENCE),
        ("Hier, nous avons parlé à Ana", Kind.EXPERIENCE),
        ("Thank you, Ana, for 10 years", Kind.MOMENT),
        ("Hoy cumplo 10 años en Iberlog", Kind.MOMENT),
        ("Je rejoins Batisol", Kind.MOMENT),
        ("Why?", Kind.QUESTION),
        ("...", Kind.BLANK),
    ],
)
def test_the_kind_of_an_idea(text: str, kind: Kind):
    assert read(text, "en").kind is kind


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Write a LinkedIn post about remote work", "remote work"),
        ("please write me a short post about remote work", "remote work"),
        ("post about: remote work", "remote work"),
        ("Idea: remote work", "remote work"),
        ("Idea: 远程工作。", "远程工作"),
        ("Yet another idea: remote work", "remote work"),
        ("Otra idea: el trabajo remoto", "el trabajo remoto"),
        ("Une autre idée : le télétravail", "le télétravail"),
        ("Escribe un post sobre el trabajo remoto", "el trabajo remoto"),
        ("Escribe una publicación en LinkedIn acerca de la calma", "la calma"),
        ("Écris un post LinkedIn sur le télétravail", "le télétravail"),
    ],
)
def test_the_request_in_front_of_an_idea_is_no_part_of_it(text: str, topic: str):
    assert read(text, "en").topic == topic


def test_hashtags_come_off_the_ends():
    kept, tags = split_off_tags(sentences("We hire #rust developers. #hiring #jobs"))
    assert [sentence.text for sentence in kept] == ["We hire #rust developers."]
    assert tags == ["#hiring", "#jobs"]


def test_hashtags_are_made_of_the_ideas_own_words():
    tags = hashtags_of(
        "We cut deploy time. Deploy pains are gone, thanks Ravi. https://secret.example/page", WORDS["en"]
    )
    assert tags[0] == "#deploy"
    assert len(tags) == 3
    assert not any("secret" in tag or "page" in tag for tag in tags)


def test_emoji_come_and_go():
    plain = "Hook.\n\nShort:\n• a point\n\nBye."
    assert without_emoji(with_emoji(plain)).replace("\na point", "\n• a point") == plain
    assert without_emoji("We 🚀 grew 👩‍💻\n🎉\nfast") == "We grew\n\nfast"
    assert without_hashtags("We like #rust\n\n#jobs #work") == "We like rust"
