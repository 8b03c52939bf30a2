"""Jobs that make many deliveries, or remove many old rows (`notification_batch_jobs`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.people import Account
from core.model.words import Access, Channel, DeliveryStatus


class BatchType(StrEnum):
    """What a batch does (`job_type`)."""

    BROADCAST = "broadcast"
    INVITATIONS = "invitation_batch"
    REMINDERS = "reminder_batch"
    CLEANUP = "cleanup_batch"


class BatchStatus(StrEnum):
    """Where a batch stands."""

    PENDING = "pending"  # nobody has begun with it
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"  # it could not be carried on
    CANCELLED = "cancelled"


BATCH_PAUSED = "batch_paused"  # the hold reason of what is parked
OPEN_BATCHES = frozenset({BatchStatus.PENDING, BatchStatus.RUNNING, BatchStatus.PAUSED})


@dataclass(frozen=True, slots=True)
class Tally:
    """How the deliveries of a batch stand. `statuses` counts all of them; `holds` counts the pending ones that wait for
    a reason, by the reason; `rate` is how many were handed over a second of late."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    holds: Mapping[str, int] = field(default_factory=dict)
    rate: float = 0.0

    def of(self, *statuses: DeliveryStatus) -> int:
        """How many have one of these statuses."""
        return sum(self.statuses.get(status, 0) for status in statuses)

    @property
    def accepted(self) -> int:
        """A provider took them, or more."""
        return self.of(DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)

    @property
    def arrived(self) -> int:
        """They are known to have arrived."""
        return self.of(DeliveryStatus.DELIVERED, DeliveryStatus.READ)

    @property
    def failed(self) -> int:
        """They were tried and are lost."""
        return self.of(DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.EXPIRED)

    @property
    def in_flight(self) -> int:
        """Being sent, or perhaps sent."""
        return self.of(DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)

    @property
    def open(self) -> int:
        """Not at their end yet."""
        return self.in_flight + self.of(DeliveryStatus.PENDING)

    @property
    def settled(self) -> int:
        """At their end, whichever that is."""
        return sum(self.statuses.values()) - self.open


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of `notification_batch_jobs`. Recipients are numbered by their source; those up to `cursor` have their
    deliveries."""

    key: str
    name: str
    type: BatchType
    created_at: datetime
    config: Mapping[str, Any] = field(default_factory=dict)
    total: int = 0  # recipients, as they were confirmed
    created_by: int | None = None
    status: BatchStatus = BatchStatus.PENDING
    processed: int = 0  # recipients whose deliveries were made
    successful: int = 0
    failed: int = 0
    tally: Mapping[str, Any] = field(default_factory=dict)
    error_summary: str | None = None
    cursor: int = 0
    look_at: datetime | None = None  # when it is looked after next; None: not any more
    started_at: datetime | None = None
    completed_at: datetime | None = None
    updated_at: datetime | None = None
    id: int = 0

    @property
    def counts(self) -> Tally:
        """How its deliveries stood when they were last counted."""
        return Tally(**self.tally) if "statuses" in self.tally else Tally()

    @property
    def is_made(self) -> bool:
        """Whether every recipient has their deliveries."""
        return self.cursor >= int(self.config.get("upto", 0))

    @property
    def is_open(self) -> bool:
        """Whether there is something left to be done or decided."""
        return self.status in OPEN_BATCHES


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of those whom a batch is for. `number` is their place in its source: numbers grow, and none comes twice."""

    number: int
    account: Account
    content: Mapping[str, Any] = field(default_factory=dict)  # beside what all are told
    addresses: Mapping[Channel, str] = field(default_factory=dict)  # where they differ from the account's


@dataclass(frozen=True, slots=True)
class Audience:
    """Which users: all of this holds for each of them, and their chat is not blocked. Let in is who has one of the
    `accesses`, or is named by Telegram id or by name in lower case."""

    accesses: frozenset[Access]
    named_ids: frozenset[int] = frozenset()
    named: frozenset[str] = frozenset()
    language: str | None = None
    active_since: datetime | None = None
    telegram_ids: frozenset[int] | None = None  # nobody else
    has_email: bool = False
    channel: Channel | None = None  # it reaches them
    upto: int | None = None  # the last user who counts


@dataclass(frozen=True, slots=True)
class BatchCard:
    """The message on which an admin watches a batch. `shown_at` is the `updated_at` of the batch as it shows it."""

    id: int
    batch_id: int
    user_id: int
    message_id: int
    shown_at: datetime
