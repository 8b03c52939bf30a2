"""Rules by type and channel on both databases, and the accounts they come with."""

from dataclasses import replace
from datetime import time

from sqlalchemy import event, func, select

from core.model import (
    Cap,
    Channel,
    ConversationStyle,
    NotificationType,
    Period,
    QuietHours,
    Rule,
    UserAddress,
)
from storage.database import Database
from storage.tables import user_notification_preferences
from tests.accounts import an_account, saved
from tests.conftest import NOW

POSTS, REMINDERS = NotificationType.POSTS, NotificationType.REMINDERS
FULL = Rule(
    POSTS, Channel.EMAIL, False, Cap(3, Period.WEEKLY), QuietHours(time(22), time(7, 30)), "Europe/Paris",
    ("sendgrid", "smtp"), ("mailgun",), ConversationStyle.JOVIAL,
)  # fmt: skip


async def set_rules(database: Database, user_id: int, *rules: Rule) -> None:
    async with database.begin() as uow:
        for rule in rules:
            await uow.rules.set(user_id, rule, NOW)


async def count(database: Database) -> int:
    async with database.read() as uow:
        statement = select(func.count()).select_from(user_notification_preferences)
        return int(await uow.connection.scalar(statement) or 0)


async def test_a_rule_comes_back_as_it_was_set(any_database: Database):
    """Whole or nearly empty, for one channel or for all of them."""
    ada = await saved(any_database, an_account())
    empty, wide = Rule(REMINDERS, Channel.SMS, True), Rule(REMINDERS, cap=Cap(0), quiet=QuietHours(time(0), time(0)))
    await set_rules(any_database, ada.user.id, FULL, empty, wide)
    async with any_database.read() as uow:
        assert await uow.rules.of_users([ada.user.id, 77]) == {ada.user.id: (FULL, empty, wide)}


async def test_a_rule_takes_the_place_of_the_one_before(any_database: Database):
    """One for each type and channel; a second press is no second row."""
    ada = await saved(any_database, an_account())
    for limit in (1, 2, 2):
        await set_rules(any_database, ada.user.id, Rule(POSTS, cap=Cap(limit)))
    async with any_database.read() as uow:
        assert await uow.rules.of_users([ada.user.id]) == {ada.user.id: (Rule(POSTS, cap=Cap(2)),)}


async def test_a_rule_that_says_nothing_is_not_kept(any_database: Database):
    """Whoever goes back to the settings is read as quickly as ever."""
    ada = await saved(any_database, an_account())
    await set_rules(any_database, ada.user.id, FULL, Rule(POSTS), Rule(POSTS, Channel.EMAIL))
    assert await count(any_database) == 0


async def test_a_type_is_cleared_whole_or_by_channel(any_database: Database):
    """Other types and other people's rules stay."""
    ada, grace = await saved(any_database, an_account()), await saved(any_database, OTHER)
    wide, mail, other = Rule(POSTS, is_enabled=False), FULL, Rule(REMINDERS, is_enabled=False)
    await set_rules(any_database, ada.user.id, wide, mail, other)
    await set_rules(any_database, grace.user.id, mail)
    async with any_database.begin() as uow:
        assert await uow.rules.clear(ada.user.id, POSTS, "all") == 1
        assert await uow.rules.of_users([ada.user.id]) == {ada.user.id: (mail, other)}
        assert await uow.rules.clear(ada.user.id, POSTS) == 1
        both = [ada.user.id, grace.user.id]
        assert await uow.rules.of_users(both) == {ada.user.id: (other,), grace.user.id: (mail,)}


OTHER = an_account(telegram_id=1002, public_id="grace-public", email="grace@example.org")


async def test_an_account_comes_with_its_rules_and_addresses(any_database: Database):
    """However it is found."""
    ada = await saved(any_database, an_account())
    phone = UserAddress(0, ada.user.id, Channel.SMS, "+14155550123", "", NOW)
    await set_rules(any_database, ada.user.id, FULL)
    async with any_database.begin() as uow:
        phone = replace(phone, id=await uow.addresses.add(phone, "h" * 64))
    whole = replace(ada, addresses=(phone,), rules=(FULL,))
    async with any_database.read() as uow:
        assert await uow.users.by_id(ada.user.id) == whole
        assert await uow.users.by_telegram(1001) == whole
        assert await uow.users.by_telegrams([1001]) == [whole]


async def test_who_has_neither_costs_one_query(database: Database):
    """Every update that comes in asks for an account."""
    ada, grace = await saved(database, an_account()), await saved(database, OTHER)
    await set_rules(database, grace.user.id, FULL)
    statements: list[str] = []
    event.listen(database.reader.sync_engine, "before_cursor_execute", lambda *values: statements.append(values[2]))
    async with database.read() as uow:
        await uow.users.by_id(ada.user.id)
        assert len([one for one in statements if one.startswith("SELECT")]) == 1
        statements.clear()
        await uow.users.by_telegrams([1001, 1002])
        assert len([one for one in statements if one.startswith("SELECT")]) == 2


async def test_who_is_erased_leaves_no_rules(any_database: Database):
    """They are the person's."""
    ada = await saved(any_database, an_account())
    await set_rules(any_database, ada.user.id, FULL)
    async with any_database.begin() as uow:
        await uow.users.remove(ada.user.id)
    assert await count(any_database) == 0
