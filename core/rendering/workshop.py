"""The admins' work on texts, as the settings ask for it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from core.ports import Clock, Database
from core.ports.templates import ContentTemplates
from core.rendering.approvals import TemplateApprovals
from core.rendering.book import TemplateBook
from core.rendering.editing import TemplateEditor
from core.rendering.previews import Previews
from core.rendering.renderer import Renderer
from core.secrets import Keys
from core.settings import Settings


def build_texts(
    settings: Settings,
    keys: Keys,
    database: Database,
    clock: Clock,
    book: TemplateBook | None = None,
    extra: Mapping[str, Any] | None = None,
) -> tuple[TemplateEditor, TemplateApprovals]:
    """Both over the book from which this process renders, where it does; `extra` as for rendering."""
    book = TemplateBook() if book is None else book
    renderer = Renderer(keys, settings.public_url, settings.sender_email, settings.sender_name, book)
    previews = Previews(renderer, {} if extra is None else extra)
    editor = TemplateEditor(database, clock, keys, book, previews)
    return editor, TemplateApprovals(database, clock, book, previews, partial(twilio_contents, settings))


@asynccontextmanager
async def twilio_contents(settings: Settings) -> AsyncIterator[ContentTemplates | None]:
    """WhatsApp's templates at Twilio; None where no account is set up. Imported on use: few processes ever need it."""
    from core.providers.base import http_client
    from core.providers.twilio_content import contents_of

    async with http_client(settings.provider_timeout) as http:
        yield contents_of(settings, http)
