"""`users` and `user_settings`: who talks to the bot, and what they prefer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import (
    Access,
    Account,
    Channel,
    ConversationStyle,
    DeliveryStatus,
    Kind,
    Preferences,
    Tone,
    User,
)
from storage.addresses import AddressesTable
from storage.rules import RulesTable
from storage.sql import insert_new
from storage.tables import (
    audit_log,
    delivery_logs,
    invitations,
    notification_deliveries,
    notifications,
    posts,
    user_addresses,
    user_invitation_history,
    user_notification_preferences,
    user_settings,
    users,
    voice_samples,
)

USER = tuple(field.name for field in fields(User))
PREFERENCES = tuple(field.name for field in fields(Preferences))
# Few have addresses and rules of their own: two looks into an index tell who, and only then these are read.
HAS_MORE = (
    exists().where(user_addresses.c.user_id == users.c.id).label("has_addresses"),
    exists().where(user_notification_preferences.c.user_id == users.c.id).label("has_rules"),
)
ACCOUNTS = select(
    *(users.c[name] for name in USER), *(user_settings.c[name] for name in PREFERENCES), *HAS_MORE
).join_from(users, user_settings)

# Built once: every update that comes in asks this.
BY_TELEGRAM = ACCOUNTS.where(users.c.telegram_id == bindparam("telegram_id"))

OWNED = (
    *(
        table.c.user_id
        for table in (
            posts, voice_samples, notifications, notification_deliveries, delivery_logs, user_addresses,
            user_invitation_history, audit_log,
        )
    ),
    invitations.c.inviter_id,
)  # fmt: skip


class UsersTable:
    """Accounts by what they are known by, and changes of them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _one(self, where: ColumnElement[bool]) -> Account | None:
        return next(iter(await accounts_in(self._connection, ACCOUNTS.where(where))), None)

    async def by_id(self, user_id: int) -> Account | None:
        """The account, or None."""
        return await self._one(users.c.id == user_id)

    async def by_telegram(self, telegram_id: int) -> Account | None:
        """The account of a Telegram user: one query over a unique index."""
        return next(iter(await accounts_in(self._connection, BY_TELEGRAM, {"telegram_id": telegram_id})), None)

    async def by_username(self, username: str) -> Account | None:
        """The account of somebody by their name in Telegram, without its @ and in any case; of two, for a name can
        change hands, the one that was seen last."""
        named = ACCOUNTS.where(func.lower(users.c.username) == username.lower()).order_by(users.c.updated_at.desc())
        return next(iter(await accounts_in(self._connection, named.limit(1))), None)

    async def by_public_id(self, public_id: str) -> Account | None:
        """The account that people know by this."""
        return await self._one(users.c.public_id == public_id)

    async def by_email(self, email: str) -> Account | None:
        """Who has confirmed this address, given in lower case."""
        return await self._one(users.c.email == email)

    async def by_telegrams(self, telegram_ids: Iterable[int]) -> list[Account]:
        """Those of these Telegram users who have talked to the bot."""
        return await accounts_in(self._connection, ACCOUNTS.where(users.c.telegram_id.in_(list(telegram_ids))))

    async def asking(self) -> list[Account]:
        """Who waits for an admin's answer, oldest first."""
        waiting = ACCOUNTS.where(users.c.access == Access.REQUESTED).order_by(users.c.id)
        return await accounts_in(self._connection, waiting)

    async def add(self, user: User, preferences: Preferences) -> int | None:
        """The new user's id; None when somebody added this Telegram user at the same moment."""
        values = {name: getattr(user, name) for name in USER if name != "id"} | {"updated_at": user.created_at}
        new = insert_new(self._connection, users).values(values)
        user_id: int | None = await self._connection.scalar(new.returning(users.c.id))
        if user_id is not None:
            row = row_of({name: getattr(preferences, name) for name in PREFERENCES})
            await self._connection.execute(
                insert(user_settings).values(row | {"user_id": user_id, "updated_at": user.created_at})
            )
        return user_id

    async def update(self, user_id: int, changes: Mapping[str, Any], now: datetime) -> None:
        """Write columns of `users`."""
        await self._connection.execute(
            update(users).where(users.c.id == user_id).values(dict(changes) | {"updated_at": now})
        )

    async def decide(self, user_id: int, access: Access, now: datetime) -> bool:
        """Answer a request that nobody has answered; False where somebody has."""
        answered = await self._connection.execute(
            update(users)
            .where(users.c.id == user_id, users.c.access == Access.REQUESTED)
            .values(access=access, updated_at=now)
        )
        return bool(answered.rowcount)

    async def prefer(self, user_id: int, changes: Mapping[str, Any], now: datetime) -> None:
        """Write columns of `user_settings`, named and typed as in `Preferences`."""
        await self._connection.execute(
            update(user_settings)
            .where(user_settings.c.user_id == user_id)
            .values(row_of(changes) | {"updated_at": now})
        )

    async def due_for_a_reminder(self, now: datetime, limit: int) -> list[Account]:
        """Whose reminder time has come, oldest first. Rows that another scheduler has in hand are left to it."""
        due = (
            ACCOUNTS.where(user_settings.c.next_reminder_at <= now)
            .order_by(user_settings.c.next_reminder_at, user_settings.c.user_id)
            .limit(limit)
            .with_for_update(of=user_settings, skip_locked=True)
        )
        return await accounts_in(self._connection, due)

    async def move_reminder(self, account: Account, changes: Mapping[str, Any]) -> bool:
        """Write what follows a reminder, unless it was moved since the account was read."""
        moved = await self._connection.execute(
            update(user_settings)
            .where(
                user_settings.c.user_id == account.user.id,
                user_settings.c.next_reminder_at == account.preferences.next_reminder_at,
            )
            .values(**changes)
        )
        return bool(moved.rowcount)

    async def cancel_reminders(self, user_id: int, now: datetime) -> int:
        """Call off the reminders that still wait to be sent (snoozed, or held by quiet hours); how many."""
        reminders = select(notifications.c.id).where(
            notifications.c.user_id == user_id, notifications.c.kind == Kind.REMINDER
        )
        return await self._change_pending(
            notification_deliveries.c.notification_id.in_(reminders),
            {"status": DeliveryStatus.CANCELLED, "error_code": "cancelled", "updated_at": now},
        )

    async def redirect(self, user_id: int, channel: Channel, old: str, new: str) -> int:
        """Send what waits for an old address to the new one; how many."""
        return await self._change_pending(_at(user_id, channel, old), {"recipient": new})

    async def call_off(self, user_id: int, channel: Channel, address: str, now: datetime) -> int:
        """End what waits for an address that is no longer the user's; how many."""
        ended = {"status": DeliveryStatus.CANCELLED, "error_code": "cancelled", "hold_reason": None, "updated_at": now}
        return await self._change_pending(_at(user_id, channel, address), ended)

    async def _change_pending(self, which: ColumnElement[bool], values: Mapping[str, Any]) -> int:
        pending = notification_deliveries.c.status == DeliveryStatus.PENDING
        changed = await self._connection.execute(
            update(notification_deliveries).where(pending, which).values(dict(values))
        )
        return changed.rowcount

    async def hand_over(self, from_id: int, to_id: int) -> None:
        """Make the posts of one user, and what was said and sent about them, another's."""
        for owner in OWNED:
            theirs = update(owner.table).where(owner == from_id)
            await self._connection.execute(theirs.values({owner.name: to_id}))

    async def remove(self, user_id: int) -> None:
        """Erase the user and, by the foreign keys, everything that is theirs."""
        await self._connection.execute(delete(users).where(users.c.id == user_id))


def _at(user_id: int, channel: Channel, address: str) -> ColumnElement[bool]:
    return (
        (notification_deliveries.c.user_id == user_id)
        & (notification_deliveries.c.delivery_type == channel)
        & (notification_deliveries.c.recipient == address)
    )


async def accounts_in(
    connection: AsyncConnection, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None = None
) -> list[Account]:
    """The accounts that a statement made of `ACCOUNTS` finds, whole: with their addresses and rules."""
    rows = (await connection.execute(statement, values or {})).all()
    reached = {row[0] for row in rows if row.has_addresses}
    ruled = {row[0] for row in rows if row.has_rules}
    addresses = await AddressesTable(connection).of_users(reached) if reached else {}
    rules = await RulesTable(connection).of_users(ruled) if ruled else {}
    return [
        replace(account_of(row), addresses=tuple(addresses.get(row[0], ())), rules=rules.get(row[0], ()))
        for row in rows
    ]


def account_of(row: Row[Any] | Sequence[Any]) -> Account:
    """A row of `ACCOUNTS` as a value, without addresses and rules."""
    user = dict(zip(USER, row, strict=False))
    user["access"] = Access(user["access"])
    preferences = dict(zip(PREFERENCES, row[len(USER) :], strict=False))
    preferences["daily_reminder_days"] = tuple(map(int, preferences["daily_reminder_days"]))
    preferences["daily_reminder_channel"] = Channel(preferences["daily_reminder_channel"])
    preferences["conversation_style"] = ConversationStyle(preferences["conversation_style"])
    preferences["tone"] = Tone(preferences["tone"])
    return Account(User(**user), Preferences(**preferences))


def row_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `Preferences` as columns: the days are a text of digits."""
    row = dict(changes)
    if "daily_reminder_days" in row:
        row["daily_reminder_days"] = "".join(map(str, row["daily_reminder_days"]))
    return row
