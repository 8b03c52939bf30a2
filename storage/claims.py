"""What the relays ask: which deliveries are due, and a lease on them.

One partial index answers all of it, however many rows the table has: (priority, scheduled_at, id) of what is pending.
Each priority is a range of its own in that index, and a later one is only looked at for what the earlier ones leave of
the limit. What a statement says about the status and the priority stands in it as it is, not as a bound value: a plan
that is kept for all values can use a partial index only then.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    Update,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import LEASED, Priority
from storage.sql import DIALECTS
from storage.tables import notification_deliveries as table
from storage.types import UtcDateTime

Priorities = tuple[Priority, ...]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (ANALYZE, BUFFERS)"}


@cache
def claim(priorities: Priorities, limit: int) -> Update:
    """Lease up to `limit` of what is due at :now to :by until :until; rows of (id, scheduled_at, priority). Rows that
    another relay is claiming just now are passed over."""
    due: list[CTE] = []
    for priority in priorities:
        due.append(_due(priority, due, literal_column(str(int(limit)), Integer)))
    chosen = union_all(*(select(one.c.id) for one in due))
    return (
        update(table)
        .where(table.c.id.in_(chosen))
        .values(leased_until=bindparam("until", type_=UtcDateTime), leased_by=bindparam("by"))
        .returning(table.c.id, table.c.scheduled_at, table.c.priority)
    )


@cache
def any_due(priorities: Priorities) -> Select[Any]:
    """Whether anything is due at :now. Takes no lock."""
    return select(or_(*(_first(_is_due(priority)).is_not(None) for priority in priorities)))


@cache
def next_times(priorities: Priorities) -> Select[Any]:
    """For each priority the time of the earliest that nobody holds, or null."""
    free = [and_(_waits(priority), table.c.leased_until.is_(None)) for priority in priorities]
    return select(*(_first(one).label(f"next_{number}") for number, one in enumerate(free)))


def _due(priority: Priority, before: Sequence[CTE], limit: ColumnElement[int]) -> CTE:
    """What is left of the limit stands around the limit itself: of a room that it would have to count first,
    PostgreSQL expects a tenth of all that is due, and then sorts a backlog instead of reading the index in its order.
    Rows are locked as they are taken, so none beyond the room."""
    room = limit
    for one in before:
        room = room - select(func.count()).select_from(one).scalar_subquery()
    first = (
        select(table.c.id)
        .where(_is_due(priority))
        .order_by(table.c.scheduled_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    return select(first.c.id).limit(room).cte(f"due_{priority.name.lower()}")


def _is_due(priority: Priority) -> ColumnElement[bool]:
    now = bindparam("now", type_=UtcDateTime)
    return and_(_waits(priority), table.c.scheduled_at <= now, is_free(now))


def _waits(priority: Priority) -> ColumnElement[bool]:
    is_pending = table.c.status == literal_column("'pending'")
    return and_(is_pending, table.c.priority == literal_column(str(int(priority))))


def is_free(now: Any) -> ColumnElement[bool]:
    """Nobody holds it."""
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)


def _first(which: ColumnElement[bool]) -> ScalarSelect[Any]:
    """The time of the earliest of them. In their order, so that the index serves: any of them would do for a look at
    whether there is one, and then another index may seem as good and not be."""
    first = select(table.c.scheduled_at).where(which).order_by(table.c.scheduled_at).limit(literal_column("1"))
    return first.scalar_subquery()


async def claim_plan(connection: AsyncConnection, now: datetime, limit: int = 100) -> str:
    """How the database finds what is due and leases it, a line for each step; on PostgreSQL with times and pages, as
    it really went. Nothing stays leased."""
    name = connection.dialect.name
    compiled = claim(LEASED, limit).compile(dialect=DIALECTS[name].dialect(paramstyle="named"))
    times = [bindparam(key, type_=UtcDateTime) for key in ("until", "now")]
    written = str(compiled).replace("::", " ::")  # else a cast is no part of the name before it
    asked = text(f"{EXPLAIN[name]} {written}").bindparams(*times)
    values = {"until": now + timedelta(minutes=1), "by": "plan", "now": now}
    async with connection.begin_nested() as tried:
        rows = (await connection.execute(asked, {**compiled.params, **values})).all()
        await tried.rollback()
    return "\n".join(str(row[-1]) for row in rows)
