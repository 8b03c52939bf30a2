"""The one Jinja environment: strict, sandboxed, escaping HTML, speaking the current language.

A template's file name tells what it makes: `.html.j2` is escaped, everything else is plain text.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.errors import RenderError
from core.i18n import current_language, gettext, ngettext

TEMPLATES = Path(__file__).parent.parent.parent / "templates"


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """Made once. A missing variable raises, so that nothing half-rendered is sent."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.add_extension("jinja2.ext.i18n")
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["current_language"] = current_language
    return made


def fill(template: str, values: dict[str, Any]) -> str:
    """The template `email/draft.html.j2` (its path under templates/) with its values; raises `RenderError`."""
    try:
        return environment().get_template(template).render(values)
    except (TemplateError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise RenderError(f"{template}: {type(error).__name__}") from error


def block_of(template: str, name: str, values: Mapping[str, Any]) -> str | None:
    """What one block of a template says, without the layout around it; None where it has no such block. Raises
    `RenderError`."""
    try:
        found = environment().get_template(template)
        if name not in found.blocks:
            return None
        return "".join(found.blocks[name](found.new_context(dict(values))))
    except (TemplateError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise RenderError(f"{template}: {type(error).__name__}") from error


def page(name: str, **values: Any) -> str:
    """A web page of templates/pages in the current language: `page("message", title=..., text=...)`."""
    return fill(f"pages/{name}.html.j2", values)
