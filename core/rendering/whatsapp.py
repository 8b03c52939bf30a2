"""WhatsApp templates: named variables as the numbered ones that WhatsApp knows, and its rules for a body. Pure.

The rules are WhatsApp's, as Twilio tells them ("WhatsApp rejected templates", error 63040, and "Using variables with
content templates"): a body neither begins nor ends with a variable, also not before a full stop; no two stand side by
side; there are at least 2n + 1 words beside n variables; 1,024 characters; values are one line of at most 255.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_BODY = 1_024  # characters
MAX_VALUE = 255  # characters
EMPTY = "-"  # a value may not be empty
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_WORD = re.compile(r"\w")


class Fault(StrEnum):
    """Why WhatsApp would refuse a body."""

    NOT_PLAIN = "not_plain"  # something else than {{ name }} between braces
    BEGINS = "begins"
    ENDS = "ends"
    ADJACENT = "adjacent"
    FEW_WORDS = "few_words"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    BLANKS = "blanks"  # four line breaks or blanks in a row


@dataclass(frozen=True, slots=True)
class Numbered:
    """A body with {{1}}, {{2}} ..., and the name of the variable behind each number."""

    body: str
    names: tuple[str, ...]

    def variables(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The values by their numbers, each made one line; raises KeyError for a missing one."""
        return {str(place): one_line(values[name]) for place, name in enumerate(self.names, start=1)}


def numbered(text: str) -> Numbered:
    """`Hi {{ name }}!` as `Hi {{1}}!`. A name that stands twice has two numbers, so that they are consecutive."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"{{{{{len(names)}}}}}"

    return Numbered(_PLACEHOLDER.sub(number, text), tuple(names))


def named(names: Mapping[str, Any]) -> dict[str, str]:
    """Values that leave a template's variables standing by their names."""
    return {name: f"{{{{ {name} }}}}" for name in names}


def fault(text: str) -> Fault | None:
    """The first rule that a text with named variables breaks; None where WhatsApp should take it."""
    rules = {
        Fault.EMPTY: not text.strip(),
        Fault.NOT_PLAIN: bool(re.search(r"\{[{%#]|[%#}]\}", _PLACEHOLDER.sub("", text))),
        Fault.TOO_LONG: len(numbered(text).body) > MAX_BODY,
        Fault.BLANKS: bool(re.search(r"\n{4}| {4}|\t", text)),
        **_places(text),
    }
    return next((name for name, is_broken in rules.items() if is_broken), None)


def _places(text: str) -> dict[Fault, bool]:
    between = _PLACEHOLDER.split(text)[::2]  # the words around the variables
    if len(between) == 1:
        return {}
    first, *inner, last = between
    words = sum(bool(_WORD.search(word)) for piece in between for word in piece.split())
    return {
        Fault.BEGINS: not _WORD.search(first),
        Fault.ENDS: not _WORD.search(last),
        Fault.ADJACENT: not all(piece.strip() for piece in inner),
        Fault.FEW_WORDS: words < 2 * (len(between) - 1) + 1,
    }


def one_line(value: Any) -> str:
    """A value as WhatsApp takes it: without line breaks, tabs and runs of blanks, and never empty."""
    return " ".join(str("" if value is None else value).split()) or EMPTY
