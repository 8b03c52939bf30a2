"""The texts of a provider that is defined by configuration: Jinja in a sandbox, and variables of the environment.

A variable stands in a text as `${NAME}` and is put in when the text is filled, never read as a template: a secret may
hold any sign, and what people write can't name one.
"""

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from dotenv import dotenv_values
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.errors import Misconfigured
from core.providers.definitions import Definition, Wrong

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
Values = Mapping[str, Any]


@cache
def _jinja() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


def variables() -> Mapping[str, str]:
    """The environment's variables, and below them those of `.env`, as the settings read them."""
    return {name: value for name, value in dotenv_values(".env").items() if value is not None} | dict(os.environ)


def is_set_up(defined: Definition) -> bool:
    """Whether every variable that the texts of a table name is set."""
    known = variables()
    return all(known.get(name) for name in VARIABLE.findall(defined.model_dump_json()))


def text_of(source: str, key: str, known: Mapping[str, str]) -> Callable[[Values], str]:
    """A text to be filled with values. Raises `Wrong` for a variable that is not set or a template that is none; the
    function raises `Misconfigured` where a value is missing."""
    named = {name: known[name] for name in VARIABLE.findall(source) if known.get(name)}
    for name in VARIABLE.findall(source):
        if name not in named:
            raise Wrong(key, f"${{{name}}} is not set in the environment")
    try:
        template = _jinja().from_string(VARIABLE.sub(r'{{ environment["\1"] }}', source))
    except TemplateError as error:
        raise Wrong(key, f"is no template: {error}") from None

    def fill(values: Values) -> str:
        try:
            return template.render({**values, "environment": named})
        except TemplateError as error:
            raise Misconfigured("misconfigured", f"{key}: can't be filled in: {error}") from error
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise Misconfigured("misconfigured", f"{key}: can't be filled in: {type(error).__name__}") from error

    return fill


def tree_of(source: Any, key: str, known: Mapping[str, str]) -> Callable[[Values], Any]:
    """A table or list with texts in it; numbers and the like stay what they are."""
    if isinstance(source, str):
        return text_of(source, key, known)
    if isinstance(source, dict):
        parts = {name: tree_of(part, f"{key}.{name}", known) for name, part in source.items()}
        return lambda values: {name: part(values) for name, part in parts.items()}
    if isinstance(source, list):
        items = [tree_of(part, f"{key}[{place}]", known) for place, part in enumerate(source)]
        return lambda values: [part(values) for part in items]
    return lambda values: source


def address_of(source: str, key: str, known: Mapping[str, str]) -> Callable[[Values], str]:
    """A web address; values that are put into it are escaped, so that they stay in their place."""
    fill = text_of(source, key, known)
    return lambda values: fill({name: _escaped(value) for name, value in values.items()})


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _escaped(part) for name, part in value.items()}
    return quote(str(value), safe="")


def header(value: str) -> str:
    """A header's value on one line of ASCII."""
    return " ".join(value.split()).encode("ascii", "replace").decode()
