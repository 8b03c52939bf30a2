"""HTML mode: what is plain, what is an entity, where it lies in UTF-16 units, and what is refused."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import utf16
from demo.markup import MarkupError, formatted, parse_html

TAGS = ["b", "i", "u", "s", "tg-spoiler", "blockquote"]
KIND = dict(zip(TAGS, ["bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"], strict=True))
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
trees = st.recursive(
    words, lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, min_size=1, max_size=3)), max_leaves=12
)


def written(tree: Any) -> str:
    if isinstance(tree, str):
        return html.escape(tree)
    return f"<{tree[0]}>{''.join(written(part) for part in tree[1])}</{tree[0]}>"


def plain(tree: Any) -> str:
    return tree if isinstance(tree, str) else "".join(plain(part) for part in tree[1])


def expected(tree: Any, offset: int = 0) -> list[tuple[str, int, str]]:
    if isinstance(tree, str):
        return []
    found = [(KIND[tree[0]], offset, plain(tree))]
    for part in tree[1]:
        found += expected(part, offset)
        offset += len(plain(part).encode("utf-16-le")) // 2
    return found


@given(trees)
def test_every_tag_becomes_an_entity_over_exactly_its_text(tree: Any):
    """Offsets are compared by cutting the text where the entity says, as a client would."""
    text, entities = parse_html(written(tree))
    assert text == plain(tree)
    found = sorted((one.type, one.offset, utf16.cut(text, one.offset, one.length)) for one in entities)
    assert found == sorted(expected(tree))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_escaped_text_comes_back_as_it_was(text: str):
    """Whatever a user writes can be shown by escaping it."""
    shown, _ = formatted(html.escape(text), "HTML")
    assert shown == text.strip()


@given(st.text(max_size=80).filter(lambda text: not any("\ud800" <= one <= "\udfff" for one in text)))
def test_any_text_is_parsed_or_refused_by_name(text: str):
    """No input breaks the parser, and entities never leave the text."""
    try:
        shown, entities = formatted(text, "HTML")
    except MarkupError:
        return
    assert all(one["offset"] >= 0 and one["offset"] + one["length"] <= utf16.length(shown) for one in entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<foo>x</foo>", 'Unsupported start tag "foo" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(source: str, reason: str):
    with pytest.raises(MarkupError) as refused:
        parse_html(source)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("👍<b>ok</b>", "👍ok", [{"type": "bold", "offset": 2, "length": 2}]),
        (
            '<a href="https://example.org/?a=1&amp;b=2">go</a>',
            "go",
            [{"type": "text_link", "offset": 0, "length": 2, "url": "https://example.org/?a=1&b=2"}],
        ),
        ('<a href="javascript:alert(1)">go</a>', "go", []),
        ('<a href="http://localhost/x">go</a>', "go", []),
        (
            '<pre><code class="language-python">x = 1</code></pre>',
            "x = 1",
            [{"type": "pre", "offset": 0, "length": 5, "language": "python"}],
        ),
        ("<code>a<b>b</b></code>", "ab", [{"type": "code", "offset": 0, "length": 2}]),
        ("<blockquote expandable>q</blockquote>", "q", [{"type": "expandable_blockquote", "offset": 0, "length": 1}]),
        ('<span class="tg-spoiler">s</span>', "s", [{"type": "spoiler", "offset": 0, "length": 1}]),
        ("  <b> x </b>\n", "x", [{"type": "bold", "offset": 0, "length": 1}]),
        ("&lt;b&gt; &#128077; &copy;", "<b> 👍 &copy;", []),
        ("/new and @somebody", "/new and @somebody", [
            {"type": "bot_command", "offset": 0, "length": 4}, {"type": "mention", "offset": 9, "length": 9},
        ]),
        ("me@example.org https://example.org/a.", "me@example.org https://example.org/a.", [
            {"type": "email", "offset": 0, "length": 14}, {"type": "url", "offset": 15, "length": 21},
        ]),
        ("<code>/new</code>", "/new", [{"type": "code", "offset": 0, "length": 4}]),
    ],
)  # fmt: skip
def test_what_telegram_stores(source: str, text: str, entities: list[dict[str, Any]]):
    assert formatted(source, "HTML") == (text, entities)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), st.integers(2, 9))
def test_splitting_keeps_every_character_within_the_limit(text: str, limit: int):
    parts = utf16.split(text, limit)
    assert "".join(parts) == text
    assert all(utf16.length(part) <= limit for part in parts)
