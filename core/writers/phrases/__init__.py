"""The offline writer's phrases, a table per language."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from core.writers.phrases import en, es, fr
from core.writers.phrases.table import Kind, Lines, Manner, Phrases, Tone

NO_BREAK = "\u00a0"


def _spaced(value: Any) -> Any:
    """French sets a space before these marks; a no-break one keeps the mark on its line."""
    if isinstance(value, str):
        return value.replace(" ?", f"{NO_BREAK}?").replace(" :", f"{NO_BREAK}:").replace(" !", f"{NO_BREAK}!")
    if isinstance(value, tuple):
        return tuple(_spaced(entry) for entry in value)
    if isinstance(value, Mapping):
        return {key: _spaced(entry) for key, entry in value.items()}
    return replace(value, **{field.name: _spaced(getattr(value, field.name)) for field in fields(value)})


PHRASES: Final[Mapping[str, Phrases]] = {"en": en.PHRASES, "es": es.PHRASES, "fr": _spaced(fr.PHRASES)}


def every_line(value: Any) -> Iterator[str]:
    """Every phrase in a table, whatever its nesting."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from every_line(entry)
    elif isinstance(value, tuple):
        for entry in value:
            yield from every_line(entry)
    elif is_dataclass(value):
        for field in fields(value):
            yield from every_line(getattr(value, field.name))


__all__ = ["PHRASES", "Kind", "Lines", "Manner", "Phrases", "Tone", "every_line"]
