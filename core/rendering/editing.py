"""Texts as admins work on them: what stands where, what a change would look like, saving, resetting, trying out.

Whoever asks has been found to be an admin. Every change is written to the audit log with what stood there before, and
is in force here at once, elsewhere within seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.accounts.rules import type_of
from core.delivery.outbox import notify
from core.delivery.planning import addresses_of
from core.delivery.reasons import kind_name
from core.errors import AppError, NotFound, RenderError, SendError
from core.i18n import N_
from core.i18n import gettext as _
from core.model import (
    LANGUAGES,
    Account,
    Channel,
    Delivery,
    Kind,
    Message,
    NotificationType,
    StoredTemplate,
    TemplateChange,
    TemplateId,
    Texts,
)
from core.ports import Clock, Database, UnitOfWork
from core.rendering.book import TemplateBook
from core.rendering.checks import check, check_part
from core.rendering.previews import Previews, own_source
from core.rendering.renderer import finished
from core.rendering.variables import KEYS, RSVP_INVITATION, parts_of
from core.secrets import Keys
from core.updates import storable

SAVED, RESET, RESTORED = "template.saved", "template.reset", "template.restored"  # in the audit log
UNSUBMITTED = "unsubmitted"
ACCOUNT = "account"  # the type of kinds that nobody has rules for
HISTORY = 5  # changes that are shown
NO_ADDRESS = {
    Channel.EMAIL: N_("You have no confirmed mail address. Send /email me@example.org, then test it again."),
    Channel.SMS: N_("You have no phone number here. Add one with /phone, then test it again."),
    Channel.WHATSAPP: N_("You have no number for WhatsApp here. Add one with /phone, then test it again."),
    Channel.PUSH: N_("You have notifications on in no browser or phone. Turn them on with /push, then test it again."),
    Channel.TELEGRAM: N_("You have no chat with the bot."),
}
OUTDATED = N_("Somebody has changed this text in the meantime. Open it again with /templates.")


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A text as it stands. `sources` are its parts as an admin would write them, None where the product's own holds
    more than that; `preview` is None where it can't be rendered."""

    id: TemplateId
    stored: StoredTemplate | None
    sources: Mapping[str, str | None]
    preview: Message | None

    @property
    def version(self) -> int:
        return self.stored.version if self.stored else 0

    @property
    def is_changed(self) -> bool:
        return is_changed(self.stored)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A part as it would be saved over `version`, and what would be sent then."""

    id: TemplateId
    part: str
    text: str
    version: int
    preview: Message


@dataclass(frozen=True, slots=True)
class TemplateEditor:
    """What `/templates` does."""

    database: Database
    clock: Clock
    keys: Keys
    book: TemplateBook
    previews: Previews

    async def states(self) -> dict[TemplateId, StoredTemplate]:
        """What is kept of every text, also of those that were reset."""
        async with self.database.read() as uow:
            return {one.id: one for one in await uow.templates.all()}

    async def look(self, template_id: TemplateId, account: Account) -> TemplateView:
        """One text. Raises `NotFound`."""
        parts = known_parts(template_id)
        async with self.database.read() as uow:
            stored = await uow.templates.one(template_id)
        texts = in_force(stored)
        sources = {part: getattr(texts, part) or own_source(template_id, part) for part in parts}
        return TemplateView(template_id, stored, sources, self._try(template_id, texts, account))

    def _try(self, template_id: TemplateId, texts: Texts, account: Account) -> Message | None:
        try:
            return self.previews.message(template_id, texts, account)
        except (RenderError, SendError):
            return None

    async def propose(self, template_id: TemplateId, part: str, text: str, account: Account) -> Proposal:
        """What saving this part would come to. Raises `AppError` for what may not be saved."""
        text = storable(text.replace("\r\n", "\n")).strip()
        if part not in known_parts(template_id):
            raise NotFound(N_("There is no such text. Send /templates to see all of them."))
        async with self.database.read() as uow:
            stored = await uow.templates.one(template_id)
        check_part(template_id, part, text, self.previews.values(template_id, account))
        texts = replace(in_force(stored), **{part: text})
        return Proposal(
            template_id, part, text, stored.version if stored else 0, self._shown(template_id, texts, account)
        )

    def _shown(self, template_id: TemplateId, texts: Texts, account: Account) -> Message:
        try:
            return self.previews.message(template_id, texts, account)
        except (RenderError, SendError) as error:
            raise AppError(N_("It could not be written with the example values: {error}"), {"error": error}) from None

    async def save(self, admin: Account, template_id: TemplateId, part: str, text: str, version: int) -> None:
        """Put a part in the place of what stood there at `version`. Raises `AppError` where that has changed since."""
        known_parts(template_id)
        async with self.database.begin() as uow:
            stored = await uow.templates.one(template_id)
            texts = replace(in_force(stored), **{part: text})
            check(template_id, texts, self.previews.values(template_id, admin))
            before = stored or a_row(template_id)
            after = replace(_unapproved(before), texts=texts, is_active=True, version=version)
            await self._put(uow, admin, SAVED, stored, after)
        await self.book.refresh(self.database)

    async def reset(self, admin: Account, template_id: TemplateId) -> None:
        """Let the product's own text stand again; `restore` brings the other back. Reset twice, it is reset once."""
        await self._switch(admin, template_id, RESET, is_active=False)

    async def restore(self, admin: Account, template_id: TemplateId) -> None:
        """Undo a reset."""
        await self._switch(admin, template_id, RESTORED, is_active=True)

    async def _switch(self, admin: Account, template_id: TemplateId, action: str, *, is_active: bool) -> None:
        known_parts(template_id)
        async with self.database.begin() as uow:
            stored = await uow.templates.one(template_id)
            if stored is None or stored.is_active is is_active:
                return
            await self._put(uow, admin, action, stored, replace(stored, is_active=is_active))
        await self.book.refresh(self.database)

    async def _put(
        self, uow: UnitOfWork, admin: Account, action: str, before: StoredTemplate | None, after: StoredTemplate
    ) -> None:
        now = self.clock()
        if not await uow.templates.put(after, now):
            raise AppError(OUTDATED)
        await uow.audit.write(admin.user.id, action, now, told(before), told(after) | {"template": str(after.id)})

    async def test(self, admin: Account, template_id: TemplateId, key: str) -> Delivery:
        """Send the text as it stands with its example values to the admin, by its channel: a real delivery, once for
        each `key`. Raises `AppError` where the channel has no address of theirs."""
        texts = in_force((await self.look(template_id, admin)).stored)
        if template_id.channel not in addresses_of(admin):
            raise AppError(NO_ADDRESS[template_id.channel])
        content = finished(self._shown(template_id, texts, admin))
        async with self.database.begin() as uow:
            queued = await notify(
                uow, admin, Kind.MESSAGE, key=f"template_test:{key}", now=self.clock(), keys=self.keys,
                content=content, channels=[template_id.channel], interactive=True,
            )  # fmt: skip
        if not queued:
            raise AppError(N_("That test is on its way already."))
        return queued[0]

    async def history(self, template_id: TemplateId) -> list[TemplateChange]:
        """What was done to a text, the newest first."""
        known_parts(template_id)
        async with self.database.read() as uow:
            return await uow.templates.history(template_id, HISTORY)


def known_parts(template_id: TemplateId) -> tuple[str, ...]:
    """The parts of a text that can be written anew. Raises `NotFound` where there is no such text."""
    is_known = template_id.key in KEYS and template_id.language in LANGUAGES
    parts = parts_of(template_id.key, template_id.channel) if is_known else ()
    if not parts:
        raise NotFound(N_("There is no such text. Send /templates to see all of them."))
    return parts


def in_force(stored: StoredTemplate | None) -> Texts:
    """What an admin wrote and did not reset."""
    return stored.texts if stored and stored.is_active else Texts()


def is_changed(stored: StoredTemplate | None) -> bool:
    """Whether something else than the product's own text stands there."""
    texts = in_force(stored)
    if stored is None or texts == Texts():
        return False
    written = {part: getattr(texts, part) for part in parts_of(stored.id.key, stored.id.channel)}
    return any(text is not None and text != own_source(stored.id, part) for part, text in written.items())


def a_row(template_id: TemplateId) -> StoredTemplate:
    """A text that is not kept yet, with what the table wants to know of it."""
    key = template_id.key
    if key == RSVP_INVITATION:
        type: str = NotificationType.EVENT
    else:
        type = type_of(Kind(key)) or ACCOUNT
    return StoredTemplate(
        template_id, Texts(), display_name=title_of(key), invitation_type=type, approval_status=UNSUBMITTED
    )


def title_of(key: str) -> str:
    """What a kind is called, in the current language."""
    if key == RSVP_INVITATION:
        return _("RSVP Invitation")
    name = kind_name(key)
    return name[:1].upper() + name[1:]


def _unapproved(template: StoredTemplate) -> StoredTemplate:
    """Another text needs another approval."""
    return replace(
        template, provider_template_id=None, is_approved=False, approval_status=UNSUBMITTED, approval_reason=None,
        approval_checked_at=None,
    )  # fmt: skip


def told(template: StoredTemplate | None) -> dict[str, Any]:
    """What the audit log keeps of a text."""
    if template is None:
        return {"is_active": False}
    texts = template.texts
    return {
        "is_active": template.is_active,
        "text": texts.text,
        "subject": texts.subject,
        "html": texts.html,
        "approval_status": template.approval_status,
    }
