"""Requests for access on both databases: who is asked, and whose answer counts."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.accounts.access import AccessPolicy, Admission
from core.accounts.accounts import Accounts
from core.errors import NotFound
from core.model import Access, Account, Kind
from core.secrets import Keys
from storage.database import Database
from storage.tables import notification_deliveries, notifications
from tests.conftest import SteppedClock

ROOT, SUPER, ADA = 1, 2, 7


class Door:
    """Accounts and admission under one policy, and what was queued for whom."""

    def __init__(self, database: Database, clock: SteppedClock, keys: Keys, mode: Any) -> None:
        policy = AccessPolicy.made_of(mode, [], [ROOT, SUPER])
        self.database, self.clock = database, clock
        self.accounts = Accounts(database, clock, keys, policy)
        self.admission = Admission(database, clock, keys, policy)

    async def told(self, kind: Kind) -> list[str]:
        """The chats that were told."""
        both = select(notification_deliveries.c.recipient).join_from(notifications, notification_deliveries)
        async with self.database.read() as uow:
            rows = await uow.connection.execute(both.where(notifications.c.kind == kind))
            return sorted(row[0] for row in rows)

    async def arrive(self, telegram_id: int) -> Account:
        return await self.accounts.arrive(telegram_id, f"Somebody {telegram_id}")


@pytest.fixture
def door(any_database: Database, clock: SteppedClock, keys: Keys) -> Door:
    return Door(any_database, clock, keys, "approve")


async def test_admins_are_asked_once_about_a_newcomer(door: Door):
    """However often the newcomer writes."""
    await door.arrive(ROOT)
    await door.arrive(SUPER)
    for _message in range(3):
        refusal = await door.admission.refusal(await door.arrive(ADA))
        assert refusal is not None
        assert "An admin has to let you in" in refusal.message
    assert await door.told(Kind.ACCESS_REQUEST) == ["1", "2"]


async def test_an_admin_who_comes_later_sees_who_waits(door: Door):
    """A bot can't write first, so the first /start brings the cards."""
    await door.admission.refusal(await door.arrive(ADA))
    assert await door.told(Kind.ACCESS_REQUEST) == []
    for _start in range(2):
        await door.admission.welcome_admin(await door.arrive(ROOT))
    assert await door.told(Kind.ACCESS_REQUEST) == ["1"]
    await door.admission.welcome_admin(await door.arrive(ADA))
    assert await door.told(Kind.ACCESS_REQUEST) == ["1"]


@pytest.mark.parametrize(("allow", "access"), [(True, Access.ALLOWED), (False, Access.DENIED)])
async def test_the_first_answer_counts_and_is_told(door: Door, allow: bool, access: Access):
    """The second admin sees what the first one decided."""
    root, other, ada = await door.arrive(ROOT), await door.arrive(SUPER), await door.arrive(ADA)
    first = await door.admission.decide(root, ada.user.id, allow=allow)
    second = await door.admission.decide(other, ada.user.id, allow=not allow)
    assert (first.access, first.is_new) == (access, True)
    assert (second.access, second.is_new) == (access, False)
    assert await door.told(Kind.ACCESS_DECIDED) == ["7"]
    assert (await door.arrive(ADA)).user.access is access


async def test_two_answers_at_the_same_moment_are_one(door: Door):
    """The person hears one word."""
    root, other, ada = await door.arrive(ROOT), await door.arrive(SUPER), await door.arrive(ADA)
    decisions = await asyncio.gather(
        door.admission.decide(root, ada.user.id, allow=True), door.admission.decide(other, ada.user.id, allow=False)
    )
    assert sorted(decision.is_new for decision in decisions) == [False, True]
    assert len({decision.access for decision in decisions}) == 1
    assert len(await door.told(Kind.ACCESS_DECIDED)) == 1


async def test_only_admins_decide(door: Door):
    """A forged press changes nothing."""
    ada, eve = await door.arrive(ADA), await door.arrive(8)
    for user_id in (ada.user.id, eve.user.id):
        with pytest.raises(NotFound):
            await door.admission.decide(eve, user_id, allow=True)
    assert (await door.arrive(8)).user.access is Access.REQUESTED


async def test_a_request_of_somebody_who_left_is_gone(door: Door):
    """They erased themselves while waiting."""
    with pytest.raises(NotFound):
        await door.admission.decide(await door.arrive(ROOT), 999, allow=True)


async def test_a_denied_person_is_answered_once_a_day(door: Door):
    """Enough to know, too little to make the bot a toy."""
    root, ada = await door.arrive(ROOT), await door.arrive(ADA)
    await door.admission.decide(root, ada.user.id, allow=False)
    ada = await door.arrive(ADA)
    answers = [await door.admission.refusal(ada) for _message in range(2)]
    assert [answer is not None for answer in answers] == [True, False]
    door.clock.now += timedelta(days=1, seconds=1)
    assert await door.admission.refusal(ada) is not None


@pytest.mark.parametrize("mode", ["open", "list"])
async def test_nobody_is_asked_where_no_approval_is_needed(
    any_database: Database, clock: SteppedClock, keys: Keys, mode: str
):
    """The list is the operator's answer, the open door too."""
    door = Door(any_database, clock, keys, mode)
    root = await door.arrive(ROOT)
    refusal = await door.admission.refusal(await door.arrive(ADA))
    assert (refusal is None) == (mode == "open")
    assert await door.admission.refusal(root) is None
    assert await door.told(Kind.ACCESS_REQUEST) == []
