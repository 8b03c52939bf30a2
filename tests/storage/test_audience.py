"""Who a broadcast is for, on both databases: counted and read by the same conditions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.accounts.access import AccessPolicy
from core.batches.audience import SEGMENTS, audience_of
from core.model import Access, Account, Channel, NotificationType, Post, PostState, Rule, UserAddress
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW

ADMIN = 9001


class People:
    """Users with what tells them apart."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self.database, self.keys, self.names = database, keys, dict[int, str]()

    async def add(self, name: str, **values: Any) -> Account:
        values = {"email": None, "username": name, "telegram_id": 5000 + len(self.names)} | values
        account = await saved(self.database, an_account(name=name, public_id=name, **values))
        self.names[account.user.id] = name
        return account

    async def rule(self, account: Account, channel: Channel | None, is_enabled: bool) -> None:
        async with self.database.begin() as uow:
            rule = Rule(NotificationType.ANNOUNCEMENTS, channel, is_enabled=is_enabled)
            await uow.rules.set(account.user.id, rule, NOW)

    async def phone(self, account: Account, channel: Channel = Channel.SMS) -> None:
        async with self.database.begin() as uow:
            address = UserAddress(0, account.user.id, channel, f"+1415555{account.user.id:04}", "", NOW)
            await uow.addresses.add(address, self.keys.address_hash(channel, address.address))

    async def of(self, segment: str, channel: Channel | None = None, **policy: Any) -> set[str]:
        """Who belongs to a segment; reading and counting agree."""
        made = AccessPolicy.made_of(policy.get("mode", "open"), policy.get("listed", []), [ADMIN])
        audience = audience_of(segment, made, NOW, channel)
        async with self.database.read() as uow:
            found = await uow.audience.page(audience, 0, 100)
            assert await uow.audience.count([audience]) == [len(found)]
            assert await uow.audience.last(audience) == max((one.user.id for one in found), default=0)
        return {self.names[one.user.id] for one in found}


@pytest.fixture
def people(any_database: Database, keys: Keys) -> People:
    return People(any_database, keys)


async def test_everybody_is_who_may_use_the_bot_today(people: People):
    """As ACCESS says today, whatever it said when they came; who blocked the bot is not written to."""
    await people.add("ada")
    await people.add("grace", access=Access.REQUESTED)
    await people.add("eve", access=Access.DENIED)
    await people.add("bob", blocked_at=NOW)
    await people.add("root", telegram_id=ADMIN, access=Access.REQUESTED)
    assert await people.of("all") == {"ada", "grace", "root"}
    assert await people.of("all", mode="approve") == {"ada", "root"}
    assert await people.of("all", mode="list", listed=["@Eve"]) == {"eve", "root"}
    assert await people.of("admins") == {"root"}


async def test_by_language_and_by_an_address(people: People):
    """What the settings say."""
    await people.add("ada", language="fr", email="ada@example.org")
    await people.add("grace")
    assert await people.of("language:fr") == {"ada"}
    assert await people.of("language:en") == {"grace"}
    assert await people.of("email") == {"ada"}


async def test_active_is_who_came_wrote_or_changed_something(people: People):
    """In the last days before it was asked for."""
    old = NOW - timedelta(days=60)
    for name in ("new", "wrote", "changed", "quiet"):
        account = await people.add(name, created_at=NOW if name == "new" else old)
        async with people.database.begin() as uow:
            if name == "changed":
                await uow.audit.write(account.user.id, "settings.language", NOW - timedelta(days=10))
            if name == "wrote":
                at = NOW - timedelta(days=3)
                await uow.posts.add(Post(0, account.user.id, "an idea", PostState.DRAFT, "en", 0, at, at))
    assert await people.of("active:7") == {"new", "wrote"}
    assert await people.of("active:30") == {"new", "wrote", "changed"}


async def test_a_channel_narrows_it_to_whom_it_reaches_and_who_wants_it(people: People):
    """SMS costs money and comes only to those who have switched it on."""
    ada = await people.add("ada", email="ada@example.org")
    await people.add("off", email="off@example.org", receive_email_notifications=False)
    asked = await people.add("asked", email="asked@example.org", receive_email_notifications=False)
    for account in (ada, asked):
        await people.phone(account)
    assert await people.of("all", Channel.EMAIL) == {"ada"}
    assert await people.of("all", Channel.SMS) == set()
    await people.rule(asked, Channel.EMAIL, True)
    await people.rule(asked, Channel.SMS, True)
    assert await people.of("all", Channel.EMAIL) == {"ada", "asked"}
    assert await people.of("all", Channel.SMS) == {"asked"}
    await people.rule(ada, None, False)
    assert await people.of("all", Channel.EMAIL) == {"asked"}
    assert await people.of("all", Channel.PUSH) == set()
    await people.phone(asked, Channel.PUSH)
    assert await people.of("all", Channel.PUSH) == {"asked"}


async def test_who_has_switched_announcements_off_gets_none(people: People):
    """Unless they want them by one channel after all."""
    ada = await people.add("ada")
    await people.add("grace")
    await people.rule(ada, None, False)
    assert await people.of("all") == {"grace"}
    await people.rule(ada, Channel.TELEGRAM, True)
    assert await people.of("all") == {"ada", "grace"}


async def test_all_segments_are_counted_by_one_statement_and_read_in_pages(people: People):
    """Up to the last user who counts."""
    made = [await people.add(f"p{number}") for number in range(5)]
    audience = audience_of("all", AccessPolicy(), NOW)
    async with people.database.read() as uow:
        counts = await uow.audience.count([audience_of(one, AccessPolicy(), NOW) for one in SEGMENTS])
        first = await uow.audience.page(audience, 0, 2)
        upto = replace(audience, upto=made[3].user.id)
        rest = await uow.audience.page(upto, first[-1].user.id, 10)
    assert dict(zip(SEGMENTS, counts, strict=True))["all"] == 5
    assert [one.user.id for one in (*first, *rest)] == [one.user.id for one in made[:4]]
