"""`notification_templates`: the texts that admins have changed, and their approval by WhatsApp."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Channel, StoredTemplate, TemplateChange, TemplateId, Texts
from core.rendering.variables import OF_KIND
from storage.sql import insert_new
from storage.tables import audit_log, notification_templates, users

C = notification_templates.c


class TemplatesTable:
    """The repository of `notification_templates`. Rows are never removed: a text that was reset can come back."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def stamp(self) -> tuple[int, int]:
        """How many rows there are, and how often they were changed: another pair after every change."""
        row = (await self._connection.execute(select(func.count(), func.coalesce(func.sum(C.version), 0)))).one()
        return int(row[0]), int(row[1])

    async def active(self) -> list[StoredTemplate]:
        """The texts in use."""
        rows = await self._connection.execute(select(notification_templates).where(C.is_active))
        return [_template(row) for row in rows]

    async def all(self) -> list[StoredTemplate]:
        """Those that were reset too."""
        return [_template(row) for row in await self._connection.execute(select(notification_templates))]

    async def one(self, template_id: TemplateId) -> StoredTemplate | None:
        """A row by what it stands for."""
        row = (await self._connection.execute(select(notification_templates).where(*_is(template_id)))).first()
        return _template(row) if row else None

    async def put(self, template: StoredTemplate, now: datetime) -> bool:
        """Write a text where it still has the version it was read with (0: where there is none yet), and count its
        version up; False where somebody else was quicker."""
        if template.version == 0:
            return bool(await self.add_new([template], now))
        changed = update(notification_templates).where(*_is(template.id), C.version == template.version)
        values = {**_values(template), "version": template.version + 1, "updated_at": now}
        return bool((await self._connection.execute(changed.values(values))).rowcount)

    async def add_new(self, templates: Sequence[StoredTemplate], now: datetime) -> int:
        """Add texts that are not there yet; how many that were."""
        rows = [_values(one) | {"version": 1, "created_at": now, "updated_at": now} for one in templates]
        if not rows:
            return 0
        statement = insert_new(self._connection, notification_templates).returning(C.id)
        return len((await self._connection.execute(statement.values(rows))).all())

    async def history(self, template_id: TemplateId, limit: int) -> list[TemplateChange]:
        """What was done to a text, the newest first."""
        log = audit_log.c
        statement = (
            select(log.action, log.created_at, users.c.name, log.before, log.after)
            .select_from(audit_log.outerjoin(users, users.c.id == log.user_id))
            .where(log.action.like("template.%"), log.after["template"].as_string() == str(template_id))
            .order_by(log.id.desc())
            .limit(limit)
        )
        rows = await self._connection.execute(statement)
        return [TemplateChange(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _is(template_id: TemplateId) -> tuple[Any, ...]:
    key, channel, language = template_id.key, template_id.channel, template_id.language
    return (C.template_key == key, C.delivery_type == channel, C.language == language)


def _values(template: StoredTemplate) -> dict[str, Any]:
    own = template.id
    return {
        "template_key": own.key,
        "template_name": str(own),
        "display_name": template.display_name,
        "description": template.description,
        "invitation_type": template.invitation_type,
        "delivery_type": own.channel.value,
        "language": own.language,
        "subject_template": template.texts.subject,
        "content_template": template.texts.text or "",  # empty: the product's own
        "html_template": template.texts.html,
        "template_variables": {name: variable.meaning for name, variable in OF_KIND.get(own.key, {}).items()},
        "provider_template_id": template.provider_template_id,
        "is_approved": template.is_approved,
        "approval_status": template.approval_status,
        "approval_reason": template.approval_reason,
        "approval_checked_at": template.approval_checked_at,
        "is_active": template.is_active,
    }


def _template(row: Row[Any]) -> StoredTemplate:
    return StoredTemplate(
        id=TemplateId(row.template_key, Channel(row.delivery_type), row.language),
        texts=Texts(row.content_template or None, row.subject_template, row.html_template),
        is_active=row.is_active,
        version=row.version,
        display_name=row.display_name,
        description=row.description,
        invitation_type=row.invitation_type,
        provider_template_id=row.provider_template_id,
        is_approved=row.is_approved,
        approval_status=row.approval_status,
        approval_reason=row.approval_reason,
        approval_checked_at=row.approval_checked_at,
        updated_at=row.updated_at,
    )
