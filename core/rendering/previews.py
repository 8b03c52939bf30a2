"""A text with example values, as its reader would get it: for the preview, the checks and the test of a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.errors import RenderError
from core.i18n import gettext as _
from core.i18n import speaking
from core.model import (
    Account,
    Channel,
    Delivery,
    Kind,
    Message,
    Notification,
    Post,
    PostState,
    PostView,
    StoredTemplate,
    TemplateId,
    Texts,
    Version,
)
from core.rendering import phones
from core.rendering.book import TemplateBook
from core.rendering.facts import ABOUT_POSTS
from core.rendering.renderer import RenderContext, Renderer
from core.rendering.templating import block_of, fill
from core.rendering.variables import HTML, SAMPLE_DAY, SAMPLE_POST, TEXT, sample_content, variables_of
from core.rendering.whatsapp import named

AT = datetime.combine(SAMPLE_DAY, datetime.min.time(), UTC)


@dataclass(frozen=True, slots=True)
class Previews:
    """Renders examples by the same renderer as real deliveries. `extra` may hold the chat's address."""

    renderer: Renderer
    extra: Mapping[str, Any] = field(default_factory=dict)

    def message(self, template_id: TemplateId, texts: Texts | None, account: Account | None = None) -> Message:
        """What would be sent with these texts, in their language; `texts` None: the product's own. Raises
        `RenderError`, and `Refused` for what no provider takes."""
        override = StoredTemplate(template_id, texts) if texts else None
        with speaking(template_id.language):
            context = _context(template_id, self.extra, account)
            if template_id.key not in set(Kind):
                values = self.renderer.surroundings(context) | sample_content(template_id.key)
                return phones.whatsapp_of(template_id.key, "", values, override, None)
            book = TemplateBook([override] if override else [])
            return self.renderer.reading(book).render(context)

    def values(self, template_id: TemplateId, account: Account | None = None) -> dict[str, Any]:
        """An example of every variable that the texts may name, in their language."""
        with speaking(template_id.language):
            context = _context(template_id, self.extra, account)
            if template_id.key not in set(Kind):
                found = self.renderer.surroundings(context) | sample_content(template_id.key)
            else:
                found = self.renderer.values(context)
        return {name: found[name] for name in variables_of(template_id.key)}


def own_source(template_id: TemplateId, part: str) -> str | None:
    """The product's own text of a part with its variables by their names, as an admin would write it; None where it
    holds more than that."""
    names = named(variables_of(template_id.key))
    file = f"{template_id.channel}/{template_id.key}.{part}.j2"
    if part == HTML or template_id.channel is Channel.TELEGRAM:
        return None
    with speaking(template_id.language):
        try:
            whole = block_of(file, "body", names) if part == TEXT else None
            return (fill(file, dict(names)) if whole is None else whole).strip()
        except RenderError:
            return None


def _context(template_id: TemplateId, extra: Mapping[str, Any], account: Account | None) -> RenderContext:
    content = sample_content(template_id.key)
    kind = Kind(template_id.key) if template_id.key in set(Kind) else Kind.MESSAGE
    about = Notification("sample", kind, AT, content=content)
    delivery = Delivery(0, template_id.channel, "", "", AT, AT, "sample")
    view = _post(template_id.language) if kind in ABOUT_POSTS else None
    return RenderContext(about, delivery, account, view, extra)


def _post(language: str) -> PostView:
    text = _(SAMPLE_POST)
    post = Post(0, 0, "", PostState.DRAFT, language, 1, AT, AT)
    return PostView(post, Version(0, 1, text, "first", "offline", AT))
