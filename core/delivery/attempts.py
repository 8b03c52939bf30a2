"""One provider call: what goes into it, what came of it, and what the delivery and its log become. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.delivery.holds import put_off
from core.delivery.states import Move, Policy, after_failure
from core.errors import Refused, RenderError, SendError, Unavailable, Uncertain
from core.model import Attempt, Change, Channel, Delivery, DeliveryStatus, Message, Outgoing, Receipt
from core.routing.selection import Route
from core.routing.terms import Terms
from core.updates import storable

RESENT = "resend"  # delivery_metadata: the provider that may have sent it already
PINNED = "provider"  # delivery_metadata: the only provider that was asked for
ROUTE, FACTORS = "route", "factors"  # delivery_metadata: the reasons for the order of providers, in words and figures
# How an `unknown` was settled (`resolved_by`): the provider reported, it was asked, it was sent again, the lost answer
# came after all, nobody could tell.
BY_EVENT, BY_STATUS, BY_RESEND, BY_LATE_ANSWER, GAVE_UP = "event", "status", "resend", "late_answer", "gave_up"


@dataclass(frozen=True, slots=True)
class Job:
    """A rendered delivery on its way along its route; `step` counts the providers from 0. `cost` is what the provider
    at this step takes for all `segments`, None where nobody knows."""

    outgoing: Outgoing
    delivery: Delivery
    message: Message
    route: Route
    step: int = 0
    can_ask: bool = False  # the first provider can tell whether it has it already
    region: str | None = None
    segments: int | None = None
    cost: Decimal | None = None
    is_probe: bool = False  # the one call that may try an open circuit

    @property
    def channel(self) -> Channel:
        return self.delivery.delivery_type

    @property
    def provider(self) -> Terms:
        return self.route.order[self.step]

    @property
    def route_left(self) -> bool:
        return self.step + 1 < len(self.route.order)

    @property
    def is_resend(self) -> bool:
        return RESENT in self.delivery.delivery_metadata

    @property
    def is_blind(self) -> bool:
        """Sent again without asking first: it may arrive twice."""
        return self.is_resend and not self.can_ask


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody can carry a delivery before `until`, and why."""

    until: datetime
    reason: str
    route: Route


@dataclass(frozen=True, slots=True)
class Result:
    """The provider's answer, a receipt or an error, after `seconds`. `was_asked`: it was only asked what it had taken
    before, and nothing was sent; `poll_at` is when to ask what became of it."""

    job: Job
    receipt: Receipt | None
    error: SendError | None
    seconds: float
    was_asked: bool = False
    poll_at: datetime | None = None


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
        after = replace(
            before, status=DeliveryStatus.SENDING, attempts=before.attempts + 1, provider_name=provider.name,
            provider_priority=provider.priority, delivery_metadata=with_route(before, job.route), hold_reason=None,
            updated_at=now, geographic_region=job.region, segments=job.segments,
            possible_duplicates=before.possible_duplicates + job.is_blind,
        )  # fmt: skip
        change = Change(before, after, now + timedelta(seconds=self.lease_seconds), self.name)
        return replace(job, delivery=after), change


def with_route(delivery: Delivery, route: Route) -> Mapping[str, Any]:
    """A delivery's metadata with the reasons for its route."""
    return {**delivery.delivery_metadata, ROUTE: list(route.reasons), FACTORS: route.factors}


def held(delivery: Delivery, wait: Wait, now: datetime) -> Delivery:
    """A delivery that nobody can carry yet: it waits, without an attempt or a retry."""
    routed = replace(delivery, delivery_metadata=with_route(delivery, wait.route), updated_at=now)
    return put_off(routed, wait.reason, wait.until, now)


def pinned(delivery: Delivery) -> tuple[str | None, str]:
    """The only provider that may carry a delivery, and why: what was perhaps sent stays with its provider."""
    metadata = delivery.delivery_metadata
    if name := metadata.get(RESENT):
        return str(name), "perhaps already sent by"
    return metadata.get(PINNED), "pinned to"


def accepted(result: Result, receipt: Receipt, now: datetime) -> Outcome:
    """The provider took it."""
    job, before = result.job, result.job.delivery
    arrived = receipt.status is not DeliveryStatus.SENT
    settled = (BY_STATUS if result.was_asked else BY_RESEND) if job.is_resend else before.resolved_by
    after = replace(
        before, status=receipt.status, provider_message_id=storable(receipt.provider_message_id)[:255],
        provider_response=storable(dict(receipt.response)) or None, error_code=None, error_message=None, sent_at=now,
        delivered_at=now if arrived else before.delivered_at, updated_at=now, poll_at=result.poll_at,
        cost_per_message=job.cost, currency=_currency(job), resolved_by=settled,
    )  # fmt: skip
    return Outcome(job.outgoing, Change(before, after), _log(result, "delivered", None, now))


def failed(
    result: Result, error: SendError, now: datetime, policy: Policy, sender: Sender, onward: Job | None = None
) -> Outcome:
    """It did not, and the kind of the error says what follows. `onward` is the same job at the next provider that can
    take it now."""
    job = result.job
    move = after_failure(
        error, retry_count=job.delivery.retry_count, max_retries=len(policy.backoff), route_left=onward is not None,
        resent=job.is_resend, now=now, policy=policy,
    )  # fmt: skip
    after = replace(
        moved(job.delivery, move, now), resolved_by=_settled_by_failure(result, error, move),
        possible_duplicates=_possible_duplicates(job, error, move),
    )  # fmt: skip
    if move.status is DeliveryStatus.UNKNOWN:  # perhaps it was sent, and then it is paid for
        after = replace(after, cost_per_message=job.cost, currency=_currency(job))
    log = _log(result, move.log, move, now)
    if not (move.next_provider and onward):
        until = move.at if move.status is DeliveryStatus.UNKNOWN else None
        return Outcome(job.outgoing, Change(job.delivery, after, until), log, move)
    next_job, change = sender.started(replace(onward, delivery=after), now)
    return Outcome(job.outgoing, replace(change, before=job.delivery), log, move, next_job)


def _currency(job: Job) -> str | None:
    return None if job.cost is None else job.provider.currency


def _possible_duplicates(job: Job, error: SendError, move: Move) -> int:
    """A blind resend was counted when it began: that is taken back where it is proven that it was not sent, and not
    counted again where it may have been."""
    counted = job.delivery.possible_duplicates
    if not job.is_blind:
        return counted + move.possible_duplicate
    maybe_sent = isinstance(error, Uncertain) or (isinstance(error, Unavailable) and error.maybe_sent)
    return counted - (not maybe_sent)


def _settled_by_failure(result: Result, error: SendError, move: Move) -> str | None:
    """What was perhaps sent before is settled by a clear answer, or where nobody is asked any more."""
    if not result.job.is_resend or move.status is not DeliveryStatus.FAILED:
        return result.job.delivery.resolved_by
    if not isinstance(error, Refused):
        return GAVE_UP
    return BY_STATUS if result.was_asked else BY_RESEND


def as_lost(change: Change, status: DeliveryStatus) -> Change:
    """The same change of a delivery that was taken for lost while its provider was being called."""
    after = change.after
    if after.status is not DeliveryStatus.UNKNOWN:
        after = replace(after, resolved_by=BY_LATE_ANSWER)
    return replace(change, before=replace(change.before, status=status), after=after, is_whole=True)


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
