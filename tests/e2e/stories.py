"""Each delivery as the database tells it beside what the vendors saw of it, and what must hold for every one."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import text

from core.model import Attempt, Delivery, DeliveryStatus
from storage.database import Database
from tests.e2e.tempers import TIMEOUT
from tests.e2e.vendors import NAMES, Call, Vendors

ACCEPTED = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)
FINAL = (*ACCEPTED, DeliveryStatus.FAILED)
LOST = "the sender was lost"


@dataclass(frozen=True)
class Story:
    """A delivery as the database has it, and as the vendors have it. `calls` are in the order in which they began."""

    delivery: Delivery
    attempts: list[Attempt]
    calls: list[Call]
    taken: list[tuple[str, str]]

    @property
    def is_accepted(self) -> bool:
        return self.delivery.status in ACCEPTED

    def __str__(self) -> str:
        one = self.delivery
        lines = [
            f"{one.idempotency_key} {one.status} {one.provider_name} attempts={one.attempts} "
            f"possible_duplicates={one.possible_duplicates} resolved_by={one.resolved_by} {one.error_code}",
            *(f"  logged {a.attempt} {a.status} {a.provider_name} {a.error_code} {a.error_message} {a.duration_ms} ms "
              f"{a.created_at:%H:%M:%S.%f}" for a in self.attempts),
            *(f"  called {c.vendor} {'?' if c.is_question else ''} {c.began:.2f}-{c.ended:.2f} {c.fate}"
              for c in self.calls),
            *(f"  taken {vendor} {message_id}" for vendor, message_id in self.taken),
        ]  # fmt: skip
        return "\n".join(map(str, lines))


async def stories_of(database: Database, vendors: Vendors) -> list[Story]:
    """All that were queued."""
    mine = text("SELECT id FROM notification_deliveries WHERE idempotency_key LIKE 'chaos:%' ORDER BY id")
    async with database.read() as uow:
        found = await uow.deliveries.by_ids([row[0] for row in await uow.connection.execute(mine)])
        logs = {one.id: await uow.delivery_log.attempts(one.id) for one in found}
    return [
        Story(
            one, logs[one.id], [call for call in vendors.calls if call.key == one.idempotency_key],
            vendors.taken(one.idempotency_key),
        ) for one in found
    ]  # fmt: skip


def its_state_is_true(one: Story) -> None:
    """What is accepted was taken, by whom and under which name the delivery says; what failed was taken by nobody, but
    where nobody could know."""
    assert one.delivery.status in FINAL, str(one)
    if one.is_accepted:
        assert (one.delivery.provider_name, one.delivery.provider_message_id) in one.taken, str(one)
    else:
        assert not one.taken or any(is_unknowable(attempt) for attempt in one.attempts), str(one)


def is_unknowable(attempt: Attempt) -> bool:
    """The answer was lost, or is one that proves nothing."""
    return attempt.error_code in ("timeout", "uncertain") or (attempt.error_message or "").startswith("500 ")


def duplicates_are_counted(one: Story) -> None:
    """Nobody has it more often than the delivery says is possible, and it says so only where nobody could know."""
    assert len(one.taken) <= 1 + one.delivery.possible_duplicates, str(one)
    assert one.delivery.possible_duplicates <= sum(map(is_unknowable, one.attempts)), str(one)


def every_call_is_logged(one: Story) -> None:
    """Each attempt once, in order. A vendor has not seen those that never reached it: refused connections, and what
    was in the hands of a program when it died or of a vendor when it shut its door."""
    rows = calls_of(one)
    assert {row.attempt for row in rows} == set(range(1, one.delivery.attempts + 1)), str(one)
    assert rows == sorted(rows, key=lambda row: row.created_at), str(one)
    tried = Counter(name for name, _ in {(row.provider_name, row.attempt) for row in rows})
    seen = Counter(call.vendor for call in beginnings(one.calls))
    broken = Counter(call.vendor for call in one.calls if call.fate.status is None)
    unseen = Counter(row.provider_name for row in rows if row.error_code == "uncertain" and row.error_message != LOST)
    unseen -= broken
    unseen += Counter(row.provider_name for row in rows if row.error_code == "connect" or row.error_message == LOST)
    for vendor in tried.keys() | seen.keys():
        assert seen[vendor] <= tried[vendor], f"{vendor} was called more often than is logged: {one}"
        assert tried[vendor] - seen[vendor] <= unseen[vendor], f"{vendor} was not called: {one}"


def calls_of(one: Story) -> list[Attempt]:
    """The attempts of the log, without what vendors reported later."""
    return [row for row in one.attempts if row.duration_ms is not None or row.error_message == LOST]


AT_ONCE = 0.5  # seconds; attempts are a second apart


def beginnings(calls: Sequence[Call]) -> list[Call]:
    """The first call of each attempt."""
    return [call for before, call in pairwise([None, *calls]) if call and not (before and _goes_with(before, call))]


def _goes_with(before: Call, call: Call) -> bool:
    """What is asked before it is sent again is asked in the same attempt; and aiohttp asks twice where the connection
    breaks. Both at once: a call that comes later is of the next attempt."""
    is_broken, at_once = before.fate.status is None, call.began - before.ended < AT_ONCE
    return before.vendor == call.vendor and at_once and before.is_question and (is_broken or not call.is_question)


def what_was_unknown_is_settled(one: Story) -> None:
    """And the delivery says how."""
    if any(row.status == "unknown" for row in one.attempts):
        assert one.delivery.resolved_by, str(one)


def two_vendors_never_have_it_at_once(one: Story) -> None:
    """However long the first one takes for its answer."""
    for first in one.calls:
        for second in one.calls:
            if first.vendor != second.vendor and first.began <= second.began:
                assert first.ended <= second.began, str(one)


def what_may_have_been_sent_stays_with_its_vendor(one: Story) -> None:
    """From the first call without an answer on."""
    for place, call in enumerate(one.calls):
        if call.fate.status is None or call.fate.after > TIMEOUT:
            assert {later.vendor for later in one.calls[place:]} == {call.vendor}, str(one)


def its_route_is_explained(one: Story) -> None:
    """Every vendor has its place or a reason why it has none, and who was called stood in the route."""
    route = one.delivery.delivery_metadata["route"]
    assert all(re.match(r"(sendgrid|mailgun|postmark): ", reason) for reason in route), str(one)
    places = [reason.partition(":")[0] for reason in route if "passed over" not in reason]
    assert sorted(places) == sorted(NAMES), (route, str(one))
    ways = [reason.partition(":")[0] for reason in route if "skipped" not in reason and "passed over" not in reason]
    if one.attempts and ways:
        assert calls_of(one)[-1].provider_name in ways, (route, str(one))


CHECKS: tuple[Callable[[Story], None], ...] = (
    its_state_is_true,
    duplicates_are_counted,
    every_call_is_logged,
    what_was_unknown_is_settled,
    two_vendors_never_have_it_at_once,
    what_may_have_been_sent_stays_with_its_vendor,
    its_route_is_explained,
)


def tell(stories: Sequence[Story]) -> None:
    """What it came to."""
    taken, possible = [len(one.taken) for one in stories], [one.delivery.possible_duplicates for one in stories]
    lost = sum(row.error_message == LOST for one in stories for row in one.attempts)
    print("ended", dict(Counter(str(one.delivery.status) for one in stories)))
    print("resolved", dict(Counter(str(one.delivery.resolved_by) for one in stories)))
    print(
        f"{len(stories)} deliveries, {sum(one.delivery.attempts for one in stories)} attempts ({lost} lost in a "
        f"killed program), taken {sum(taken)} times, "
        f"{len([one for one in taken if one > 1])} more than once, {sum(possible)} possible duplicates counted"
    )
