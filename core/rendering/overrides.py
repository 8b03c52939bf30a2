"""Texts that admins wrote: a narrow Jinja, sandboxed, in which the declared variables and little else can be named.

There are no loops, calls, attributes or arithmetic, so that a text can neither reach into the program nor run away
with its memory. `core.rendering.checks` refuses them with words a person understands; the narrow environment refuses
what came into the database by another way.
"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.errors import RenderError
from core.updates import storable

FILTERS = ("capitalize", "default", "lower", "title", "trim", "truncate", "upper")
ALLOWED = (
    nodes.And, nodes.Compare, nodes.CondExpr, nodes.Const, nodes.Filter, nodes.If, nodes.Keyword, nodes.Name, nodes.Not,
    nodes.Operand, nodes.Or, nodes.Output, nodes.Template, nodes.TemplateData,
)  # fmt: skip
DEEPEST = 50  # levels of conditions within each other; compiling takes cubic time, and Python ends at a hundred


@cache
def narrow(html: bool = False) -> ImmutableSandboxedEnvironment:
    """The environment for plain text, or for HTML, which is escaped. An empty value is written as nothing."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: "" if value is None else value,
    )
    made.globals.clear()
    made.tests.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


@lru_cache(maxsize=512)
def compiled(source: str, html: bool = False) -> Template:
    """The template, ready to be filled. Raises jinja2's errors for what can't be read, `RenderError` for what is not
    allowed."""
    tree = narrow(html).parse(source)
    for node in forbidden(tree):
        raise RenderError(f"line {node.lineno}: {type(node).__name__} is not allowed in a text")
    return narrow(html).from_string(source)


def forbidden(tree: nodes.Template) -> Iterator[nodes.Node]:
    """What stands in a text and may not, or too deep in it."""
    level: list[nodes.Node] = [tree]
    for _depth in range(DEEPEST):
        level = [child for node in level for child in node.iter_child_nodes()]
        yield from (node for node in level if not isinstance(node, ALLOWED))
    yield from level


def fill_override(source: str, values: Mapping[str, Any], *, html: bool = False) -> str:
    """The text with its values. Raises `RenderError`, whatever goes wrong in it: nothing half-rendered gets out."""
    try:
        return str(storable(compiled(source, html).render(values)))
    except RenderError:
        raise
    except (TemplateError, LookupError, TypeError, ValueError, AttributeError, AssertionError, RecursionError) as error:
        raise RenderError(f"an override: {type(error).__name__}") from error
