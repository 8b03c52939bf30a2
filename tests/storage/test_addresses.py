"""Phones, browsers and devices of users, on both databases."""

from dataclasses import replace

import pytest

from core.model import Account, Channel, UserAddress
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW

PHONE = "+14155550123"


@pytest.fixture
async def ada(any_database: Database) -> Account:
    return await saved(any_database, an_account())


@pytest.fixture
async def bob(any_database: Database) -> Account:
    return await saved(any_database, an_account(telegram_id=1002, public_id="bob", email="bob@example.org"))


async def add(database: Database, keys: Keys, owner: Account, address: str, channel: Channel = Channel.PUSH) -> int:
    async with database.begin() as uow:
        new = UserAddress(0, owner.user.id, channel, address, "Firefox on Linux", NOW)
        return await uow.addresses.add(new, keys.address_hash(channel, address))


async def test_a_user_has_several_addresses_of_a_channel(any_database, keys, ada):
    """In the order in which they were added; the others of another channel apart."""
    laptop = await add(any_database, keys, ada, "laptop")
    phone = await add(any_database, keys, ada, PHONE, Channel.SMS)
    tablet = await add(any_database, keys, ada, "tablet")
    async with any_database.read() as uow:
        browsers = await uow.addresses.of_user(ada.user.id, Channel.PUSH)
        all_of_them = await uow.addresses.of_user(ada.user.id)
    assert [one.id for one in browsers] == [laptop, tablet]
    assert [one.id for one in all_of_them] == [laptop, phone, tablet]
    assert browsers[0] == UserAddress(laptop, ada.user.id, Channel.PUSH, "laptop", "Firefox on Linux", NOW)


async def test_the_addresses_of_many_are_read_at_once(any_database, keys, ada, bob):
    """Who has none is missing."""
    await add(any_database, keys, ada, "laptop")
    async with any_database.read() as uow:
        found = await uow.addresses.of_users([ada.user.id, bob.user.id])
    assert {user_id: [one.address for one in mine] for user_id, mine in found.items()} == {ada.user.id: ["laptop"]}


async def test_an_address_is_kept_once_and_belongs_to_who_added_it_last(any_database, keys, ada, bob):
    """A shared browser must not show one person the other's notifications."""
    first = await add(any_database, keys, ada, "laptop")
    assert await add(any_database, keys, bob, "laptop") == first
    async with any_database.read() as uow:
        assert await uow.addresses.of_user(ada.user.id) == []
        owned = await uow.addresses.by_hash(Channel.PUSH, keys.address_hash(Channel.PUSH, "laptop"))
        assert owned is not None
        assert owned.user_id == bob.user.id
        assert await uow.addresses.by_hash(Channel.SMS, keys.address_hash(Channel.PUSH, "laptop")) is None


async def test_nobody_removes_an_address_of_another(any_database, keys, ada, bob):
    """The id of a row is no secret."""
    laptop = await add(any_database, keys, ada, "laptop")
    async with any_database.begin() as uow:
        assert await uow.addresses.remove(bob.user.id, laptop) is None
        removed = await uow.addresses.remove(ada.user.id, laptop)
        assert removed is not None
        assert removed.address == "laptop"
        assert await uow.addresses.of_user(ada.user.id) == []


async def test_addresses_that_reach_nobody_are_forgotten_by_their_hash(any_database, keys, ada):
    """Of their channel alone."""
    await add(any_database, keys, ada, "laptop")
    await add(any_database, keys, ada, "laptop", Channel.SMS)
    async with any_database.begin() as uow:
        assert await uow.addresses.forget([]) == 0
        assert await uow.addresses.forget([(Channel.PUSH, keys.address_hash(Channel.PUSH, "laptop"))]) == 1
        assert [one.channel for one in await uow.addresses.of_user(ada.user.id)] == [Channel.SMS]


async def test_two_accounts_that_become_one_keep_their_addresses(any_database, keys, ada, bob):
    """Notifications come to the same browsers as before."""
    await add(any_database, keys, ada, "laptop")
    async with any_database.begin() as uow:
        await uow.users.hand_over(ada.user.id, bob.user.id)
        (moved,) = await uow.addresses.of_user(bob.user.id)
    assert replace(moved, id=0) == UserAddress(0, bob.user.id, Channel.PUSH, "laptop", "Firefox on Linux", NOW)
