"""The life of a delivery (design, section 5): the legal moves, and what follows a failure or a provider's report. Pure.

`pending -> sending -> sent -> delivered -> read` is the good road. Scheduled, held and retrying are all `pending` with
a later time and a reason; `unknown` is "perhaps sent".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import Misconfigured, Refused, RenderError, SendError, Unavailable, Uncertain
from core.model import DeliveryStatus, EventType

PENDING, SENDING, SENT = DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.SENT
DELIVERED, READ, UNKNOWN = DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.UNKNOWN
FAILED, BOUNCED, EXPIRED = DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.EXPIRED
SUPPRESSED, CANCELLED = DeliveryStatus.SUPPRESSED, DeliveryStatus.CANCELLED

RETRY, RATE_LIMITED, RESEND = "retry", "rate_limited", "resend"  # hold reasons
SHORTEST_WAIT = 1.0  # seconds: a provider that says "0" is not asked again in the same breath
LONGEST_WAIT = 86_400.0  # seconds: no provider puts a delivery off for ever, or past the end of the calendar

MOVES: dict[DeliveryStatus, frozenset[DeliveryStatus]] = {
    # held again, tried, given up before a try, made needless by a report about an earlier try
    PENDING: frozenset({PENDING, SENDING, FAILED, SUPPRESSED, CANCELLED, EXPIRED, SENT, DELIVERED, READ}),
    # the next provider, back off, and every answer a call can have
    SENDING: frozenset({SENDING, PENDING, SENT, DELIVERED, READ, UNKNOWN, FAILED, BOUNCED}),
    UNKNOWN: frozenset({PENDING, SENT, DELIVERED, READ, FAILED, BOUNCED}),
    SENT: frozenset({DELIVERED, READ, FAILED, BOUNCED}),
    DELIVERED: frozenset({READ, FAILED, BOUNCED}),
    # a person retries a dead letter; a late report may prove that it arrived
    FAILED: frozenset({PENDING, SENT, DELIVERED, READ, BOUNCED}),
    BOUNCED: frozenset({PENDING, READ}),
    SUPPRESSED: frozenset({PENDING}),
    READ: frozenset(),
    EXPIRED: frozenset(),
    CANCELLED: frozenset(),
}
ACCEPTED = frozenset({SENT, DELIVERED, READ})
DEAD = frozenset({FAILED, BOUNCED, SUPPRESSED})  # a person can retry these


def is_legal(before: DeliveryStatus, after: DeliveryStatus) -> bool:
    """Whether a delivery may go from one status to the other."""
    return after in MOVES[before]


@dataclass(frozen=True, slots=True)
class Move:
    """What happens to a delivery next. `at` is when it is due again: the next try of a `pending` one, the resend of an
    `unknown` one. `next_provider` keeps it `sending`, with the next provider of its route at once."""

    status: DeliveryStatus
    log: str  # the word for the attempt's row in `delivery_logs`
    error_code: str
    error_message: str = ""
    at: datetime | None = None
    hold_reason: str | None = None
    retry_count: int = 0
    next_provider: bool = False
    possible_duplicate: bool = False  # another provider takes over what this one may have sent
    suppress: bool = False  # the address can never be reached
    alert: bool = False  # the admins must have a look


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient we are. `backoff` is in seconds, one entry for each retry; `unknown_after` are the seconds until what
    was perhaps sent is sent again."""

    backoff: Sequence[float] = (300, 900, 3600)
    unknown_after: float = 600


def after_failure(
    error: SendError | RenderError,
    *,
    retry_count: int,
    max_retries: int,
    route_left: bool,
    resent: bool,
    now: datetime,
    policy: Policy,
) -> Move:
    """What a failed attempt means, by the kind of its error alone. `route_left`: another provider can be tried now;
    `resent`: this was already the second sending of something perhaps sent."""
    code, words = (error.code, error.detail) if isinstance(error, SendError) else ("render", str(error)[:500])
    match error:
        case RenderError():
            return Move(FAILED, "failed", code, words, retry_count=retry_count, alert=True)
        case Refused():
            return Move(FAILED, "failed", code, words, retry_count=retry_count, suppress=error.hard)
        case Uncertain() if resent:
            return Move(FAILED, "failed", code, words, retry_count=retry_count)
        case Uncertain():
            resend_at = now + timedelta(seconds=policy.unknown_after)
            return Move(UNKNOWN, "unknown", code, words, at=resend_at, retry_count=retry_count)
    alert = isinstance(error, Misconfigured)
    maybe_sent = isinstance(error, Unavailable) and error.maybe_sent
    if route_left:
        return Move(
            SENDING, "retried", code, words, retry_count=retry_count, next_provider=True,
            possible_duplicate=maybe_sent, alert=alert,
        )  # fmt: skip
    if error.retry_after is not None:
        wait = timedelta(seconds=min(max(SHORTEST_WAIT, error.retry_after), LONGEST_WAIT))  # NaN: the shortest
        return Move(
            PENDING, "retried", code, words, now + wait, RATE_LIMITED, retry_count,
            possible_duplicate=maybe_sent, alert=alert,
        )  # fmt: skip
    if retry_count >= max_retries:
        return Move(FAILED, "failed", code, words, retry_count=retry_count, alert=alert)
    wait = timedelta(seconds=policy.backoff[min(retry_count, len(policy.backoff) - 1)])
    return Move(
        PENDING, "retried", code, words, now + wait, RETRY, retry_count + 1,
        possible_duplicate=maybe_sent, alert=alert,
    )  # fmt: skip


def goes_on(error: SendError) -> bool:
    """Whether another provider may try at once what this one could not."""
    return isinstance(error, Unavailable | Misconfigured)


# A report counts only where it says more than what is known; so reports may come in any order.
WEIGHT = {PENDING: 0, SENDING: 0, UNKNOWN: 0, SENT: 1, DELIVERED: 2, FAILED: 3, BOUNCED: 4, READ: 5}
REPORTED = {
    EventType.SENT: SENT,
    EventType.DELIVERED: DELIVERED,
    EventType.FAILED: FAILED,
    EventType.BOUNCED: BOUNCED,
    EventType.OPENED: READ,
    EventType.READ: READ,
}
SUPPRESSING = {EventType.COMPLAINED: "complained", EventType.UNSUBSCRIBED: "unsubscribed"}


def after_report(status: DeliveryStatus, report: EventType, *, was_accepted: bool) -> DeliveryStatus | None:
    """The status that a provider's report leads to; None where it changes nothing. `was_accepted`: a provider has taken
    the message once, so that `failed` is the provider's word and not only ours."""
    told = REPORTED.get(report)
    if told is None or status not in WEIGHT:
        return None
    weight = 0 if status is FAILED and not was_accepted else WEIGHT[status]
    waits = status is PENDING and told in (FAILED, BOUNCED)  # bad news of an earlier try does not end the next one
    return told if WEIGHT[told] > weight and not waits else None
