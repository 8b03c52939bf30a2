"""E-mails: subject, plain text and HTML of a notification, from templates/email or as an admin wrote them.

One template per kind and part; the language comes from the catalogues. The plain text of a post's mail begins with the
post as it is, so that it can be pasted.
"""

from dataclasses import dataclass
from functools import cache

import css_inline
from markupsafe import Markup

from core.model import Channel, StoredTemplate
from core.rendering.templating import fill
from core.rendering.texts import Values, overridden, own, source_of, written
from core.rendering.variables import HTML, SUBJECT, TEXT


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered e-mail, its styles inlined."""

    subject: str
    text: str
    html: str


def letter_of(key: str, values: Values, override: StoredTemplate | None = None) -> Letter:
    """The letter of a kind with its values. Raises `RenderError`.

    An admin's text stands in the layout, with the foot below it; without HTML of their own its paragraphs are the
    HTML.
    """
    subject = " ".join(written(SUBJECT, key, Channel.EMAIL, values, override).split())
    text, html = source_of(TEXT, override), source_of(HTML, override)
    if text is None and html is None:
        plain, rich = own(TEXT, key, Channel.EMAIL, values), own(HTML, key, Channel.EMAIL, values)
    else:
        plain, rich = _in_layout(key, subject, text, html, values)
    return Letter(subject, plain.rstrip("\n"), _inliner().inline(rich))


def _in_layout(key: str, subject: str, text: str | None, html: str | None, values: Values) -> tuple[str, str]:
    words = overridden(TEXT, key, text, values).strip() if text is not None else ""
    markup = Markup(overridden(HTML, key, html, values)) if html is not None else None  # noqa: S704 - escaped by its template
    inside = {**values, "title": subject, "words": words, "markup": markup, "key": key}
    plain = fill("email/_words.text.j2", inside) if words else own(TEXT, key, Channel.EMAIL, values)
    return plain, fill("email/_words.html.j2", inside)


@cache
def _inliner() -> css_inline.CSSInliner:
    """`keep_at_rules` keeps the rules for dark screens and narrow ones."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
