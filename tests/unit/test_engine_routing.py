"""How the engine chooses: what admins say counts, limits and waits are gone around, and the reasons are kept."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import Unavailable
from core.model import DeliveryStatus, Kind, Message, NotificationType, Rule
from core.rendering.renderer import RenderContext
from core.routing.ranking import Strategy
from core.routing.roster import Plan
from core.secrets import Keys
from storage.database import Database
from tests.conftest import SteppedClock
from tests.delivery import plainly
from tests.routing import AMERICAN, FRENCH, SMS, Phones, phones

S = DeliveryStatus
TWO_SECONDS = timedelta(seconds=2)


@pytest.fixture
async def three(database: Database, clock: SteppedClock, keys: Keys) -> Phones:
    return await phones(database, clock, keys)


@pytest.fixture
async def one(database: Database, clock: SteppedClock, keys: Keys) -> Phones:
    return await phones(database, clock, keys, names=["twilio"])


async def test_what_an_admin_says_counts_within_two_seconds_and_without_a_restart(three: Phones):
    """In every process: each reads the registry again."""
    (first,) = await three.send()
    await three.say("vonage", priority_override=0)
    (second,) = await three.send()
    three.clock.now += TWO_SECONDS
    (third,) = await three.send()
    assert [one.provider_name for one in (first, second, third)] == ["twilio", "twilio", "vonage"]
    await three.say("vonage", is_enabled=False)
    three.clock.now += TWO_SECONDS
    (fourth,) = await three.send()
    assert fourth.provider_name == "twilio"
    assert "vonage: skipped, switched off" in fourth.delivery_metadata["route"]


async def test_the_reasons_are_kept_in_words_and_in_figures(three: Phones):
    """What `/why` shows."""
    await three.say("twilio", cost_per_message=Decimal("0.0079"), success_rate=Decimal("99.25"), latency_ms=230)
    await three.say("plivo", geographic_coverage=["US"])
    (sms,) = await three.send()
    assert sms.delivery_metadata["route"] == [
        "twilio: priority 1, weight 1.00, price 0.0079 USD, success 99.2 %, 230 ms",
        "vonage: priority 2, weight 1.00",
        "plivo: skipped, does not cover FR",
    ]
    factors = sms.delivery_metadata["factors"]
    assert (factors["strategy"], factors["region"]) == ("priority", "FR")
    assert factors["providers"]["twilio"]["success"] == 0.9925


async def test_each_recipient_has_their_country(three: Phones):
    """In one batch."""
    await three.say("twilio", geographic_coverage=["US"])
    french, american = await three.run([*await three.queue(to=FRENCH), *await three.queue(to=AMERICAN)])
    assert (french.provider_name, french.geographic_region) == ("vonage", "FR")
    assert (american.provider_name, american.geographic_region) == ("twilio", "US")


async def test_a_country_that_nobody_covers_is_told_to_the_admins(one: Phones):
    """It backs off: somebody may set one up."""
    await one.say("twilio", geographic_coverage=["US"])
    (sms,) = await one.send()
    assert (sms.status, sms.hold_reason, sms.error_code, sms.attempts) == (S.PENDING, "retry", "no_coverage", 0)
    (alert,) = await one.alerts()
    assert "serves a recipient's country" in alert


async def test_an_address_that_a_provider_can_not_use_goes_to_the_next(three: Phones):
    """A browser's subscription is no device token."""
    three.twilio.unreachable = {FRENCH}
    (sms,) = await three.send()
    assert (sms.provider_name, three.twilio.sent) == ("vonage", [])


async def test_the_readers_wish_is_granted(three: Phones):
    """For what there are rules for."""
    rule = Rule(NotificationType.ANNOUNCEMENTS, SMS, preferred=("plivo",), blocked=("twilio",), is_enabled=True)
    async with three.desk.database.begin() as uow:
        await uow.rules.set(three.desk.account.user.id, rule, three.clock())
    (wished, other) = await three.run([*await three.queue(kind=Kind.ANNOUNCEMENT), *await three.queue()])
    assert (wished.provider_name, other.provider_name) == ("plivo", "twilio")
    assert "twilio: skipped, blocked by the reader" in wished.delivery_metadata["route"]


async def test_who_has_blocked_every_provider_gets_nothing_and_no_admin_is_called(one: Phones):
    """It is what they wanted."""
    rule = Rule(NotificationType.ANNOUNCEMENTS, SMS, blocked=("twilio",), is_enabled=True)
    async with one.desk.database.begin() as uow:
        await uow.rules.set(one.desk.account.user.id, rule, one.clock())
    (sms,) = await one.send(kind=Kind.ANNOUNCEMENT)
    assert (sms.status, sms.error_code) == (S.FAILED, "providers_blocked")
    assert await one.alerts() == []


async def test_a_split_is_kept_by_each_recipient(database: Database, clock: SteppedClock, keys: Keys):
    """Today and tomorrow, in any process."""
    plan = Plan({SMS: Strategy.SPLIT}, {(SMS, "twilio"): 50, (SMS, "vonage"): 50})
    split = await phones(database, clock, keys, plan)
    numbers = [f"+3361234{number:04d}" for number in range(40)]
    first = await split.run([sms for number in numbers for sms in await split.queue(to=number)])
    again = await split.beside().run([sms for number in numbers for sms in await split.queue(to=number)])
    chosen = [sms.provider_name for sms in first]
    assert chosen == [sms.provider_name for sms in again]
    assert 10 <= chosen.count("twilio") <= 30
    assert "plivo" not in chosen


# Rate limits and waits


async def test_beyond_its_rate_limit_the_next_provider_takes_over(three: Phones):
    """Within one batch, without an attempt."""
    await three.say("twilio", rate_limit_per_minute=2)
    sent = await three.send(5)
    assert sorted(str(sms.provider_name) for sms in sent) == ["twilio"] * 2 + ["vonage"] * 3
    assert {sms.attempts for sms in sent} == {1}
    (passed, *_) = [sms for sms in sent if sms.provider_name == "vonage"]
    assert "twilio: passed over, rate limit reached until" in passed.delivery_metadata["route"][-1]
    (later,) = await three.send()
    assert "twilio: skipped, rate limit reached until" in " ".join(later.delivery_metadata["route"])


async def test_the_only_provider_is_waited_for_and_no_retry_is_used(one: Phones):
    """Nor is an attempt made or told."""
    await one.say("twilio", rate_limit_per_minute=2)
    sent = await one.send(4)
    held = [sms for sms in sent if sms.status is S.PENDING]
    assert len(held) == 2
    for sms in held:
        assert (sms.hold_reason, sms.attempts, sms.retry_count) == ("rate_limited", 0, 0)
        assert sms.scheduled_at > one.clock()
        assert await one.desk.attempts(sms) == []


async def test_a_wait_pauses_the_provider_and_not_the_queue(three: Phones):
    """In this process at once, in the others with their next look."""
    other = three.beside()
    await other.send()
    three.twilio.answers = [Unavailable("rate_limited", retry_after=60)]
    (sms,) = await three.send()
    assert (sms.status, sms.provider_name, sms.attempts) == (S.SENT, "vonage", 2)
    (routed,) = await three.send()
    assert "twilio: skipped, paused until 09:01 UTC" in routed.delivery_metadata["route"]
    three.clock.now += TWO_SECONDS
    (there,) = await other.send()
    assert there.provider_name == "vonage"
    three.clock.now += timedelta(seconds=58)
    (back,) = await three.send()
    assert back.provider_name == "twilio"


async def test_the_only_provider_that_asked_us_to_wait_is_left_alone(one: Phones):
    """Nobody else calls it before its time."""
    one.twilio.answers = [Unavailable("rate_limited", retry_after=60)]
    (first,) = await one.send()
    (second,) = await one.send()
    assert len(one.twilio.sent) == 1
    until = one.clock() + timedelta(seconds=60)
    assert [(sms.status, sms.hold_reason, sms.scheduled_at) for sms in (first, second)] == [
        (S.PENDING, "rate_limited", until)
    ] * 2
    assert (first.attempts, second.attempts, second.retry_count) == (1, 0, 0)
    one.clock.now = until
    assert [sms.status for sms in await one.run([first, second])] == [S.SENT] * 2


async def test_our_own_pace_holds_up_one_delivery_and_not_the_provider(one: Phones):
    """Others may have a turn before it."""
    one.twilio.answers = [Unavailable("own_pace", retry_after=60)]
    (first,) = await one.send()
    (second,) = await one.send()
    assert (first.status, first.hold_reason, first.retry_count) == (S.PENDING, "rate_limited", 0)
    assert second.status is S.SENT


async def test_a_failed_check_puts_a_provider_last(three: Phones):
    """It is used where nobody else is left."""
    await three.say("twilio", is_healthy=False)
    (sms,) = await three.send()
    assert sms.provider_name == "vonage"
    await three.say("vonage", is_enabled=False)
    await three.say("plivo", is_enabled=False)
    three.clock.now += TWO_SECONDS
    (last,) = await three.send()
    assert last.provider_name == "twilio"


async def test_one_switched_off_in_the_very_moment_is_not_called(three: Phones):
    """The route was made before; with nobody else the delivery is looked at again soon."""

    def switching(context: RenderContext) -> Message:
        for name in off:
            three.router.roster.learn(SMS, name, is_enabled=False)
        return plainly(context)

    three.engine, off = replace(three.engine, render=switching), ["twilio"]
    (sms,) = await three.send()
    assert (sms.provider_name, three.twilio.sent) == ("vonage", [])
    assert sms.delivery_metadata["route"][-1] == "twilio: passed over, switched off"
    off += ["vonage", "plivo"]
    three.clock.now += TWO_SECONDS
    (sms,) = await three.send()
    assert (sms.status, sms.attempts, sms.scheduled_at - three.clock()) == (S.PENDING, 0, timedelta(seconds=1))
