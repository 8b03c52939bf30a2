"""Circuits: opened by failures, told once, tried by one call, closed by good ones; in one process and in several."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.delivery.alerts import Alert, tell_admins
from core.errors import Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.i18n import gettext as _
from core.model import Circuit, Delivery, DeliveryStatus
from core.routing.health import Breaker, Verdict, Window, verdict, waits_until
from core.secrets import Keys
from storage.database import Database
from tests.conftest import NOW, SteppedClock
from tests.delivery import never
from tests.routing import ADMIN, SMS, Phones, phones

S = DeliveryStatus
DOWN = Unavailable("unavailable")
PROBE_AFTER, TWO_SECONDS = timedelta(seconds=30), timedelta(seconds=2)


@pytest.fixture
async def three(any_database: Database, clock: SteppedClock, keys: Keys) -> Phones:
    return await phones(any_database, clock, keys)


@pytest.fixture
async def one(any_database: Database, clock: SteppedClock, keys: Keys) -> Phones:
    return await phones(any_database, clock, keys, names=["twilio"])


async def opened(found: Phones) -> list[Delivery]:
    """Four calls fail; with a minimum of four the circuit opens."""
    found.twilio.answers = [DOWN] * 4
    return await found.send(4)


async def state(found: Phones) -> Circuit:
    return (await found.row("twilio")).circuit_state


# Opening


async def test_failures_open_the_circuit_and_the_admins_hear_of_it_once(three: Phones):
    """Nobody loses anything: the next provider takes over."""
    sent = await opened(three)
    assert {sms.provider_name for sms in sent} == {"vonage"}
    row = await three.row("twilio")
    assert (row.circuit_state, row.circuit_opened_at, row.probe_at) == (Circuit.OPEN, NOW, NOW + PROBE_AFTER)
    (alert,) = await three.alerts()
    assert "twilio (SMS) fails: 4 of its last 4 calls" in alert
    (sms,) = await three.send()
    assert (sms.provider_name, sms.attempts) == ("vonage", 1)
    assert "twilio: skipped, circuit open until 09:00:30 UTC" in sms.delivery_metadata["route"]


async def test_a_few_failures_among_many_good_calls_open_nothing(three: Phones):
    """Less than half."""
    await three.send(5)
    three.twilio.answers = [DOWN] * 4
    await three.send(4)
    assert await state(three) is Circuit.CLOSED


async def test_failures_of_long_ago_open_nothing(three: Phones):
    """What happened more than a minute ago says nothing about now."""
    three.twilio.answers = [DOWN] * 3
    await three.send(3)
    three.clock.now += timedelta(seconds=61)
    three.twilio.answers = [DOWN]
    await three.send()
    assert await state(three) is Circuit.CLOSED


async def test_two_processes_that_see_it_open_one_circuit_and_tell_it_once(three: Phones):
    """The one that comes second finds it open."""
    other = three.beside()
    await asyncio.gather(three.send(1), other.send(1))
    three.twilio.answers = [DOWN] * 12
    await asyncio.gather(three.send(6), other.send(6))
    assert await state(three) is Circuit.OPEN
    assert len(await three.alerts()) == 1


async def test_another_process_goes_around_it_with_its_next_look(three: Phones):
    """Without a failure of its own."""
    other = three.beside()
    await other.send()
    await opened(three)
    calls = len(three.twilio.sent)
    three.clock.now += TWO_SECONDS
    (sms,) = await other.send()
    assert (sms.provider_name, len(three.twilio.sent)) == ("vonage", calls)


# Waiting


async def test_with_nobody_else_deliveries_wait_without_an_attempt(one: Phones):
    """No retry is used up, nothing is told: the provider fails, not the message."""
    await opened(one)
    (sms,) = await one.send()
    assert (sms.status, sms.hold_reason, sms.scheduled_at) == (S.PENDING, "circuit_open", NOW + PROBE_AFTER)
    assert (sms.attempts, sms.retry_count) == (0, 0)
    assert await one.desk.attempts(sms) == []
    one.clock.now = sms.scheduled_at
    (sms,) = await one.run([sms])
    assert (sms.status, sms.hold_reason, sms.attempts) == (S.SENT, None, 1)


async def test_what_was_perhaps_sent_waits_for_its_own_provider(three: Phones):
    """An open circuit does not set it free for another one."""
    three.twilio.answers = [Uncertain("timeout")]
    (sms,) = await three.send()
    await opened(three)
    three.clock.now += timedelta(minutes=10)
    await three.say("twilio", probe_at=three.clock() + PROBE_AFTER)
    await three.desk.sweeper.tick()
    (sms,) = await three.run([sms])
    assert (sms.status, sms.hold_reason, three.vonage.sent.count((sms.recipient, sms.idempotency_key))) == (
        S.PENDING, "circuit_open", 0,
    )  # fmt: skip


# Trying


async def test_one_call_tries_it_and_the_others_go_by_the_next(three: Phones):
    """After half a minute, in one process of all."""
    await opened(three)
    three.clock.now += PROBE_AFTER
    other, calls = three.beside(), len(three.twilio.sent)
    three.twilio.answers = [never]
    batches = await three.queue(3), await other.queue(3)
    async with asyncio.TaskGroup() as group:
        running = [
            group.create_task(process.run(batch)) for process, batch in zip((three, other), batches, strict=True)
        ]
        await asyncio.wait(running, timeout=2)
        assert len(three.twilio.sent) == calls + 1
        assert await state(three) is Circuit.HALF_OPEN
        for task in running:
            task.cancel()
    sent = [sms for sms in await three.desk.everything() if sms.provider_name == "vonage" and sms.status is S.SENT]
    assert len(sent) == 4 + 5


async def test_three_good_calls_in_a_row_close_it_and_the_admins_hear_of_it_once(three: Phones):
    """From then on it is used as before."""
    await opened(three)
    three.clock.now += PROBE_AFTER
    for expected in (Circuit.HALF_OPEN, Circuit.HALF_OPEN, Circuit.CLOSED):
        (sms,) = await three.send()
        assert (sms.provider_name, await state(three)) == ("twilio", expected)
    assert [alert.partition(" ")[0] for alert in await three.alerts()] == ["⚠️", "✅"]
    assert {sms.provider_name for sms in await three.send(3)} == {"twilio"}


async def test_a_bad_call_opens_it_again_and_nobody_is_told_twice(three: Phones):
    """And the count of good ones begins anew."""
    await opened(three)
    three.clock.now += PROBE_AFTER
    await three.send()
    three.twilio.answers = [DOWN]
    (sms,) = await three.send()
    row = await three.row("twilio")
    assert (sms.provider_name, row.circuit_state, row.probe_successes) == ("vonage", Circuit.OPEN, 0)
    assert row.probe_at == three.clock() + PROBE_AFTER
    (sms,) = await three.send()
    assert sms.provider_name == "vonage"
    assert len(await three.alerts()) == 1


async def test_a_trying_call_that_says_nothing_leaves_it_to_the_next(three: Phones):
    """A wait that it names is no failure."""
    await opened(three)
    three.clock.now += PROBE_AFTER
    three.twilio.answers = [Unavailable("rate_limited")]
    await three.send()
    assert await state(three) is Circuit.HALF_OPEN
    (sms,) = await three.send()
    assert sms.provider_name == "twilio"


async def test_a_process_that_died_while_trying_holds_nobody_up_for_long(three: Phones):
    """Its claim ends, and the next call tries."""
    await opened(three)
    three.clock.now += PROBE_AFTER
    async with three.desk.database.begin() as uow:
        until = three.clock() + timedelta(seconds=60)
        assert await uow.providers.take_probe("twilio", SMS, three.clock(), until)
    (before,) = await three.send()
    three.clock.now += timedelta(seconds=61)
    (after,) = await three.send()
    assert (before.provider_name, after.provider_name) == ("vonage", "twilio")


async def test_each_admin_reads_an_alert_in_their_language_and_once(three: Phones):
    """Whichever process comes first."""
    alert = Alert("trouble", lambda: _("waiting"))
    async with three.desk.database.begin() as uow:
        admin = await uow.users.by_telegram(ADMIN)
        assert admin
        await uow.users.prefer(admin.user.id, {"language": "fr"}, NOW)
        for _again in range(2):
            await tell_admins(uow, [ADMIN], [alert], now=NOW, keys=three.desk.keys)
    assert await three.alerts() == ["en attente"]


# The decisions


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, Verdict.GOOD),
        (Refused("invalid_address", hard=True), Verdict.GOOD),
        (Unavailable("connect"), Verdict.BAD),
        (Unavailable("unavailable", retry_after=5), Verdict.BAD),
        (Unavailable("rate_limited", retry_after=5), Verdict.NEITHER),
        (Unavailable("own_pace", retry_after=5), Verdict.NEITHER),
        (Uncertain("timeout"), Verdict.BAD),
        (Misconfigured("unauthorized"), Verdict.BAD),
        (Misconfigured("http_400"), Verdict.NEITHER),
    ],
)
def test_what_a_call_says_about_its_provider(error: SendError | None, said: Verdict):
    """A refused address proves that it works; a wait is nobody's fault."""
    assert verdict(error) is said


@given(st.lists(st.tuples(st.floats(0, 600), st.booleans()), max_size=300), st.floats(0, 700))
def test_a_window_counts_the_last_minute(calls: list[tuple[float, bool]], later: float):
    """To within a second, and with bounded memory."""
    window = Window(60)
    calls.sort()
    for at, is_bad in calls:
        window.add(NOW + timedelta(seconds=at), is_bad=is_bad)
    end = max(later, calls[-1][0] if calls else 0)
    total, bad = window.counts(NOW + timedelta(seconds=end))
    surely = [is_bad for at, is_bad in calls if at > end - 59]
    perhaps = [is_bad for at, is_bad in calls if at >= end - 61]
    assert len(surely) <= total <= len(perhaps)
    assert sum(surely) <= bad <= sum(perhaps)
    assert len(window._slots) <= 62


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_circuit_opens_at_half_of_at_least_ten(calls: int, failures: int):
    """Never by fewer, and always by that many."""
    failures = min(failures, calls)
    assert Breaker().trips(calls, failures) == (calls >= 10 and failures * 2 >= calls)


def test_until_when_a_circuit_keeps_calls_away():
    """While one call tries it, the others look again soon."""
    later = NOW + timedelta(seconds=30)
    assert waits_until(Circuit.CLOSED, later, NOW) is None
    assert waits_until(Circuit.OPEN, later, NOW) == later
    assert waits_until(Circuit.OPEN, NOW, NOW) is None
    assert waits_until(Circuit.HALF_OPEN, later, NOW) == NOW + timedelta(seconds=5)
