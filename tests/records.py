"""Rows as they stand in the tables, written by hand for tests that count."""

from typing import Any

from sqlalchemy import insert

from core.model import Account, Channel, DeliveryStatus
from storage import tables
from storage.database import Database
from tests.conftest import NOW


class Records:
    """Writes rows; every one of them is made NOW where nothing else is said."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._made = 0

    async def insert(self, table: Any, **values: Any) -> int:
        """The new row's id."""
        self._made += 1
        async with self.database.begin() as uow:
            row = insert(table).values({"created_at": NOW} | values).returning(table.c.id)
            new_id: int = await uow.connection.scalar(row)
        return new_id

    async def provider(self, name: str, channel: Channel, *features: str, **values: Any) -> None:
        """A row of the registry; `features` as in `supported_features`."""
        usual = {"provider_class": name, "priority": 1, "is_enabled": True, "is_configured": True, "is_healthy": True}
        await self.insert(
            tables.provider_registry, provider_name=name, provider_type=channel,
            supported_features=[*features] or None, updated_at=NOW, **(usual | values),
        )  # fmt: skip

    async def delivery(self, provider: str | None, channel: Channel, status: DeliveryStatus, **values: Any) -> int:
        """A delivery with a notification of its own; `kind` is the notification's."""
        key = f"key {self._made}"
        about = await self.insert(
            tables.notifications, idempotency_key=key, kind=values.pop("kind", "message"), interactive=False,
            content={"subject": "", "text": "words"}, user_id=values.get("user_id"),
        )  # fmt: skip
        usual = {
            "recipient": "reader@example.org", "recipient_type": "email", "delivery_metadata": {}, "scheduled_at": NOW,
            "updated_at": NOW,
        }  # fmt: skip
        return await self.insert(
            tables.notification_deliveries, notification_id=about, idempotency_key=key, delivery_type=channel,
            provider_type=channel, provider_name=provider, status=status, **(usual | values),
        )  # fmt: skip

    async def invitation(self, inviter: Account, **values: Any) -> int:
        """An invitation that nobody has opened."""
        return await self.insert(
            tables.invitations, inviter_id=inviter.user.id, token_hash=f"hash {self._made}", status="pending",
            updated_at=NOW, **values,
        )  # fmt: skip
