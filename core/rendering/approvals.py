"""WhatsApp's approval of texts: handing them in, and asking what has become of them.

What is handed in gets a row with its own text, so that what was approved is what is sent, whatever the product's own
text becomes later. A text that is changed needs another approval.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import structlog

from core.errors import AppError, SendError
from core.i18n import N_, speaking
from core.model import LANGUAGES, Account, Channel, Kind, StoredTemplate, TemplateId, Texts
from core.ports import Clock, Database
from core.ports.templates import ContentTemplates
from core.rendering.book import TemplateBook
from core.rendering.checks import check_whatsapp
from core.rendering.editing import OUTDATED, UNSUBMITTED, a_row, in_force, known_parts, told
from core.rendering.previews import Previews, own_source
from core.rendering.variables import RSVP_INVITATION, TEXT
from core.rendering.whatsapp import numbered

SUBMITTED, ANSWERED = "template.submitted", "template.answered"  # in the audit log
RECEIVED, APPROVED, REJECTED = "received", "approved", "rejected"
UNDECIDED = {RECEIVED, "pending"}
UTILITY, MARKETING = "UTILITY", "MARKETING"  # Meta's categories
CATEGORIES = {Kind.ANNOUNCEMENT: MARKETING, RSVP_INVITATION: MARKETING}
# Meta approves codes in a form of its own only (category AUTHENTICATION), and a body that is one variable not at all.
NEVER = {Kind.CODE, Kind.MESSAGE}
Contents = Callable[[], AbstractAsyncContextManager[ContentTemplates | None]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TemplateApprovals:
    """The way of a text to WhatsApp and back. `contents` opens the provider's templates; None where none is set up."""

    database: Database
    clock: Clock
    book: TemplateBook
    previews: Previews
    contents: Contents

    async def submit(self, admin: Account, template_id: TemplateId) -> None:
        """Hand a text in. What was made at the provider by an earlier try is handed in, not made again. Raises
        `AppError`."""
        stored = await self._to_submit(template_id)
        try:
            async with self.contents() as contents:
                if contents is None:
                    raise AppError(NOT_SET_UP)
                if stored.provider_template_id is None:
                    sid = await self._create(contents, stored)
                    stored = await self._put(replace(stored, provider_template_id=sid))
                sid, category = stored.provider_template_id or "", CATEGORIES.get(template_id.key, UTILITY)
                name = f"{template_id.key}_{template_id.language}_{sid[-8:]}"  # a name serves for one text only
                await contents.submit(sid, name, category)
        except SendError as error:
            raise AppError(N_("Twilio did not take it: {reason}"), {"reason": error}) from None
        await self._put(replace(stored, approval_status=RECEIVED), SUBMITTED, admin)
        await self.book.refresh(self.database)

    async def _to_submit(self, template_id: TemplateId) -> StoredTemplate:
        """The row as it is handed in, with a text of its own."""
        known_parts(template_id)
        if template_id.channel is not Channel.WHATSAPP or template_id.key in NEVER:
            raise AppError(
                N_("WhatsApp approves no such text: codes have a form of its own, and messages none at all.")
            )
        async with self.database.read() as uow:
            stored = await uow.templates.one(template_id)
        text = in_force(stored).text or own_source(template_id, TEXT) or ""
        check_whatsapp(text, "{{ reader_name }}")
        row = stored if stored and stored.is_active else replace(a_row(template_id), version=_version(stored))
        if row.approval_status == REJECTED:
            raise AppError(
                N_("WhatsApp has refused this text: {reason}. Change it, then hand it in again."),
                {"reason": row.approval_reason or "-"},
            )
        if row.approval_status not in (None, UNSUBMITTED):
            raise AppError(N_("WhatsApp has this text already. 🔄 asks what has become of it."))
        return replace(row, texts=Texts(text), is_active=True)

    async def _create(self, contents: ContentTemplates, stored: StoredTemplate) -> str:
        body = numbered(stored.texts.text or "")
        examples = body.variables(self.previews.values(stored.id))
        return await contents.create(str(stored.id), stored.id.language, body.body, examples)

    async def refresh(self, template_id: TemplateId) -> None:
        """Ask about one text. Raises `AppError`."""
        async with self.database.read() as uow:
            stored = await uow.templates.one(template_id)
        if stored is None or not _is_handed_in(stored):
            raise AppError(N_("This text has not been handed to WhatsApp yet."))
        try:
            async with self.contents() as contents:
                if contents is None:
                    raise AppError(NOT_SET_UP)
                await self._ask(contents, stored)
        except SendError as error:
            raise AppError(N_("Twilio did not answer: {reason}"), {"reason": error}) from None
        await self.book.refresh(self.database)

    async def refresh_all(self) -> None:
        """Ask about every text that was handed in: WhatsApp may also take an approval back."""
        async with self.database.read() as uow:
            handed_in = [one for one in await uow.templates.all() if _is_handed_in(one)]
        if not handed_in:
            return
        async with self.contents() as contents:
            for stored in handed_in:
                if contents is None:
                    return
                try:
                    await self._ask(contents, stored)
                except (SendError, AppError) as error:
                    log.warning("template.approval_unknown", template=str(stored.id), error=type(error).__name__)

    async def _ask(self, contents: ContentTemplates, stored: StoredTemplate) -> None:
        status, reason = await contents.approval(stored.provider_template_id or "")
        if (status, reason) == (stored.approval_status, stored.approval_reason or ""):
            return
        log.info("template.approval", template=str(stored.id), status=status)
        after = replace(
            stored, is_approved=status == APPROVED, approval_status=status[:20], approval_reason=reason or None
        )
        await self._put(after, ANSWERED)

    async def _put(
        self, template: StoredTemplate, action: str | None = None, admin: Account | None = None
    ) -> StoredTemplate:
        """Write it, and what was done where that is to be remembered; the row as it is then."""
        now = self.clock()
        after = replace(template, approval_checked_at=now)
        async with self.database.begin() as uow:
            before = await uow.templates.one(template.id)
            if not await uow.templates.put(after, now):
                raise AppError(OUTDATED)
            if action:
                what = told(after) | {"template": str(template.id)}
                await uow.audit.write(admin.user.id if admin else None, action, now, told(before), what)
        return replace(after, version=after.version + 1)

    async def seed(self) -> None:
        """The documents' own WhatsApp template, ready to be handed in; left alone where it is there."""
        rows = []
        for language in LANGUAGES:
            template_id = TemplateId(RSVP_INVITATION, Channel.WHATSAPP, language)
            with speaking(language):
                row = a_row(template_id)
            texts = Texts(own_source(template_id, TEXT))
            rows.append(replace(row, texts=texts, description="Standard RSVP invitation template for WhatsApp"))
        async with self.database.begin() as uow:
            await uow.templates.add_new(rows, self.clock())


NOT_SET_UP = N_("No Twilio account is set up here: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are missing.")


def can_be_approved(template_id: TemplateId) -> bool:
    """Whether WhatsApp approves texts of this kind at all."""
    return template_id.channel is Channel.WHATSAPP and template_id.key not in NEVER


def _is_handed_in(template: StoredTemplate) -> bool:
    return template.provider_template_id is not None and template.approval_status not in (None, UNSUBMITTED)


def _version(stored: StoredTemplate | None) -> int:
    return stored.version if stored else 0
