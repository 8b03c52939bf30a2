"""What a delivery had to wait for, kept with it when the wait is over: `/why` tells it. Pure.

What was held for its reader's sake, or for a time that was asked for, says nothing about how quick we are: the figures
leave it out. A wait that is a provider's fault or ours counts.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from core.model import Delivery

HELD, WAITED = "held", "waited"  # delivery_metadata: for the reader, for us; [reason, since, until] each
OURS = frozenset({"circuit_open", "rate_limited", "spend_cap", "retry", "resend"})
KEPT = 8  # of each; a delivery may wait again and again


@dataclass(frozen=True, slots=True)
class Hold:
    """A delivery was held from `since` until `until`, as was planned at the time."""

    reason: str
    since: datetime
    until: datetime


def put_off(delivery: Delivery, reason: str, until: datetime, now: datetime) -> Delivery:
    """The delivery as it waits until then, and remembers it."""
    name = WAITED if reason in OURS else HELD
    entry = [reason, now.isoformat(), until.isoformat()]
    metadata = dict(delivery.delivery_metadata)
    metadata[name] = [*metadata.get(name, ()), entry][-KEPT:]
    return replace(delivery, scheduled_at=until, hold_reason=reason, delivery_metadata=metadata)


def holds_of(delivery: Delivery) -> list[Hold]:
    """What it has waited for, the oldest first."""
    metadata = delivery.delivery_metadata
    entries = (*metadata.get(HELD, ()), *metadata.get(WAITED, ()))
    found = [
        Hold(reason, datetime.fromisoformat(since), datetime.fromisoformat(until)) for reason, since, until in entries
    ]
    return sorted(found, key=lambda one: (one.since, one.until))
