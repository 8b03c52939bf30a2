"""`notifications` and `notification_deliveries`: the outbox, and the life of what is in it.

Whoever writes says what they believe the row to be (status and attempts in the WHERE clause), and writes nothing where
that is no longer so. Many rows are written by one statement.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, null, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import (
    LEASED,
    Account,
    Attempt,
    Change,
    Channel,
    Delivery,
    DeliveryStatus,
    EventType,
    Kind,
    Notification,
    Outgoing,
    PostView,
    Priority,
)
from storage.claims import any_due, claim, is_free, next_times
from storage.posts import POST, VERSION, to_view
from storage.sql import insert_new, update_rows
from storage.tables import delivery_logs, notifications, post_versions, posts, users
from storage.tables import notification_deliveries as table
from storage.users import ACCOUNTS, accounts_in

FIELDS = tuple(field.name for field in fields(Delivery))
DELIVERY = tuple(table.c[name] for name in FIELDS)
NOTIFICATION = (
    notifications.c.idempotency_key,
    notifications.c.kind,
    notifications.c.created_at,
    notifications.c.user_id,
    notifications.c.post_id,
    notifications.c.content,
    notifications.c.interactive,
    notifications.c.id,
)
CHANGING = (
    "status", "provider_name", "provider_priority", "provider_message_id", "provider_response", "delivery_metadata",
    "error_code", "error_message", "hold_reason", "attempts", "retry_count", "max_retries", "possible_duplicates",
    "scheduled_at", "sent_at", "delivered_at", "read_at", "failed_at", "updated_at", "cost_per_message", "currency",
    "segments", "geographic_region", "resolved_by", "poll_at", "polls", "priority",
)  # fmt: skip
EXPECTED = {"status": "was", "attempts": "tried"}
LOG = tuple(field.name for field in fields(Attempt) if field.name != "id")


def to_delivery(values: Sequence[Any]) -> Delivery:
    """A delivery from the columns of `DELIVERY`."""
    named = dict(zip(FIELDS, values, strict=True))
    named["delivery_type"] = Channel(named["delivery_type"])
    named["status"] = DeliveryStatus(named["status"])
    return Delivery(**named)


def to_notification(values: Sequence[Any]) -> Notification:
    """A notification from the columns of `NOTIFICATION`."""
    key, kind, *rest = values
    return Notification(key, Kind(kind), *rest)


class DeliveriesTable:
    """The repository of notifications and their deliveries."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_notification(self, notification: Notification) -> int | None:
        """The new notification's id; None where its key is known already."""
        return (await self.add_notifications([notification])).get(notification.key)

    async def add_notifications(self, added: Sequence[Notification]) -> dict[str, int]:
        """The ids of those whose keys were new, by their keys."""
        if not added:
            return {}
        rows = [
            {
                "idempotency_key": one.key,
                "kind": one.kind,
                "user_id": one.user_id,
                "post_id": one.post_id,
                "content": dict(one.content),
                "interactive": one.interactive,
                "created_at": one.created_at,
            }
            for one in added
        ]
        statement = insert_new(self._connection, notifications)
        statement = statement.returning(notifications.c.idempotency_key, notifications.c.id)
        return {row[0]: row[1] for row in await self._connection.execute(statement, rows)}

    async def add(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """The deliveries whose keys were new, with their ids."""
        rows = [
            {name: getattr(one, name) for name in FIELDS if name != "id"} | {"updated_at": one.created_at}
            for one in deliveries
        ]
        statement = insert_new(self._connection, table).returning(table.c.id, table.c.idempotency_key)
        added = await self._connection.execute(statement, rows)
        ids = {key: new_id for new_id, key in added}
        return [
            replace(one, id=ids[one.idempotency_key], updated_at=one.created_at)
            for one in deliveries
            if one.idempotency_key in ids
        ]

    async def next_due(self, priorities: tuple[Priority, ...] = LEASED) -> datetime | None:
        """The time of the earliest pending delivery that nobody holds; in the past where it is due now."""
        times = (await self._connection.execute(next_times(priorities))).one()
        return min((time for time in times if time), default=None)

    async def has_due(self, now: datetime, priorities: tuple[Priority, ...] = LEASED) -> bool:
        """Whether there is something to lease; takes no lock."""
        return bool(await self._connection.scalar(any_due(priorities), {"now": now}))

    async def lease_due(
        self, by: str, until: datetime, now: datetime, limit: int, priorities: tuple[Priority, ...] = LEASED
    ) -> list[int]:
        """Claim up to `limit` due deliveries for a while, by their priority and the oldest first. They stay pending:
        an expired lease is simply due again. Rows that another relay is claiming just now are passed over."""
        values = {"until": until, "by": by, "now": now}
        leased = (await self._connection.execute(claim(priorities, limit), values)).all()
        return [row[0] for row in sorted(leased, key=lambda row: (row[2], row[1], row[0]))]

    async def lease(self, delivery_id: int, by: str, until: datetime, now: datetime) -> bool:
        """Claim one delivery, due or not, unless somebody else holds it."""
        free = or_(is_free(now), table.c.leased_by == by)
        mine = and_(table.c.id == delivery_id, table.c.status == DeliveryStatus.PENDING, free)
        statement = update(table).where(mine).values(leased_until=until, leased_by=by)
        return bool((await self._connection.execute(statement)).rowcount)

    async def release(self, by: str | None = None) -> int:
        """Give back the pending leases of `by`, of everybody where it is None: they are due again at once."""
        held = and_(table.c.status == DeliveryStatus.PENDING, table.c.leased_until.is_not(None))
        mine = held if by is None else held & (table.c.leased_by == by)
        statement = update(table).where(mine).values(leased_until=null(), leased_by=null())
        return (await self._connection.execute(statement)).rowcount

    async def by_ids(self, delivery_ids: Collection[int]) -> list[Delivery]:
        """The deliveries as they are now, oldest first."""
        statement = select(*DELIVERY).where(table.c.id.in_(delivery_ids)).order_by(table.c.id)
        return [to_delivery(row) for row in await self._connection.execute(statement)]

    async def load(self, delivery_ids: Collection[int]) -> list[Outgoing]:
        """Everything that a batch of deliveries is made from, in three queries; one more each where
        readers have addresses or rules of their own."""
        statement = select(*DELIVERY, *NOTIFICATION).join_from(table, notifications)
        rows = (
            await self._connection.execute(statement.where(table.c.id.in_(delivery_ids)).order_by(table.c.id))
        ).all()
        cut = len(DELIVERY)
        found = [(to_delivery(row[:cut]), to_notification(row[cut:])) for row in rows]
        accounts = await self._accounts({one.user_id for one, _ in found if one.user_id is not None})
        views = await self._views({key for _, about in found if (key := _version_of(about))})
        return [
            Outgoing(one, about, accounts.get(one.user_id or 0), views.get(_version_of(about) or (0, 0)))
            for one, about in found
        ]

    async def _accounts(self, user_ids: Collection[int]) -> dict[int, Account]:
        if not user_ids:
            return {}
        found = await accounts_in(self._connection, ACCOUNTS.where(users.c.id.in_(user_ids)))
        return {account.user.id: account for account in found}

    async def _views(self, versions: Collection[tuple[int, int]]) -> dict[tuple[int, int], PostView]:
        if not versions:
            return {}
        statement = select(*POST, *VERSION).join_from(posts, post_versions)
        wanted = tuple_(post_versions.c.post_id, post_versions.c.version).in_(versions)
        views = [to_view(row) for row in await self._connection.execute(statement.where(wanted))]
        return {(view.post.id, view.version.number): view for view in views if view}

    async def write(self, changes: Sequence[Change]) -> set[int]:
        """Write what the writer still owns; the ids of those deliveries."""
        alike: dict[tuple[str, ...], list[Change]] = defaultdict(list)
        for change in changes:
            alike[_changed(change)].append(change)
        written: set[int] = set()
        for columns, mine in alike.items():
            rows = [_row(change, columns) for change in mine]
            written |= await update_rows(self._connection, table, rows, expected=EXPECTED)
        return written

    async def add_logs(self, attempts: Sequence[Attempt]) -> None:
        """Keep what happened, one row for each attempt or report."""
        if attempts:
            rows = [{name: getattr(one, name) for name in LOG} for one in attempts]
            await self._connection.execute(insert(delivery_logs), rows)

    async def overdue(self, status: DeliveryStatus, now: datetime, limit: int = 100) -> list[Delivery]:
        """Deliveries in `sending` whose sender is lost, or in `unknown` that are to be sent again."""
        late = and_(table.c.status == status, or_(table.c.leased_until.is_(None), table.c.leased_until <= now))
        statement = select(*DELIVERY).where(late).order_by(table.c.id).limit(limit)
        return [to_delivery(row) for row in await self._connection.execute(statement)]

    async def being_sent(self, by: str | None = None) -> list[Delivery]:
        """What `by` was sending, everybody where it is None."""
        mine = table.c.status == DeliveryStatus.SENDING
        if by is not None:
            mine &= table.c.leased_by == by
        return [to_delivery(row) for row in await self._connection.execute(select(*DELIVERY).where(mine))]

    async def has_expired(self, now: datetime) -> bool:
        """Whether something is too late to be sent."""
        return (await self._connection.scalar(select(table.c.id).where(_is_late(now)).limit(1))) is not None

    async def expire(self, now: datetime) -> int:
        """End what is too late to be sent."""
        values = {"status": DeliveryStatus.EXPIRED, "error_code": "expired", "hold_reason": None, "updated_at": now}
        return (await self._connection.execute(update(table).where(_is_late(now)).values(values))).rowcount

    async def mails_since(self, user_ids: Collection[int], since: datetime, but: Collection[Kind]) -> dict[int, int]:
        """How many mails each of these users was sent since then, without the kinds of `but`."""
        counted = and_(
            table.c.user_id.in_(user_ids),
            table.c.delivery_type == Channel.EMAIL,
            table.c.sent_at >= since,
            notifications.c.kind.not_in(but),
        )
        statement = select(table.c.user_id, func.count()).join_from(table, notifications).where(counted)
        rows = await self._connection.execute(statement.group_by(table.c.user_id))
        return {row[0]: row[1] for row in rows}

    async def has_polls(self, now: datetime) -> bool:
        """Whether a provider is to be asked about something; takes no lock."""
        return (await self._connection.scalar(select(table.c.id).where(table.c.poll_at <= now).limit(1))) is not None

    async def lease_polls(self, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Claim up to `limit` deliveries whose provider is to be asked now: nobody else asks before `until`. Those that
        need no question any more are left out."""
        due = (
            select(table.c.id)
            .where(table.c.poll_at <= now)
            .order_by(table.c.poll_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        open_still = case((table.c.status == DeliveryStatus.SENT, until), else_=null())
        statement = update(table).where(table.c.id.in_(select(due.c.id))).values(poll_at=open_still)
        rows = await self._connection.execute(statement.returning(*DELIVERY))
        return [one for one in map(to_delivery, rows) if one.status is DeliveryStatus.SENT]

    async def poll_again(self, times: Mapping[int, datetime | None]) -> None:
        """One more question was asked about each of these; when the next is due, None for never."""
        rows = [{"id": key, "poll_at": at, "was": DeliveryStatus.SENT} for key, at in times.items()]
        if rows:
            await update_rows(self._connection, table, rows, expected={"status": "was"})
            await self._connection.execute(
                update(table).where(table.c.id.in_(times.keys())).values(polls=table.c.polls + 1)
            )

    async def bounces(self, addresses: Collection[tuple[Channel, str]], since: datetime) -> dict[tuple[str, str], int]:
        """How often mails to these addresses, by channel and recipient, came back since then."""
        came_back = and_(
            tuple_(table.c.delivery_type, table.c.recipient).in_(addresses),
            table.c.recipient.in_({recipient for _, recipient in addresses}),  # what the index knows
            delivery_logs.c.status == EventType.BOUNCED,
            delivery_logs.c.created_at >= since,
        )
        statement = select(table.c.delivery_type, table.c.recipient, func.count(table.c.id.distinct())).join_from(
            table, delivery_logs
        )
        grouped = statement.where(came_back).group_by(table.c.delivery_type, table.c.recipient)
        return {(channel, address): count for channel, address, count in await self._connection.execute(grouped)}

    async def of_notification(self, notification_id: int) -> list[Delivery]:
        """Every delivery of one notification, oldest first."""
        statement = select(*DELIVERY).where(table.c.notification_id == notification_id).order_by(table.c.id)
        return [to_delivery(row) for row in await self._connection.execute(statement)]

    async def by_messages(self, provider: str, messages: Collection[str], keys: Collection[str]) -> list[Delivery]:
        """The deliveries that a provider's reports are about: by its message ids, or by our keys. Keys can be guessed:
        a provider is believed about what it was given, and about nothing else."""
        theirs = and_(table.c.provider_name == provider, table.c.provider_message_id.in_(messages))
        ours = and_(table.c.idempotency_key.in_(keys), was_given_to(provider))
        statement = select(*DELIVERY).where(or_(theirs, ours))
        return [to_delivery(row) for row in await self._connection.execute(statement)]


def was_given_to(provider: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a provider has a delivery, or had it before another was tried."""
    had = and_(delivery_logs.c.delivery_id == table.c.id, delivery_logs.c.provider_name == provider)
    return or_(table.c.provider_name == provider, exists().where(had).correlate_except(delivery_logs))


def _is_late(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.status == DeliveryStatus.PENDING, table.c.expires_at <= now, is_free(now))


def _version_of(notification: Notification) -> tuple[int, int] | None:
    version = notification.content.get("version")
    return (notification.post_id, int(version)) if notification.post_id is not None and version is not None else None


def _changed(change: Change) -> tuple[str, ...]:
    """The columns that a change touches: every other one would be read, compared and put into indexes for nothing."""
    before, after = change.before, change.after
    if change.is_whole:
        return CHANGING
    return tuple(name for name in CHANGING if getattr(before, name) != getattr(after, name))


def _row(change: Change, columns: Sequence[str]) -> dict[str, Any]:
    row = {name: getattr(change.after, name) for name in columns}
    row |= {"leased_until": change.leased_until, "leased_by": change.leased_by}
    return row | {"id": change.before.id, "was": change.before.status, "tried": change.before.attempts}
