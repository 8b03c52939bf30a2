"""One provider call: what goes into it, what came of it, and what the delivery and its log become. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.delivery.selection import Candidate, Route
from core.delivery.states import Move, Policy, after_failure
from core.errors import RenderError, SendError
from core.model import Attempt, Change, Delivery, DeliveryStatus, Message, Outgoing, Receipt
from core.updates import storable

RESENT = "resend"  # delivery_metadata: the provider that may have sent it already
PINNED = "provider"  # delivery_metadata: the only provider that was asked for
ROUTE = "route"  # delivery_metadata: the reasons for the order of providers


@dataclass(frozen=True, slots=True)
class Job:
    """A rendered delivery on its way along its route; `step` counts the providers from 0."""

    outgoing: Outgoing
    delivery: Delivery
    message: Message
    route: Route
    step: int = 0
    can_ask: bool = False  # the first provider can tell whether it has it already

    @property
    def provider(self) -> Candidate:
        return self.route.order[self.step]

    @property
    def route_left(self) -> bool:
        return self.step + 1 < len(self.route.order)

    @property
    def is_resend(self) -> bool:
        return RESENT in self.delivery.delivery_metadata


@dataclass(frozen=True, slots=True)
class Result:
    """The provider's answer, a receipt or an error, after `seconds`."""

    job: Job
    receipt: Receipt | None
    error: SendError | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written about an attempt. `move` is None where it was accepted; `next_job` goes on at once."""

    outgoing: Outgoing
    change: Change
    log: Attempt | None = None
    move: Move | None = None
    next_job: Job | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and how long its `sending` rows are left alone (seconds)."""

    name: str
    lease_seconds: float

    def started(self, job: Job, now: datetime) -> tuple[Job, Change]:
        """The delivery with its attempt counted and its provider named, as it is marked before the call."""
        before, provider = job.delivery, job.provider
        metadata: Mapping[str, Any] = {**before.delivery_metadata, ROUTE: list(job.route.reasons)}
        after = replace(
            before, status=DeliveryStatus.SENDING, attempts=before.attempts + 1, provider_name=provider.name,
            provider_priority=provider.priority, delivery_metadata=metadata, hold_reason=None, updated_at=now,
            possible_duplicates=before.possible_duplicates + (job.is_resend and not job.can_ask),
        )  # fmt: skip
        change = Change(before, after, now + timedelta(seconds=self.lease_seconds), self.name)
        return replace(job, delivery=after), change


def pinned(delivery: Delivery) -> tuple[str | None, str]:
    """The only provider that may carry a delivery, and why: what was perhaps sent stays with its provider."""
    metadata = delivery.delivery_metadata
    if name := metadata.get(RESENT):
        return str(name), "perhaps already sent by"
    return metadata.get(PINNED), "pinned to"


def accepted(result: Result, receipt: Receipt, now: datetime) -> Outcome:
    """The provider took it."""
    before = result.job.delivery
    arrived = receipt.status is not DeliveryStatus.SENT
    after = replace(
        before, status=receipt.status, provider_message_id=storable(receipt.provider_message_id)[:255],
        provider_response=storable(dict(receipt.response)) or None, error_code=None, error_message=None, sent_at=now,
        delivered_at=now if arrived else before.delivered_at, updated_at=now,
    )  # fmt: skip
    return Outcome(result.job.outgoing, Change(before, after), _log(result, "delivered", None, now))


def failed(result: Result, error: SendError, now: datetime, policy: Policy, sender: Sender) -> Outcome:
    """It did not, and the kind of the error says what follows."""
    job = result.job
    move = after_failure(
        error, retry_count=job.delivery.retry_count, max_retries=len(policy.backoff), route_left=job.route_left,
        resent=job.is_resend, now=now, policy=policy,
    )  # fmt: skip
    after = moved(job.delivery, move, now)
    log = _log(result, move.log, move, now)
    if not move.next_provider:
        until = move.at if move.status is DeliveryStatus.UNKNOWN else None
        return Outcome(job.outgoing, Change(job.delivery, after, until), log, move)
    next_job, change = sender.started(replace(job, delivery=after, step=job.step + 1), now)
    return Outcome(job.outgoing, replace(change, before=job.delivery), log, move, next_job)


def as_lost(change: Change, status: DeliveryStatus) -> Change:
    """The same change of a delivery that was taken for lost while its provider was being called."""
    return replace(change, before=replace(change.before, status=status))


def never_tried(outgoing: Outgoing, error: SendError | RenderError, now: datetime, policy: Policy) -> Outcome:
    """It could not even be handed to a provider: it did not render, or no provider is set up."""
    delivery = outgoing.delivery
    move = after_failure(
        error, retry_count=delivery.retry_count, max_retries=len(policy.backoff), route_left=False, resent=False,
        now=now, policy=policy,
    )  # fmt: skip
    log = Attempt(
        delivery.id, delivery.delivery_type, move.log, now, delivery.user_id, outgoing.notification.post_id,
        error_code=move.error_code, error_message=move.error_message,
    )  # fmt: skip
    return Outcome(outgoing, Change(delivery, moved(delivery, move, now)), log, move)


def moved(delivery: Delivery, move: Move, now: datetime) -> Delivery:
    """The delivery after a move."""
    return replace(
        delivery,
        status=move.status,
        scheduled_at=move.at if move.at and move.status is DeliveryStatus.PENDING else delivery.scheduled_at,
        hold_reason=move.hold_reason,
        retry_count=move.retry_count,
        possible_duplicates=delivery.possible_duplicates + move.possible_duplicate,
        error_code=move.error_code[:50],
        error_message=move.error_message or None,
        failed_at=now if move.status is DeliveryStatus.FAILED else delivery.failed_at,
        updated_at=now,
    )


def _log(result: Result, word: str, move: Move | None, now: datetime) -> Attempt:
    delivery = result.job.delivery
    return Attempt(
        delivery_id=delivery.id,
        channel=delivery.delivery_type,
        status=word,
        created_at=now,
        user_id=delivery.user_id,
        post_id=result.job.outgoing.notification.post_id,
        provider_name=delivery.provider_name,
        attempt=delivery.attempts,
        error_code=move.error_code[:50] if move else None,
        error_message=(move.error_message or None) if move else None,
        duration_ms=round(result.seconds * 1000),
    )
