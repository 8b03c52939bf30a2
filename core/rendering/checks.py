"""What is checked before an admin's text is saved: it can be read, names only what there is, fits its channel, and
comes out well with example values. What is wrong is told with its line and an example of what would do.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, nodes

from core.errors import AppError, RenderError
from core.i18n import N_
from core.model import Channel, TemplateId, Texts
from core.rendering.lengths import SMS_SEGMENTS, TEMPLATE_LIMITS, is_too_long, measure
from core.rendering.overrides import FILTERS, fill_override, forbidden, narrow
from core.rendering.sms_text import for_sms
from core.rendering.telegram_text import shorten
from core.rendering.variables import HTML, REQUIRED, SUBJECT, TEXT, variables_of
from core.rendering.whatsapp import MAX_BODY, Fault, fault

SHOWN = 60  # units of a line that is quoted
Values = Mapping[str, Any]


def check(template_id: TemplateId, texts: Texts, examples: Values) -> None:
    """Raises `AppError` for the first thing that is wrong with any part. `examples` holds a value for every variable of
    the kind."""
    for part in (SUBJECT, TEXT, HTML):
        source = getattr(texts, part)
        if source is not None:
            check_part(template_id, part, source, examples)


def check_part(template_id: TemplateId, part: str, source: str, examples: Values) -> None:
    """The same for one part."""
    _check_size(part, source)
    example = f"{{{{ {next(iter(variables_of(template_id.key)))} }}}}"
    tree = _read(source, example)
    _check_nodes(tree, source, example)
    _check_names(tree, template_id.key, example)
    if part != SUBJECT:
        _check_purpose(tree, template_id.key)
    if template_id.channel is Channel.WHATSAPP:
        check_whatsapp(source, example)
    _check_outcome(template_id, part, source, examples)


def check_whatsapp(source: str, example: str) -> None:
    """WhatsApp's own rules for the body of a template. Raises `AppError`."""
    broken = fault(source)
    if broken:
        raise AppError(FAULTS[broken], {"example": f"Hello {example}, …", "limit": MAX_BODY, "variable": example})


FAULTS = {
    Fault.EMPTY: N_("There is no text in that. Example: {example}"),
    Fault.NOT_PLAIN: N_("WhatsApp takes plain variables only, without conditions and filters. Example: {example}"),
    Fault.BEGINS: N_("WhatsApp refuses a text that begins with a variable. Put a word before it. Example: {example}"),
    Fault.ENDS: N_(
        "WhatsApp refuses a text that ends with a variable, also with a full stop behind it. End on a sentence of "
        "words. Example: … {variable} We look forward to your answer."
    ),
    Fault.ADJACENT: N_(
        "WhatsApp refuses two variables side by side. Put a word between them. Example: {variable} and {variable}"
    ),
    Fault.FEW_WORDS: N_(
        "WhatsApp refuses a text with so many variables and so few words: beside n of them it wants at least 2n + 1"
        " words. Say more around {variable}."
    ),
    Fault.TOO_LONG: N_("WhatsApp takes at most {limit} characters."),
    Fault.BLANKS: N_("WhatsApp refuses tabs, four blanks and four line breaks in a row. Take some out."),
}


def _check_size(part: str, source: str) -> None:
    limit = TEMPLATE_LIMITS[part]
    if not source.strip():
        raise AppError(N_("There is no text in that. Example: {example}"), {"example": "Hello {{ reader_name }}!"})
    if len(source) > limit:
        raise AppError(
            N_("That has {length} characters; at most {limit} are kept here."), {"length": len(source), "limit": limit}
        )
    if part == SUBJECT and "\n" in source.strip():
        raise AppError(N_("A subject is one line. Example: {example}"), {"example": "News from {{ sender_name }}"})


def _read(source: str, example: str) -> nodes.Template:
    try:
        return narrow().parse(source)
    except TemplateSyntaxError as error:
        raise _unreadable(source, error.lineno, example) from None
    except RecursionError:
        raise _unreadable(source, 1, example) from None


def _unreadable(source: str, line: int, example: str) -> AppError:
    return AppError(
        N_("Line {line} can't be read: “{text}”. A variable stands between two pairs of braces. Example: {example}"),
        {"line": line, "text": _line(source, line), "example": example},
    )


def _check_nodes(tree: nodes.Template, source: str, example: str) -> None:
    node = next(_unknown(tree), None)
    if node is not None:
        raise AppError(
            N_(
                "Line {line}: “{text}” holds more than variables, conditions (if, else) and these filters: {filters}. "
                "Example: {example}"
            ),
            {
                "line": node.lineno,
                "text": _line(source, node.lineno),
                "filters": ", ".join(FILTERS),
                "example": example,
            },
        )


def _unknown(tree: nodes.Template) -> Iterator[nodes.Node]:
    yield from forbidden(tree)
    yield from (one for one in tree.find_all(nodes.Filter) if one.name not in FILTERS)


def _check_names(tree: nodes.Template, key: str, example: str) -> None:
    known = variables_of(key)
    for node in tree.find_all(nodes.Name):
        if node.name not in known:
            raise AppError(
                N_("Line {line}: there is no variable “{name}” here. There are: {known}. Example: {example}"),
                {"line": node.lineno, "name": node.name, "known": ", ".join(known), "example": example},
            )


def _check_purpose(tree: nodes.Template, key: str) -> None:
    """It says what it is for: there is no code in a text without {{ code }}."""
    wanted = REQUIRED.get(key, ())
    if wanted and not {node.name for node in tree.find_all(nodes.Name)} & set(wanted):
        names = ", ".join(f"{{{{ {name} }}}}" for name in wanted)
        raise AppError(N_("This text is nothing without one of these values: {names}. Put it in."), {"names": names})


def _check_outcome(template_id: TemplateId, part: str, source: str, examples: Values) -> None:
    """Filled with the examples, and once more without what may be empty."""
    variables = variables_of(template_id.key)
    bare = {name: None if variables[name].may_be_empty else value for name, value in examples.items()}
    filled = _filled(source, examples, part)
    if not _filled(source, bare, part).strip():
        raise AppError(
            N_("Where {names} are empty, nothing would be left of it. Add a word of your own."),
            {"names": ", ".join(name for name, variable in variables.items() if variable.may_be_empty)},
        )
    if template_id.channel is Channel.SMS and is_too_long(Channel.SMS, for_sms(filled)):
        raise AppError(
            N_("With the example values that is {count} SMS; providers take at most {limit}."),
            {"count": measure(Channel.SMS, for_sms(filled)).parts, "limit": SMS_SEGMENTS},
        )


def _filled(source: str, values: Values, part: str) -> str:
    try:
        return fill_override(source, values, html=part == HTML)
    except (RenderError, TemplateError) as error:
        raise AppError(
            N_("With the example values it could not be written ({error}). Look at the conditions and filters."),
            {"error": type(error.__cause__ or error).__name__},
        ) from None


def _line(source: str, number: int) -> str:
    lines = source.splitlines() or [""]
    return shorten(lines[min(max(number, 1), len(lines)) - 1], SHOWN)
