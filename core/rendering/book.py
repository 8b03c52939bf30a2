"""The texts that admins have changed, at hand: a snapshot of `notification_templates` that a renderer can read without
waiting, since it runs in a thread.

It is read anew at once after a change made here, and every few seconds where the table says that somebody else has
changed something.
"""

import asyncio
from collections.abc import Iterable
from time import monotonic

import structlog

from core.model import Channel, StoredTemplate, TemplateId
from core.ports import Database

FRESH = 3.0  # seconds for which a snapshot is not looked at again
Stamp = tuple[int, int]  # rows and their changes: grows with every change, whatever the clocks of the machines say
log = structlog.get_logger()


class TemplateBook:
    """The active overrides. Safe to read from any thread: a snapshot is replaced, never changed."""

    def __init__(self, templates: Iterable[StoredTemplate] = ()) -> None:
        self._templates = {template.id: template for template in templates}
        self._stamp: Stamp | None = None
        self._looked_at = float("-inf")
        self._reading = asyncio.Lock()

    def find(self, key: str, channel: Channel, language: str) -> StoredTemplate | None:
        """The override of a text in one language; None where the product's own text stands."""
        return self._templates.get(TemplateId(key, channel, language))

    def with_one(self, template: StoredTemplate) -> "TemplateBook":
        """A book that also holds this one, for previews."""
        return TemplateBook([*self._templates.values(), template])

    def without(self, template_id: TemplateId) -> "TemplateBook":
        """A book in which the product's own text stands, for previews."""
        return TemplateBook(one for one in self._templates.values() if one.id != template_id)

    async def keep_fresh(self, database: Database) -> None:
        """Look whether something has changed, unless that was done just now. A database that is away leaves the
        snapshot as it is: texts of a minute ago are better than none."""
        if self._stamp is not None and self._reading.locked():
            return  # somebody is at it; what there is will do
        async with self._reading:
            if monotonic() - self._looked_at < FRESH:
                return
            self._looked_at = monotonic()
            try:
                await self._read(database)
            except Exception as error:
                log.warning("templates.not_read", error=type(error).__name__)

    async def refresh(self, database: Database) -> None:
        """Read it anew now: something was changed here."""
        async with self._reading:
            self._stamp = None
            await self._read(database)

    async def _read(self, database: Database) -> None:
        async with database.read() as uow:
            stamp = await uow.templates.stamp()
            if stamp == self._stamp:
                return
            templates = await uow.templates.active()
        self._templates = {template.id: template for template in templates}
        self._stamp = stamp
