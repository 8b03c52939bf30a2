"""Weight: away from a provider that fails or crawls, back slowly, at rest in between, and not where all are alike."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Unavailable
from core.model import Attempt, Calls
from core.routing.weights import COOL_DOWN, LEAST, MINUTE, MOST, Weighed, Weigher, is_bad, reweighed
from core.secrets import Keys
from storage.database import Database
from tests.conftest import NOW, SteppedClock
from tests.routing import SMS, Phones, phones

GOOD, FAILING, SLOW = Calls(50, 50, 200), Calls(50, 40, 200), Calls(50, 50, 9000)


def one(name: str = "twilio", weight: str = "1", minute: Calls | None = None, **values) -> Weighed:
    lately = values.pop("lately", minute or Calls())
    return Weighed(name, Decimal(weight), minute=minute or Calls(), lately=lately, **values)


@pytest.mark.parametrize("bad", [FAILING, SLOW])
def test_a_bad_minute_takes_three_tenths(bad: Calls):
    """Whether it fails or only crawls."""
    assert reweighed([one(minute=bad), one("vonage", minute=GOOD)], NOW) == {"twilio": Decimal("0.700")}


@pytest.mark.parametrize("bad", [FAILING, SLOW])
def test_where_all_are_alike_nothing_moves(bad: Calls):
    """It is not the provider: the net, the day, or we."""
    assert reweighed([one(minute=bad), one("vonage", minute=bad)], NOW) == {}
    assert reweighed([one(minute=bad)], NOW) == {}


def test_who_was_not_called_is_somebody_to_go_to():
    """Under `priority` the second one has no calls before the first one fails."""
    assert reweighed([one(minute=FAILING), one("vonage")], NOW) == {"twilio": Decimal("0.700")}
    assert reweighed([one(minute=SLOW), one("vonage", usual_ms=300)], NOW) == {"twilio": Decimal("0.700")}


def test_it_drifts_back_after_five_good_minutes():
    """A tenth at a time."""
    rested = one(weight="0.49", changed_at=NOW - COOL_DOWN, minute=GOOD)
    assert reweighed([rested], NOW) == {"twilio": Decimal("0.59")}
    assert reweighed([replace(rested, weight=Decimal("0.95"))], NOW) == {"twilio": MOST}
    assert reweighed([replace(rested, weight=MOST)], NOW) == {}
    assert reweighed([replace(rested, lately=FAILING)], NOW) == {}


@pytest.mark.parametrize(("minute", "rest"), [(FAILING, MINUTE), (GOOD, COOL_DOWN)])
def test_it_rests_after_each_move(minute: Calls, rest: timedelta):
    """So that it does not flap."""
    moved = one(weight="0.7", minute=minute, changed_at=NOW)
    other = one("vonage", minute=GOOD)
    assert reweighed([moved, other], NOW + rest - timedelta(seconds=1)) == {}
    assert reweighed([moved, other], NOW + rest) != {}


@pytest.mark.parametrize(
    ("calls", "quickest", "bad"),
    [
        (Calls(4, 0, 10), None, False),  # too few to tell
        (Calls(10, 9, 10), None, False),
        (Calls(10, 8, 10), None, True),
        (Calls(10, 10, 2900), 10, False),  # slower, not slow
        (Calls(10, 10, 9000), 4000, False),  # slow, not slower
        (Calls(10, 10, 9000), 2000, True),
        (Calls(10, 10, 9000), None, False),
    ],
)
def test_when_a_minute_is_bad(calls: Calls, quickest: float | None, bad: bool):
    """More than a tenth failed, or far slower than the quickest."""
    assert is_bad(calls, quickest) is bad


MINUTES = st.lists(
    st.tuples(st.sampled_from([GOOD, FAILING, SLOW, Calls()]), st.sampled_from([GOOD, FAILING])), max_size=90
)


@given(MINUTES)
def test_whatever_happens_it_stays_within_bounds_and_comes_back_slowly(minutes: list[tuple[Calls, Calls]]):
    """A tenth in five minutes, never more."""
    twilio, vonage = one("twilio"), one("vonage")
    rises: list[datetime] = []
    for number, (first, second) in enumerate(minutes):
        now = NOW + number * MINUTE
        twilio, vonage = replace(twilio, minute=first, lately=first), replace(vonage, minute=second, lately=second)
        for name, weight in reweighed([twilio, vonage], now).items():
            assert LEAST <= weight <= MOST
            if name == "twilio":
                if weight > twilio.weight:
                    assert weight - twilio.weight <= Decimal("0.1")
                    rises.append(now)
                twilio = replace(twilio, weight=weight, changed_at=now)
            else:
                vonage = replace(vonage, weight=weight, changed_at=now)
    assert all(later - sooner >= COOL_DOWN for sooner, later in pairwise(rises))


async def logged(found: Phones, name: str, calls: int, failures: int) -> None:
    (sms,) = await found.queue()
    rows = [
        Attempt(sms.id, SMS, *(("retried", found.clock()) if number < failures else ("delivered", found.clock())),
                provider_name=name, error_code="connect" if number < failures else None, duration_ms=100)
        for number in range(calls)
    ]  # fmt: skip
    async with found.desk.database.begin() as uow:
        await uow.deliveries.add_logs(rows)


async def test_the_job_moves_weights_by_what_the_log_says(any_database: Database, clock: SteppedClock, keys: Keys):
    """Once, though two machines look; and routing goes by it."""
    found = await phones(any_database, clock, keys)
    await logged(found, "twilio", 10, 5)
    await logged(found, "vonage", 10, 0)
    for minute in range(3):
        await Weigher(any_database, clock).run()
        await Weigher(any_database, clock).run()
        clock.now = NOW + (minute + 1) * MINUTE
        await logged(found, "twilio", 10, 5)
    row = await found.row("twilio")
    assert (row.weight, row.weight_changed_at) == (Decimal("0.343"), NOW + 2 * MINUTE)
    assert (await found.row("vonage")).weight == 1
    (sms,) = await found.send()
    assert sms.provider_name == "vonage"
    assert "after the others, its weight is low" in sms.delivery_metadata["route"][2]


async def test_a_provider_that_recovers_gets_its_weight_back(any_database: Database, clock: SteppedClock, keys: Keys):
    """Though nobody calls it meanwhile: somebody has to find out."""
    found = await phones(any_database, clock, keys)
    await found.say("twilio", weight=Decimal("0.4"), weight_changed_at=NOW)
    for minutes in range(1, 12):
        clock.now = NOW + minutes * MINUTE
        await Weigher(any_database, clock).run()
    assert (await found.row("twilio")).weight == Decimal("0.6")
    found.twilio.answers = [Unavailable("connect")]
    (sms,) = await found.send()
    assert (sms.provider_name, len(found.twilio.sent)) == ("vonage", 1)
