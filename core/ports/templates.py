"""Where the texts are kept that admins have changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.model import StoredTemplate, TemplateId
from core.model.templates import TemplateChange


class Templates(Protocol):
    """`notification_templates` (storage/templates.py), and what the audit log tells of them."""

    async def stamp(self) -> tuple[int, int]: ...

    async def active(self) -> list[StoredTemplate]: ...

    async def all(self) -> list[StoredTemplate]: ...

    async def one(self, template_id: TemplateId) -> StoredTemplate | None: ...

    async def put(self, template: StoredTemplate, now: datetime) -> bool: ...

    async def add_new(self, templates: Sequence[StoredTemplate], now: datetime) -> int: ...

    async def history(self, template_id: TemplateId, limit: int) -> list[TemplateChange]: ...


class ContentTemplates(Protocol):
    """WhatsApp's templates at the provider (core/providers/twilio_content.py). Every call raises a `SendError` where it
    is not done."""

    async def create(self, name: str, language: str, body: str, examples: Mapping[str, str]) -> str: ...

    async def submit(self, sid: str, name: str, category: str) -> None: ...

    async def approval(self, sid: str) -> tuple[str, str]: ...
