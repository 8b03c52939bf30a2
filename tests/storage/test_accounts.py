"""Arriving: whoever writes has an account, made once and kept fresh."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event

from core.accounts.access import AccessPolicy
from core.accounts.accounts import Accounts
from core.model import Access, Account
from core.secrets import Keys
from storage.database import Database
from tests.conftest import SteppedClock


@pytest.fixture
def accounts(any_database: Database, clock: SteppedClock, keys: Keys) -> Accounts:
    return Accounts(any_database, clock, keys, AccessPolicy.made_of("open", [], [1]), default_timezone="Europe/Paris")


async def test_the_first_word_makes_an_account(accounts: Accounts, clock: SteppedClock):
    """Language from Telegram, the timezone a guess until the user confirms it."""
    account = await accounts.arrive(7, "Ada", "ada", "es-MX")
    assert (account.user.telegram_id, account.user.name, account.user.username) == (7, "Ada", "ada")
    assert (account.user.access, account.user.created_at, account.user.email) == (Access.ALLOWED, clock.now, None)
    assert (account.preferences.language, account.preferences.timezone) == ("es", "Europe/Paris")
    assert not account.preferences.timezone_confirmed
    assert account.preferences.receive_telegram_notifications
    assert len(account.user.public_id) == 12


async def test_coming_back_finds_the_same_account_with_one_query(accounts: Accounts):
    """Every press of a button passes here."""
    first = await accounts.arrive(7, "Ada", "ada", "en")
    statements: list[str] = []
    reader = accounts.database._reader.sync_engine  # type: ignore[attr-defined]
    event.listen(reader, "before_cursor_execute", lambda *values: statements.append(values[2]))
    assert await accounts.arrive(7, "Ada", "ada", "fr") == first
    assert len(statements) == 1


async def test_first_messages_that_come_together_make_one_account(accounts: Accounts):
    """Telegram may deliver /start and a text at the same moment."""
    arrived = await asyncio.gather(*(accounts.arrive(7, "Ada", None, "en") for _ in range(6)))
    assert len({account.user.id for account in arrived}) == 1


async def test_a_new_name_is_noticed(accounts: Accounts):
    """Cards for admins show the name of today."""
    first = await accounts.arrive(7, "Ada", "ada", "en")
    renamed = await accounts.arrive(7, "Ada Lovelace", None, "en")
    assert renamed == Account(replace(first.user, name="Ada Lovelace", username=None), first.preferences)
    assert await accounts.find(7) == renamed


async def test_finding_makes_nothing(accounts: Accounts):
    """Asking about a stranger leaves no trace."""
    assert await accounts.find(7) is None
    assert await accounts.find(7) is None


async def test_admins_are_those_of_the_settings_who_have_come(accounts: Accounts):
    """A bot can't write to somebody who never started it."""
    assert await accounts.admins() == []
    admin = await accounts.arrive(1, "Root", None, None)
    assert await accounts.admins() == [admin]
    assert accounts.is_admin(admin)
    assert not accounts.is_admin(await accounts.arrive(7, "Ada", None, None))


async def test_blocking_the_bot_is_remembered_until_it_is_undone(accounts: Accounts, clock: SteppedClock):
    """Both reports may come twice, and for strangers."""
    await accounts.blocked(7)
    await accounts.arrive(7, "Ada", None, None)
    await accounts.blocked(7)
    await accounts.blocked(7)
    found = await accounts.find(7)
    assert found is not None
    assert found.user.blocked_at == clock.now
    await accounts.unblocked(7)
    await accounts.unblocked(7)
    found = await accounts.find(7)
    assert found is not None
    assert found.user.blocked_at is None


async def test_who_writes_has_not_blocked_the_bot(accounts: Accounts, keys: Keys, clock: SteppedClock):
    """The report of the unblocking may have been lost; the suppression of the chat is lifted too."""
    await accounts.arrive(7, "Ada", None, None)
    await accounts.blocked(7)
    chat = ("telegram", keys.address_hash("telegram", "7"))
    async with accounts.database.begin() as uow:
        await uow.suppressions.add(*chat, "blocked", clock.now)
    assert (await accounts.arrive(7, "Ada", None, None)).user.blocked_at is None
    async with accounts.database.read() as uow:
        assert await uow.suppressions.reasons([chat], "draft") == {}


async def test_the_policy_of_today_counts(any_database: Database, clock: SteppedClock, keys: Keys):
    """Who came while the door was open is asked for their name once there is a list."""
    await Accounts(any_database, clock, keys, AccessPolicy.made_of("open", [], [])).arrive(7, "Ada")
    strict = Accounts(any_database, clock, keys, AccessPolicy.made_of("list", ["8"], []))
    assert (await strict.arrive(7, "Ada")).user.access is Access.DENIED
    assert (await strict.arrive(8, "Bob")).user.access is Access.ALLOWED
