"""`provider_registry` and `provider_health_metrics`: what is known of providers, shared by every process.

What only one process may do (open or close a circuit, try an open one, check, move a weight) is one statement that says
what it believes the row to be; where it changes nothing, another process was first.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, insert, not_, or_, select, tuple_, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Calls, Channel, Circuit, HealthMetric, ProviderRow, Rates
from storage.sql import insert_new
from storage.tables import delivery_logs as logs
from storage.tables import notification_deliveries as deliveries
from storage.tables import provider_health_metrics as metrics
from storage.tables import provider_registry as table

Key = tuple[Channel, str]
ROW = tuple(table.c[field.name] for field in fields(ProviderRow))
METRIC = tuple(metrics.c[field.name] for field in fields(HealthMetric))
MIRRORED = (
    "provider_name", "provider_type", "provider_class", "priority", "is_configured", "supported_features",
    "credentials_required",
)  # fmt: skip
PLAIN = ("provider_class", "priority", "is_configured")  # of these: what can be compared everywhere
ACCEPTED, AGAIN = "delivered", ("retried", "unknown")  # words of `delivery_logs`: taken; the provider's fault for sure


class ProvidersTable:
    """By channel and name."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> list[ProviderRow]:
        """Every provider there has ever been, by channel and the settings' priority."""
        statement = select(*ROW).order_by(table.c.provider_type, table.c.priority, table.c.provider_name)
        return [_provider(row) for row in await self._connection.execute(statement)]

    async def one(self, name: str, channel: Channel) -> ProviderRow | None:
        """A provider, held until the end of the transaction; None where there has never been one of that name."""
        statement = select(*ROW).where(_is(name, channel)).with_for_update()
        row = (await self._connection.execute(statement)).first()
        return _provider(row) if row else None

    async def mirror(self, rows: Sequence[ProviderRow], now: datetime) -> None:
        """Write down what the settings name today; whatever else is there is not configured any more. What admins have
        said and what has been learnt stays."""
        for row in rows:
            named = {name: getattr(row, name) for name in MIRRORED}
            fresh = named | {"is_enabled": True, "is_healthy": True, "created_at": now, "updated_at": now}
            added = insert_new(self._connection, table).values(fresh).returning(table.c.id)
            if await self._connection.scalar(added) is None:
                written = None if row.supported_features is None else json.dumps([*row.supported_features])
                features = cast(table.c.supported_features, String).is_distinct_from(written)
                changed = or_(features, *(table.c[name].is_distinct_from(named[name]) for name in PLAIN))
                mine = and_(_is(row.provider_name, row.provider_type), changed)
                await self._connection.execute(update(table).where(mine).values(named | {"updated_at": now}))
        gone = not_(tuple_(table.c.provider_name, table.c.provider_type).in_(_names(rows)))
        await self._set(and_(gone, table.c.is_configured), now, is_configured=False)

    async def change(self, name: str, channel: Channel, values: Mapping[str, Any], now: datetime) -> bool:
        """Set some columns; whether there is such a provider."""
        return await self._set(_is(name, channel), now, **values)

    async def open_circuit(self, name: str, channel: Channel, now: datetime, probe_at: datetime) -> bool:
        """Leave a provider alone until `probe_at`. True for the one process that opened the closed circuit."""
        mine = and_(_is(name, channel), table.c.circuit_state == Circuit.CLOSED)
        return await self._set(
            mine, now, circuit_state=Circuit.OPEN, circuit_opened_at=now, probe_at=probe_at, probe_successes=0
        )

    async def take_probe(self, name: str, channel: Channel, now: datetime, until: datetime) -> bool:
        """Claim the one call that may try an open circuit now; nobody else gets one before `until`."""
        due = and_(_is(name, channel), table.c.circuit_state != Circuit.CLOSED, table.c.probe_at <= now)
        return await self._set(due, now, circuit_state=Circuit.HALF_OPEN, probe_at=until)

    async def probed(
        self, name: str, channel: Channel, now: datetime, *, is_good: bool | None, probe_at: datetime
    ) -> int:
        """Note how a trying call went, and when the next one may; how many in a row have gone well. A bad one opens the
        circuit again; None says nothing either way. What comes after the circuit has moved on changes nothing."""
        trying = and_(_is(name, channel), table.c.circuit_state == Circuit.HALF_OPEN)
        values: dict[str, Any] = {"probe_at": probe_at, "updated_at": now}
        if is_good:
            values["probe_successes"] = table.c.probe_successes + 1
        elif is_good is False:
            values |= {"circuit_state": Circuit.OPEN, "probe_successes": 0}
        statement = update(table).where(trying).values(values).returning(table.c.probe_successes)
        return await self._connection.scalar(statement) or 0

    async def close_circuit(self, name: str, channel: Channel, now: datetime) -> bool:
        """Use a provider again. True for the one process that closed the circuit."""
        trying = and_(_is(name, channel), table.c.circuit_state != Circuit.CLOSED)
        return await self._set(
            trying, now, circuit_state=Circuit.CLOSED, circuit_opened_at=None, probe_at=None, probe_successes=0
        )

    async def pause(self, name: str, channel: Channel, until: datetime, now: datetime) -> None:
        """Leave a provider alone until then, or longer where that is known already."""
        sooner = or_(table.c.paused_until.is_(None), table.c.paused_until < until)
        await self._set(and_(_is(name, channel), sooner), now, paused_until=until)

    async def reweigh(
        self, name: str, channel: Channel, weight: Decimal, now: datetime, *, was_changed_at: datetime | None
    ) -> bool:
        """Set the weight, unless it was changed since it was read."""
        unchanged = table.c.weight_changed_at.is_not_distinct_from(was_changed_at)
        return await self._set(and_(_is(name, channel), unchanged), now, weight=weight, weight_changed_at=now)

    async def take_check(self, name: str, channel: Channel, now: datetime, before: datetime) -> bool:
        """Claim the active check of a provider whose last one is not younger than `before`."""
        due = or_(table.c.last_health_check.is_(None), table.c.last_health_check <= before)
        return await self._set(and_(_is(name, channel), due), now, last_health_check=now)

    async def add_health(self, found: Sequence[HealthMetric], rates: Mapping[Key, Rates], now: datetime) -> None:
        """Keep what checks found, and how the providers stand now. `rates` are by channel and name."""
        if not found:
            return
        names = [field.name for field in fields(HealthMetric)]
        await self._connection.execute(
            insert(metrics), [{name: getattr(one, name) for name in names} | {"created_at": now} for one in found]
        )
        for one in found:
            known = rates.get((one.provider_type, one.provider_name), Rates())
            await self._set(
                _is(one.provider_name, one.provider_type), now, is_healthy=one.is_healthy,
                last_health_check=one.health_check_timestamp, success_rate=known.per_cent, latency_ms=known.latency_ms,
            )  # fmt: skip

    async def health(self, name: str, channel: Channel, limit: int) -> list[HealthMetric]:
        """The newest checks of a provider, the latest first."""
        mine = and_(metrics.c.provider_name == name, metrics.c.provider_type == channel)
        newest = metrics.c.health_check_timestamp.desc()
        rows = await self._connection.execute(select(*METRIC).where(mine).order_by(newest).limit(limit))
        return [_metric(row) for row in rows]

    async def calls(self, since: datetime, faults: Collection[str], waits: Collection[str]) -> dict[Key, Calls]:
        """How calls have gone since then, by channel and name, over all providers by one query. `faults` are the error
        codes that a provider is to blame for; those of `waits` count neither way."""
        blame = or_(logs.c.status.in_(AGAIN), and_(logs.c.status != ACCEPTED, logs.c.error_code.in_(faults)))
        counted = and_(
            logs.c.created_at >= since,
            logs.c.duration_ms.is_not(None),  # a call; reports have none
            func.coalesce(logs.c.error_code, "").not_in(waits),
        )
        good, mean = func.sum(case((blame, 0), else_=1)), func.avg(logs.c.duration_ms)
        statement = select(logs.c.channel, logs.c.provider_name, func.count(), good, mean).where(counted)
        rows = await self._connection.execute(statement.group_by(logs.c.channel, logs.c.provider_name))
        return {(Channel(row[0]), row[1] or ""): Calls(row[2], int(row[3]), float(row[4])) for row in rows}

    async def spent(self, since: datetime) -> dict[Key, Decimal]:
        """What was paid for what was taken since then, by channel and name."""
        total = func.sum(deliveries.c.cost_per_message)
        statement = select(deliveries.c.delivery_type, deliveries.c.provider_name, total)
        paid = and_(
            deliveries.c.provider_name.in_(select(table.c.provider_name)),  # what the index begins with
            deliveries.c.sent_at >= since,
            deliveries.c.cost_per_message.is_not(None),
        )
        grouped = statement.where(paid).group_by(deliveries.c.delivery_type, deliveries.c.provider_name)
        return {(Channel(row[0]), row[1]): Decimal(row[2]) for row in await self._connection.execute(grouped)}

    async def _set(self, where: ColumnElement[bool], now: datetime, **values: Any) -> bool:
        statement = update(table).where(where).values(values | {"updated_at": now})
        return bool((await self._connection.execute(statement)).rowcount)


def _is(name: str, channel: Channel) -> ColumnElement[bool]:
    return and_(table.c.provider_name == name, table.c.provider_type == channel)


def _names(rows: Sequence[ProviderRow]) -> list[tuple[str, str]]:
    return [(row.provider_name, row.provider_type.value) for row in rows]


def _provider(row: Row[Any]) -> ProviderRow:
    named = dict(row._mapping)
    named |= {"provider_type": Channel(row.provider_type), "circuit_state": Circuit(row.circuit_state)}
    return ProviderRow(**named)


def _metric(row: Row[Any]) -> HealthMetric:
    return HealthMetric(**dict(row._mapping) | {"provider_type": Channel(row.provider_type)})
