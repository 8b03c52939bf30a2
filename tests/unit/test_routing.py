"""From the settings to what chooses and watches providers, and what the registry is told of them."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from core.assembly import build_engine
from core.delivery.budget import Budget
from core.model import Channel, Circuit, ProviderRow
from core.parts import Parts
from core.providers.registry import Registry, build_registry
from core.routing.building import build_checks, build_weigher
from core.routing.health import Breaker
from core.routing.ranking import Strategy
from core.routing.roster import rows_of
from core.secrets import Keys
from core.settings import Settings
from scheduler.role import build_jobs, build_worker_role
from scheduler.schedule import periodic_jobs
from storage.database import Database
from tests.conftest import SteppedClock

SMS, EMAIL = Channel.SMS, Channel.EMAIL


def parts_of(database: Database, clock: SteppedClock, keys: Keys, **values: Any) -> tuple[Parts, Registry]:
    settings = Settings(
        _env_file=None, email_providers=["sendgrid:1", "sandbox:2"], sms_providers=["sandbox:4"],
        sendgrid={"api_key": SecretStr("SG.secret")}, **values,
    )  # fmt: skip
    parts = Parts(settings, keys, database, clock, Budget(25), "test")
    return parts, build_registry(settings, parts.budget, clock=clock)


async def test_the_settings_say_how_providers_are_chosen(database: Database, clock: SteppedClock, keys: Keys):
    """Strategies, shares, caps, the currency and the circuit's figures."""
    parts, registry = parts_of(
        database, clock, keys, sms_strategy="split", sms_split=["sandbox:70"], spend_caps=["sms:20"], currency="EUR",
        circuit={"min_calls": 20, "probe_after": 5}, lease_seconds=100,
    )  # fmt: skip
    engine, _ = build_engine(parts, registry)
    async with database.read() as uow:
        await engine.router.refresh(uow, clock())
    roster = engine.router.roster
    assert (roster.strategy(SMS), roster.strategy(EMAIL)) == (Strategy.SPLIT, Strategy.PRIORITY)
    (sandbox,) = roster.candidates(SMS)
    assert (sandbox.share, sandbox.currency, sandbox.priority) == (70, "EUR", 4)
    assert engine.router.spending.caps == {SMS: Decimal(20)}
    assert engine.watch.breaker == Breaker(0.5, 20, 60, 5, 3, lease=80)
    assert engine.router.limiter is parts.limiter
    await registry.close()


async def test_the_registry_is_told_of_every_provider_and_of_no_credential(
    database: Database, clock: SteppedClock, keys: Keys
):
    """The names of what is needed, never the values."""
    _, registry = parts_of(database, clock, keys)
    rows = {(row.provider_type, row.provider_name): row for row in rows_of(registry)}
    sendgrid = rows[EMAIL, "sendgrid"]
    assert sendgrid.provider_class == "core.providers.sendgrid.SendGrid"
    assert (sendgrid.credentials_required, sendgrid.priority) == (["SENDGRID_API_KEY"], 1)
    assert "webhook" in (sendgrid.supported_features or ())
    assert "SG.secret" not in repr(rows)
    assert (SMS, "sandbox") in rows
    await registry.close()


async def test_a_worker_mirrors_its_settings_before_it_delivers(database: Database, clock: SteppedClock, keys: Keys):
    """What admins said before the start is kept; what is named no more is not configured."""
    parts, registry = parts_of(database, clock, keys)
    async with database.begin() as uow:
        known = [ProviderRow("sandbox", SMS), ProviderRow("vonage", SMS, circuit_state=Circuit.OPEN)]
        await uow.providers.mirror(known, clock())
        await uow.providers.change("sandbox", SMS, {"priority_override": 9}, clock())
    worker = build_worker_role(parts, registry, None)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while not await configured(database, "sendgrid"):  # noqa: ASYNC110 - another task writes
            await asyncio.sleep(0.01)
    worker.stop()
    await running
    async with database.read() as uow:
        rows = {row.provider_name: row for row in await uow.providers.all() if row.provider_type is SMS}
    assert (rows["sandbox"].priority, rows["sandbox"].priority_override) == (4, 9)
    assert (rows["sandbox"].is_configured, rows["vonage"].is_configured) == (True, False)
    await registry.close()


async def configured(database: Database, name: str) -> bool:
    async with database.read() as uow:
        return any(row.provider_name == name and row.is_configured for row in await uow.providers.all())


async def test_checks_and_weights_are_on_the_schedule(database: Database, clock: SteppedClock, keys: Keys):
    """Every HEALTH_CHECK_SECONDS, and every minute."""
    parts, registry = parts_of(database, clock, keys, health_check_seconds=120)
    async with database.begin() as uow:
        await uow.providers.mirror([ProviderRow("in_app", Channel.IN_APP)], clock())
    table = {job.name: job for job in periodic_jobs(build_jobs(parts, registry))}
    assert (table["provider checks"].seconds, table["provider weights"].seconds) == (120, 60)
    await table["provider checks"].run()
    await table["provider weights"].run()
    async with database.read() as uow:
        (found,) = await uow.providers.health("in_app", Channel.IN_APP, 5)
    assert found.is_healthy
    await registry.close()


@pytest.mark.parametrize("build", [build_checks, lambda parts, registry: build_weigher(parts)])
async def test_with_nothing_set_up_nothing_happens(database: Database, clock: SteppedClock, keys: Keys, build: Any):
    """A fresh database has no provider."""
    parts, registry = parts_of(database, clock, keys)
    made = build(parts, registry)
    await (made.run_due() if hasattr(made, "run_due") else made.run())
    async with database.read() as uow:
        assert await uow.providers.all() == []
    await registry.close()
