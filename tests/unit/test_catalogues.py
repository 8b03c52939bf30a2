"""Every text of the program, in every language: found, translated, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from bot.locales.extraction import extract
from core.i18n import LOCALES, catalogue
from core.model import LANGUAGES

ROOT = LOCALES.parent.parent
MARKERS = {"_", "N_", "gettext", "ngettext"}
REFUSALS = {"AppError", "NotFound"}
MARK = re.compile(r"</?[a-z]+[^>]*>|(?<![\w/])/[a-z]{3,}\b|^[\U0001f000-\U0001faff\u2190-\u2bff\ufe0f]+")
SOURCES = [
    *ROOT.glob("app.py"),
    *(path for folder in ("bot", "core", "scheduler", "storage", "web") for path in (ROOT / folder).rglob("*.py")),
]
translated = pytest.mark.parametrize("language", LANGUAGES[1:])


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=language)


@cache
def template() -> Catalog:
    return read(LOCALES / "postrider.pot")


@cache
def translations(language: str) -> Catalog:
    return read(LOCALES / language / "LC_MESSAGES" / "postrider.po", language)


def forms(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """A message's id or string as its forms: one, or singular and plural."""
    return (value,) if isinstance(value, str) else tuple(value)


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def placeholders(text: str) -> list[str]:
    """What is filled in: {names} in code, %(names)s in templates."""
    braces = [name for _, name, _, _ in Formatter().parse(text) if name is not None] if "%(" not in text else []
    return sorted(braces + re.findall(r"%\(\w+\)s", text))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


def texts(call: ast.Call) -> list[str]:
    return [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]


@pytest.fixture(scope="module")
def extracted() -> set[tuple[str, ...]]:
    """What `make texts` would find just now."""
    with (ROOT / "babel.cfg").open() as source:
        methods, options = parse_mapping_cfg(source)
    found = extract_from_dir(ROOT, methods, options)
    return {forms(text) for _file, _line, text, _comments, _context in found}


def test_the_template_holds_every_text(extracted: set[tuple[str, ...]]):
    """After a changed text: `make texts`, then translate what is new."""
    listed = {forms(message.id) for message in messages(template())}
    assert extracted - listed == set()
    assert listed - extracted == set()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x = f\"<b>{escape(_('In an f-string'))}</b>\"", ["In an f-string"]),
        ("_(TABLE.get(code, N_('inside another')))", ["inside another"]),
        ("ngettext('{n} post', '{n} posts', n)", [("{n} post", "{n} posts", None)]),
        ("_(name) + other('not marked')", []),
    ],
)
def test_marked_texts_are_found_wherever_they_stand(code: str, found: list[object]):
    """Babel's own extraction misses the first two on Python 3.11."""
    assert [texts for _line, _name, texts, _comments in extract(BytesIO(code.encode()), MARKERS, (), {})] == found


def test_what_a_user_may_read_of_an_error_is_marked():
    """`AppError("...")` without `N_` would be read in English by everybody."""
    bare = {
        (path.name, text)
        for path in SOURCES
        for name, call in calls(path)
        if name in REFUSALS
        for text in texts(call)[:1]
        if text
    }
    assert bare == set()


def test_no_text_is_glued_before_it_is_looked_up():
    """`_(f"...")` and `_("..." + x)` are never in a catalogue."""
    glued = {
        (path.name, call.lineno)
        for path in SOURCES
        for name, call in calls(path)
        if name in MARKERS and any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in call.args)
    }
    assert glued == set()


@translated
def test_every_text_is_translated(language: str):
    """No empty, no fuzzy, no left-over entry."""
    listed = {forms(message.id) for message in messages(template())}
    held = {forms(message.id): message for message in messages(translations(language))}
    assert set(held) == listed
    assert [ids for ids, message in held.items() if not all(forms(message.string)) or message.fuzzy] == []
    assert not translations(language).obsolete


@translated
def test_placeholders_are_those_of_the_source(language: str):
    """A missing one loses a fact, a misspelt one raises where it is shown."""
    wrong = [
        form
        for message in messages(translations(language))
        for form in filter(None, forms(message.string))
        if placeholders(form) != placeholders(forms(message.id)[-1])
    ]
    assert wrong == []


@translated
def test_plurals_have_their_forms(language: str):
    """As many as the language's rule says."""
    plural = [message for message in messages(translations(language)) if not isinstance(message.id, str)]
    assert plural
    assert {len(forms(message.string)) for message in plural} == {translations(language).num_plurals}


@translated
def test_commands_and_marks_survive_translation(language: str):
    """A command, a tag or the emoji of a button is no word."""
    differing = [
        (message.id, form)
        for message in messages(translations(language))
        for form in filter(None, forms(message.string))
        if sorted(MARK.findall(form)) != sorted(MARK.findall(forms(message.id)[-1]))
    ]
    assert differing == []


@translated
def test_the_program_reads_the_catalogue(language: str):
    """Compiled in memory, with its plural rule."""
    assert catalogue(language).gettext("Draft") not in ("", "Draft")
    one, many = (
        catalogue(language).ngettext("It is good for %(num)s minute.", "It is good for %(num)s minutes.", n)
        for n in (1, 15)
    )
    assert one != many
