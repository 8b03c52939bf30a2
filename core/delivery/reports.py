"""Applying what providers report to deliveries, in any order, each report once; in the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.delivery.attempts import BY_EVENT, GAVE_UP, RESENT
from core.delivery.states import BOUNCED, DELIVERED, FAILED, READ, SENDING, SUPPRESSING, UNKNOWN, after_report
from core.model import Attempt, Change, Delivery, DeliveryEvent, DeliveryStatus, EventType
from core.ports import UnitOfWork
from core.secrets import Keys

SOFT_BOUNCES, SOFT_WITHIN = 3, timedelta(days=7)  # so many within so long, and the address is left alone


async def apply_waiting(uow: UnitOfWork, taken: Sequence[Delivery], *, keys: Keys, now: datetime) -> set[int]:
    """Apply the reports that came before these deliveries' receipts; the ids of those that are dead now."""
    if not taken:
        return set()
    messages = {(one.provider_name or "", one.provider_message_id or "") for one in taken}
    waiting = await uow.events.waiting(messages, {one.idempotency_key for one in taken})
    return await apply(uow, waiting, keys=keys, now=now) if waiting else set()


async def apply(uow: UnitOfWork, events: Sequence[DeliveryEvent], *, keys: Keys, now: datetime) -> set[int]:
    """Apply reports to the deliveries they are about; the ids of those that are dead now. A report about a delivery
    that is unknown, or is being sent just now, keeps waiting."""
    about = [(one, reports) for one, reports in await _match(uow, events) if one.status is not SENDING]
    changes = [Change(delivery, _reported(delivery, reports, now)) for delivery, reports in about]
    changed = [change for change in changes if change.after is not change.before]
    # What moved in this moment is not ours any more: its reports wait, and the sweeper applies them.
    lost = {one.before.id for one in changed} - await uow.deliveries.write(changed)
    applied = [(one, report) for one, reports in about if one.id not in lost for report in reports]
    if not applied:
        return set()
    await uow.deliveries.add_logs([_log(delivery, report, now) for delivery, report in applied])
    await _suppress(uow, applied, keys, now)
    await uow.events.applied([report for _, report in applied], now)
    return {one.before.id for one in changed if one.before.id not in lost and one.after.status in (FAILED, BOUNCED)}


async def _match(
    uow: UnitOfWork, events: Sequence[DeliveryEvent]
) -> list[tuple[Delivery, list[DeliveryEvent]]]:  # fmt: skip
    found: dict[int, Delivery] = {}
    reports: dict[int, list[DeliveryEvent]] = defaultdict(list)
    for provider in {event.provider for event in events}:
        theirs = [event for event in events if event.provider == provider]
        ids = {event.provider_message_id for event in theirs if event.provider_message_id}
        deliveries = await uow.deliveries.by_messages(provider, ids, {event.key for event in theirs if event.key})
        by_key = {one.idempotency_key: one for one in deliveries}
        by_message = {one.provider_message_id: one for one in deliveries if one.provider_name == provider}
        for event in theirs:
            delivery = by_key.get(event.key) or by_message.get(event.provider_message_id)
            if delivery:
                found[delivery.id] = delivery
                reports[delivery.id].append(event)
    return [(found[key], sorted(reports[key], key=lambda event: event.at)) for key in sorted(found)]


def _reported(delivery: Delivery, reports: Iterable[DeliveryEvent], now: datetime) -> Delivery:
    """The delivery after some reports; the same object where they change nothing. Of a copy that went to one provider
    and was perhaps sent before another took the message, good news counts; bad news does not, and the delivery stays
    with the provider that took it."""
    for report in reports:
        is_copy = delivery.provider_message_id is not None and delivery.provider_name != report.provider
        status = after_report(delivery.status, report.type, was_accepted=delivery.provider_message_id is not None)
        if status is None or (is_copy and status in (FAILED, BOUNCED)):
            continue
        delivery = replace(
            delivery,
            status=status,
            provider_name=delivery.provider_name if is_copy else report.provider,
            provider_message_id=delivery.provider_message_id or report.provider_message_id or None,
            hold_reason=None,
            poll_at=None,
            resolved_by=BY_EVENT if _is_open(delivery) else delivery.resolved_by,
            updated_at=now,
        )
        delivery = _with_time(delivery, status, report)
    return delivery


def _is_open(delivery: Delivery) -> bool:
    """Whether nobody knows yet if it was sent: an `unknown` one, also while it waits to be sent again, and one that
    was given up as such."""
    is_resend = RESENT in delivery.delivery_metadata and delivery.resolved_by in (None, GAVE_UP)
    return delivery.status is UNKNOWN or is_resend


def _with_time(delivery: Delivery, status: DeliveryStatus, report: DeliveryEvent) -> Delivery:
    sent_at = delivery.sent_at or report.at
    if status in (FAILED, BOUNCED):
        code = (report.code or str(report.type))[:50]
        return replace(
            delivery, sent_at=sent_at, failed_at=report.at, error_code=code, error_message=report.detail[:500] or None
        )  # fmt: skip
    told = report.at if status in (DELIVERED, READ) else None
    return replace(
        delivery,
        sent_at=sent_at,
        delivered_at=delivery.delivered_at or told,
        read_at=report.at if status is READ else None,
        error_code=None,
        error_message=None,
    )


async def _suppress(
    uow: UnitOfWork, applied: Sequence[tuple[Delivery, DeliveryEvent]], keys: Keys, now: datetime
) -> None:
    """An address that bounced for good, complained or unsubscribed at the provider is left alone from now on, and one
    that bounced softly again and again."""
    soft = {
        (one.delivery_type, one.recipient)
        for one, report in applied
        if report.type is EventType.BOUNCED and not report.hard
    }
    often = await uow.deliveries.bounces(soft, now - SOFT_WITHIN) if soft else {}
    for delivery, report in applied:
        address = (delivery.delivery_type, delivery.recipient)
        reason = _why_suppressed(report, often.get(address, 0))
        if reason:
            await uow.suppressions.add(delivery.delivery_type, keys.address_hash(*address), reason, now)


def _why_suppressed(report: DeliveryEvent, soft_bounces: int) -> str | None:
    if report.hard and report.type in (EventType.BOUNCED, EventType.FAILED):
        return (report.code or "bounced")[:50]
    if report.type is EventType.BOUNCED and soft_bounces >= SOFT_BOUNCES:
        return "bounced_often"
    return SUPPRESSING.get(report.type)


def _log(delivery: Delivery, report: DeliveryEvent, now: datetime) -> Attempt:
    return Attempt(
        delivery.id, delivery.delivery_type, str(report.type), now, delivery.user_id, None, report.provider,
        delivery.attempts, report.code and report.code[:50], report.detail[:500] or None,
    )  # fmt: skip
