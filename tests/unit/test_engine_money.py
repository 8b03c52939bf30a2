"""What deliveries cost, and what happens when enough was spent for today."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Refused, Unavailable, Uncertain
from core.model import DeliveryStatus, Kind
from core.routing.spending import LOOK_EVERY
from core.secrets import Keys
from storage.database import Database
from tests.conftest import SteppedClock
from tests.routing import AMERICAN, SMS, Phones, capped, phones

S = DeliveryStatus
PRICE, TOMORROW = Decimal("0.10"), datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
async def three(any_database: Database, clock: SteppedClock, keys: Keys) -> Phones:
    """Twilio costs ten cents, the others nobody knows."""
    found = await phones(any_database, clock, keys, spending=capped("1"))
    await found.say("twilio", cost_per_message=PRICE)
    return found


@pytest.fixture
async def one(any_database: Database, clock: SteppedClock, keys: Keys) -> Phones:
    """Twilio alone, ten cents a message, and a cap of a dollar."""
    found = await phones(any_database, clock, keys, names=["twilio"], spending=capped("1"))
    await found.say("twilio", cost_per_message=PRICE)
    return found


# What it costs


async def test_what_was_taken_has_its_price_its_country_and_its_segments(three: Phones):
    """In the currency of all prices."""
    (sms,) = await three.send()
    assert (sms.cost_per_message, sms.currency) == (PRICE, "USD")
    assert (sms.segments, sms.geographic_region) == (1, "FR")


async def test_a_country_has_a_price_of_its_own_for_each_segment(three: Phones):
    """Carriers count by segment, and so do we."""
    await three.say("twilio", prices={"US": "0.0079"})
    three.engine = replace_text(three, "a" * 161)
    (sms,) = await three.send(to=AMERICAN)
    assert (sms.segments, sms.cost_per_message) == (2, Decimal("0.0158"))


async def test_a_price_that_nobody_knows_is_not_guessed(three: Phones):
    """The provider that took it is what counts, not the one that was asked first."""
    three.twilio.answers = [Unavailable("connect")]
    (sms,) = await three.send()
    assert (sms.provider_name, sms.cost_per_message, sms.currency) == ("vonage", None, None)


@pytest.mark.parametrize("error", [Refused("invalid_address"), Unavailable("connect")])
async def test_what_was_not_sent_costs_nothing(one: Phones, error: Exception):
    """And is free to be spent on others."""
    one.twilio.answers = [error]
    (sms,) = await one.send()
    assert sms.cost_per_message is None
    assert one.router.spending.left(SMS) == Decimal(1)


async def test_what_was_perhaps_sent_is_perhaps_paid(one: Phones):
    """Better too careful than too dear."""
    one.twilio.answers = [Uncertain("timeout")]
    (sms,) = await one.send()
    assert (sms.status, sms.cost_per_message) == (S.UNKNOWN, PRICE)
    assert one.router.spending.left(SMS) == Decimal("0.9")


# Caps


async def test_at_the_cap_the_channel_waits_for_tomorrow(one: Phones):
    """Not one message more, however many are in flight; no retry is used."""
    sent = await one.send(14)
    assert [sms.status for sms in sent].count(S.SENT) == 10
    held = [sms for sms in sent if sms.status is S.PENDING]
    assert {(sms.hold_reason, sms.scheduled_at, sms.attempts, sms.retry_count) for sms in held} == {
        ("spend_cap", TOMORROW, 0, 0)
    }
    (later,) = await one.send()
    assert (later.hold_reason, later.delivery_metadata["route"]) == (
        "spend_cap", ["twilio: skipped, today's spend cap is reached"],
    )  # fmt: skip
    one.clock.now = TOMORROW
    assert {sms.status for sms in await one.run([*held, later])} == {S.SENT}


async def test_a_code_goes_out_all_the_same(one: Phones):
    """Nobody is locked out to save ten cents."""
    await one.send(10)
    (code,) = await one.send(kind=Kind.CODE)
    assert code.status is S.SENT
    assert one.router.spending.left(SMS) == Decimal("-0.1")


async def test_a_provider_whose_price_nobody_knows_is_not_held_up(three: Phones):
    """A cap holds what is known to cost something."""
    sent = await three.send(12)
    assert [sms.provider_name for sms in sent].count("vonage") == 2


async def test_what_other_processes_have_spent_counts_with_the_next_look(one: Phones):
    """Each looks every ten seconds."""
    other = one.beside(spending=capped("1"))
    await other.send()
    await one.send(8)
    one.clock.now += LOOK_EVERY
    sent = await other.send(3)
    assert [sms.status for sms in sent].count(S.SENT) == 1


async def test_the_admins_hear_of_four_fifths_and_of_the_end_once(one: Phones):
    """From one process, though two have seen it."""
    other = one.beside(spending=capped("1"))
    await one.send(8)
    assert await one.alerts() == []  # the turn after it tells
    for process in (one, other, one, other):
        await process.send()
        one.clock.now += LOOK_EVERY
    await one.send(2)
    await other.send(2)
    nearly, reached = await one.alerts()
    assert "SMS has cost 0.8 USD today; at 1 USD it waits until tomorrow" in nearly
    assert "SMS has cost 1 USD today, and may cost 1 USD" in reached


async def test_a_new_day_begins_with_nothing_spent(one: Phones):
    """At midnight UTC."""
    await one.send(10)
    one.clock.now = TOMORROW + timedelta(seconds=1)
    assert {sms.status for sms in await one.send(10)} == {S.SENT}


def replace_text(found: Phones, words: str):
    """An engine that writes these words."""
    from dataclasses import replace

    render = found.engine.render
    return replace(found.engine, render=lambda context: replace(render(context), text=words))
