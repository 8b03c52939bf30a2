"""The registry of providers on both databases: what is mirrored and kept, and what only one process gets."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.model import Attempt, Calls, Channel, Circuit, DeliveryStatus, HealthMetric, Kind, ProviderRow, Rates
from core.routing.health import FAULTS, WAITS
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.delivery import a_desk

SMS, EMAIL = Channel.SMS, Channel.EMAIL
TWILIO = ProviderRow(
    "twilio", SMS, "Twilio", supported_features=["webhook"], credentials_required=["TWILIO_AUTH_TOKEN"]
)
VONAGE = ProviderRow("vonage", SMS, "Vonage", priority=2)
LATER = NOW + timedelta(seconds=30)


@pytest.fixture
async def registry(any_database: Database) -> Database:
    """Two providers of SMS."""
    await mirrored(any_database, TWILIO, VONAGE)
    return any_database


async def mirrored(database: Database, *rows: ProviderRow) -> None:
    async with database.begin() as uow:
        await uow.providers.mirror(rows, NOW)


async def row_of(database: Database, name: str = "twilio") -> ProviderRow:
    async with database.begin() as uow:
        row = await uow.providers.one(name, SMS)
    assert row
    return row


async def test_what_the_settings_name_is_mirrored(registry: Database):
    """By channel and priority, with what is needed to show it."""
    async with registry.read() as uow:
        rows = await uow.providers.all()
    assert [replace(row, id=0) for row in rows] == [TWILIO, VONAGE]


async def test_a_provider_that_has_learnt_something_is_mirrored_anew(registry: Database):
    """A newer program may know how to read its reports; nothing else of its row has changed."""
    await mirrored(registry, replace(TWILIO, supported_features=["webhook", "reports_arrival"]), VONAGE)
    assert (await row_of(registry)).supported_features == ["webhook", "reports_arrival"]


async def test_what_admins_said_outlives_a_start(registry: Database):
    """The settings' own columns change; a provider that is named no more is kept, but not configured."""
    said = {
        "priority_override": 7,
        "is_enabled": False,
        "cost_per_message": Decimal("0.0079"),
        "prices": {"FR": "0.065"},
    }
    async with registry.begin() as uow:
        assert await uow.providers.change("twilio", SMS, said, NOW)
    await mirrored(registry, replace(TWILIO, priority=3))
    twilio, vonage = await row_of(registry), await row_of(registry, "vonage")
    assert (twilio.priority, twilio.priority_override, twilio.is_enabled) == (3, 7, False)
    assert (twilio.cost_per_message, twilio.prices) == (Decimal("0.0079"), {"FR": "0.065"})
    assert (twilio.is_configured, vonage.is_configured) == (True, False)
    await mirrored(registry)
    assert not (await row_of(registry)).is_configured


async def test_a_provider_nobody_knows_is_not_changed(registry: Database):
    """And nothing is made up."""
    async with registry.begin() as uow:
        assert not await uow.providers.change("mailgun", SMS, {"is_enabled": False}, NOW)
        assert await uow.providers.one("mailgun", SMS) is None


async def test_of_many_processes_one_opens_a_circuit(registry: Database):
    """So that the admins hear of it once."""

    async def opened() -> bool:
        async with registry.begin() as uow:
            return await uow.providers.open_circuit("twilio", SMS, NOW, LATER)

    assert sorted(await asyncio.gather(*(opened() for _ in range(5)))) == [False] * 4 + [True]
    row = await row_of(registry)
    assert (row.circuit_state, row.circuit_opened_at, row.probe_at) == (Circuit.OPEN, NOW, LATER)
    assert (await row_of(registry, "vonage")).circuit_state is Circuit.CLOSED


async def test_of_many_processes_one_tries_an_open_circuit(registry: Database):
    """Not before its time; and the next one where nothing was heard of the first."""
    lease = LATER + timedelta(seconds=60)

    async def taken(now=LATER) -> bool:
        async with registry.begin() as uow:
            return await uow.providers.take_probe("twilio", SMS, now, lease)

    assert not await taken()  # closed
    async with registry.begin() as uow:
        await uow.providers.open_circuit("twilio", SMS, NOW, LATER)
    assert not await taken(NOW)
    assert sorted(await asyncio.gather(*(taken() for _ in range(5)))) == [False] * 4 + [True]
    assert (await row_of(registry)).circuit_state is Circuit.HALF_OPEN
    assert await taken(lease)


async def test_good_probes_are_counted_and_a_bad_one_begins_anew(registry: Database):
    """What comes after the circuit has closed says nothing."""
    async with registry.begin() as uow:
        providers = uow.providers
        await providers.open_circuit("twilio", SMS, NOW, NOW)
        await providers.take_probe("twilio", SMS, NOW, LATER)
        assert await providers.probed("twilio", SMS, NOW, is_good=True, probe_at=NOW) == 1
        assert await providers.probed("twilio", SMS, NOW, is_good=True, probe_at=NOW) == 2
        assert await providers.probed("twilio", SMS, NOW, is_good=False, probe_at=LATER) == 0
        opened = await providers.one("twilio", SMS)
        assert opened
        assert (opened.circuit_state, opened.probe_at) == (Circuit.OPEN, LATER)
        assert [await providers.close_circuit("twilio", SMS, NOW) for _ in range(2)] == [True, False]
        assert await providers.probed("twilio", SMS, NOW, is_good=False, probe_at=LATER) == 0
    row = await row_of(registry)
    assert (row.circuit_state, row.circuit_opened_at, row.probe_at) == (Circuit.CLOSED, None, None)


async def test_a_pause_is_only_ever_made_longer(registry: Database):
    """Two answers of the same second name different waits."""
    async with registry.begin() as uow:
        await uow.providers.pause("twilio", SMS, LATER, NOW)
        await uow.providers.pause("twilio", SMS, NOW, NOW)
    assert (await row_of(registry)).paused_until == LATER


async def test_a_weight_moves_once_for_what_two_have_seen(registry: Database):
    """Both looked at the same minute."""
    async with registry.begin() as uow:
        moves = [
            await uow.providers.reweigh("twilio", SMS, Decimal("0.7"), NOW, was_changed_at=None) for _ in range(2)
        ]  # fmt: skip
        again = await uow.providers.reweigh("twilio", SMS, Decimal("0.49"), LATER, was_changed_at=NOW)
    assert (moves, again) == ([True, False], True)
    row = await row_of(registry)
    assert (row.weight, row.weight_changed_at) == (Decimal("0.49"), LATER)


async def test_a_check_is_made_by_one_process_in_its_time(registry: Database):
    """And what it found stands with the provider."""
    minute_ago, found = NOW - timedelta(seconds=60), HealthMetric(
        "twilio", SMS, NOW, False, 230, "timeout", "", Decimal("99.25"), None, Decimal("98.50"), Decimal("0.0079"), 12
    )  # fmt: skip
    async with registry.begin() as uow:
        assert [await uow.providers.take_check("twilio", SMS, NOW, minute_ago) for _ in range(2)] == [True, False]
        assert await uow.providers.take_check("twilio", SMS, LATER, NOW)
        await uow.providers.add_health([found, replace(found, provider_name="vonage", is_healthy=True)], {}, NOW)
        rates = {(SMS, "twilio"): Rates(day=Calls(3, 2, 230.4))}
        await uow.providers.add_health([replace(found, health_check_timestamp=LATER)], rates, NOW)
        newest, oldest = await uow.providers.health("twilio", SMS, 5)
        assert (newest.health_check_timestamp, oldest) == (LATER, found)
    twilio, vonage = await row_of(registry), await row_of(registry, "vonage")
    assert (twilio.is_healthy, vonage.is_healthy, twilio.last_health_check) == (False, True, LATER)
    assert (twilio.success_rate, twilio.latency_ms, vonage.success_rate) == (Decimal("66.67"), 230, None)


async def test_how_calls_went_is_counted_by_provider(any_database: Database, clock: SteppedClock, keys):
    """A refused address is no fault of the provider's, a wait it named counts neither way, and reports are no calls."""
    desk = a_desk(any_database, clock, keys, await saved(any_database, an_account()))
    (mail,) = await desk.queue(Kind.APPROVED)
    calls = [
        ("smtp", "delivered", None, 100), ("smtp", "failed", "invalid_address", 300),
        ("smtp", "retried", "connect", 800), ("smtp", "unknown", "timeout", 2000), ("smtp", "failed", "timeout", 800),
        ("smtp", "retried", "rate_limited", 9), ("smtp", "retried", "own_pace", 9),
        ("smtp", "delivered", None, None), ("sendgrid", "delivered", None, 50),
    ]  # fmt: skip
    rows = [
        Attempt(mail.id, EMAIL, status, NOW, provider_name=name, error_code=code, duration_ms=ms)
        for name, status, code, ms in calls
    ]
    async with any_database.begin() as uow:
        await uow.deliveries.add_logs([*rows, replace(rows[0], created_at=NOW - timedelta(hours=2))])
        found = await uow.providers.calls(NOW - timedelta(hours=1), FAULTS, WAITS)
    assert found == {(EMAIL, "smtp"): Calls(5, 2, 800.0), (EMAIL, "sendgrid"): Calls(1, 1, 50.0)}


async def test_what_was_paid_is_summed_by_channel_and_provider(any_database: Database, clock: SteppedClock, keys):
    """To the last digit; of what was not taken nothing is paid."""
    desk = a_desk(any_database, clock, keys, await saved(any_database, an_account()))
    await mirrored(any_database, ProviderRow("smtp", EMAIL))
    mails = [one for number in range(3) for one in await desk.queue(key=f"post:{number}:v1")]
    async with any_database.begin() as uow:
        took = {"provider_name": "smtp", "status": DeliveryStatus.SENT, "cost_per_message": Decimal("0.100001")}
        times = (NOW, NOW, NOW - timedelta(days=1))
        paid = [
            replace(one, id=0, idempotency_key=f"paid:{one.id}", sent_at=at, **took)
            for one, at in zip(mails, times, strict=True)
        ]
        await uow.deliveries.add(paid)
        found = await uow.providers.spent(NOW)
    assert found == {(EMAIL, "smtp"): Decimal("0.200002")}
