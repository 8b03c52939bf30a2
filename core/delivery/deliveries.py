"""Deliveries as their people use them: the log, the inbox, trying again, and why something came or did not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.delivery.attempts import GAVE_UP, RESENT
from core.delivery.gate import INSISTED
from core.delivery.states import DEAD, PENDING, SENDING
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Attempt, Change, Delivery, DeliveryStatus, Notification, Page, Priority
from core.ports import Clock, Database

PAGE = 8  # rows


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the log or the inbox."""

    delivery: Delivery
    notification: Notification


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What people see of deliveries, and what they can do about them."""

    database: Database
    clock: Clock

    async def log(self, account: Account, page: int = 1) -> Page:
        """The user's own deliveries, newest first; the items are `Logged`."""
        async with self.database.read() as uow:
            total = await uow.delivery_log.count_of_user(account.user.id)
            number, pages = _place(page, total)
            rows = await uow.delivery_log.of_user(account.user.id, offset=(number - 1) * PAGE, limit=PAGE)
        return Page(tuple(Logged(*row) for row in rows), number, pages, total)

    async def inbox(self, account: Account, page: int = 1) -> Page:
        """What came in_app, newest first; the items are `Logged`."""
        async with self.database.read() as uow:
            total = await uow.delivery_log.count_inbox(account.user.id)
            number, pages = _place(page, total)
            rows = await uow.delivery_log.inbox(account.user.id, offset=(number - 1) * PAGE, limit=PAGE)
        return Page(tuple(Logged(*row) for row in rows), number, pages, total)

    async def retry(self, account: Account, delivery_id: int) -> Delivery:
        """Send a dead letter again. Pressed twice it is sent once; `NotFound` for somebody else's."""
        now = self.clock()
        async with self.database.begin() as uow:
            found = await uow.delivery_log.one(delivery_id)
            if found is None or found[0].user_id != account.user.id:
                raise NotFound(N_("There is no such delivery. /log shows yours."))
            delivery = found[0]
            if delivery.status in (PENDING, SENDING):
                return delivery
            if delivery.status not in DEAD:
                raise AppError(N_("This one was not lost: there is nothing to send again. /log shows how it stands."))
            again = _wanted(revived(delivery, now))
            if await uow.deliveries.write([Change(delivery, again)]):
                await uow.deliveries.add_logs([by_hand(again, found[1], now)])
                uow.has_outbox = True
        return again

    async def channel_back(self, user_id: int) -> None:
        """The user let the bot into their chat again."""
        now = self.clock()
        async with self.database.begin() as uow:
            account = await uow.users.by_id(user_id)
            if account and account.user.blocked_at:
                await uow.users.update(user_id, {"blocked_at": None}, now)

    async def timeline(self, delivery_id: int) -> dict[str, Any]:
        """A delivery with its attempts and reports, oldest first, ready for JSON; `NotFound` where there is none.
        The address is not in it."""
        async with self.database.read() as uow:
            found = await uow.delivery_log.one(delivery_id)
            attempts = await uow.delivery_log.attempts(delivery_id)
        if found is None:
            raise NotFound(N_("There is no such delivery."))
        return told(found[0], found[1], attempts)

    async def stats(self, since: datetime | None = None) -> Mapping[tuple[str, str], int]:
        """How many deliveries there are by channel and status, of those made since then."""
        async with self.database.read() as uow:
            return await uow.delivery_log.counts(since)

    async def oldest_age(self) -> float:
        """For how many seconds the longest waiting delivery has been due; 0 where none is."""
        now = self.clock()
        async with self.database.read() as uow:
            oldest = await uow.delivery_log.oldest_due(now)
        return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def revived(delivery: Delivery, now: datetime) -> Delivery:
    """A dead letter as it is tried again: with all its retries, and along the whole route. One that was given up since
    nobody could tell may arrive twice."""
    metadata = {name: value for name, value in delivery.delivery_metadata.items() if name != RESENT}
    return replace(
        delivery, status=DeliveryStatus.PENDING, scheduled_at=now, retry_count=0, hold_reason=None,
        provider_message_id=None, delivery_metadata=metadata, error_code=None, error_message=None, failed_at=None,
        updated_at=now, resolved_by=None,
        possible_duplicates=delivery.possible_duplicates + (delivery.resolved_by == GAVE_UP),
    )  # fmt: skip


def _wanted(delivery: Delivery) -> Delivery:
    """Whoever tries it again themself wants it, whatever their rules say about its like and its batch has come to."""
    wanted = {**delivery.delivery_metadata, INSISTED: True}
    return replace(delivery, delivery_metadata=wanted, priority=Priority.USUAL)


def by_hand(delivery: Delivery, about: Notification, now: datetime) -> Attempt:
    """The row of the log that says that somebody has tried it again."""
    return Attempt(
        delivery.id, delivery.delivery_type, "retried", now, delivery.user_id, about.post_id, attempt=delivery.attempts,
        error_message="by hand",
    )  # fmt: skip


def _place(page: int, total: int) -> tuple[int, int]:
    """The page that is shown, and how many there are."""
    pages = max(1, -(-total // PAGE))
    return min(max(1, page), pages), pages


SHOWN = (
    "id", "status", "provider_name", "provider_message_id", "error_code", "error_message", "hold_reason", "attempts",
    "retry_count", "possible_duplicates", "replaces_id", "created_at", "scheduled_at", "sent_at", "delivered_at",
    "read_at", "failed_at",
)  # fmt: skip
SHOWN_OF_ATTEMPT = ("created_at", "status", "provider_name", "attempt", "error_code", "error_message", "duration_ms")


def told(delivery: Delivery, about: Notification, attempts: list[Attempt]) -> dict[str, Any]:
    """A delivery's story as plain JSON values, without addresses and texts."""
    return {
        **{name: _json(getattr(delivery, name)) for name in SHOWN},
        "channel": delivery.delivery_type.value,
        "kind": about.kind.value,
        "user_id": delivery.user_id,
        "route": delivery.delivery_metadata.get("route", []),
        "attempts_made": [{name: _json(getattr(one, name)) for name in SHOWN_OF_ATTEMPT} for one in attempts],
    }


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
