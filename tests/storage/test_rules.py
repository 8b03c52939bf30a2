"""Rules by type and channel on both databases, and the accounts they come with."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import event, func, select

from core.delivery.outbox import notify
from core.model import (
    Cap,
    Capped,
    Channel,
    ConversationStyle,
    Kind,
    NotificationType,
    Period,
    QuietHours,
    Rule,
    UserAddress,
)
from core.secrets import Keys
from storage.database import Database
from storage.tables import user_notification_preferences
from tests.accounts import an_account, saved
from tests.conftest import NOW
from tests.unit.outbox import set_delivery

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


SENT = {"status": "sent", "sent_at": NOW}


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (SENT, True),
        (SENT | {"status": "delivered"}, True),
        (SENT | {"status": "read"}, True),
        ({"status": "sending"}, True),
        ({"status": "unknown"}, True),
        (SENT | {"sent_at": NOW - timedelta(seconds=1)}, False),  # in the hour before
        (SENT | {"status": "bounced"}, False),
        (SENT | {"status": "pending"}, False),  # to be tried again
        ({"status": "pending"}, False),
        ({"status": "suppressed"}, False),
    ],
)
async def test_what_counts_against_a_cap(any_database: Database, keys: Keys, values: dict, counts: bool):
    """What was sent in the running period, or may be on its way."""
    ada = await saved(any_database, an_account())
    async with any_database.begin() as uow:
        (one,) = await notify(uow, ada, Kind.KEPT, key="post:1", now=NOW, keys=keys)
    await set_delivery(any_database, one.id, **values)
    cap = Capped(ada.user.id, POSTS, Channel.TELEGRAM, frozenset({Kind.KEPT, Kind.DRAFT}), NOW)
    async with any_database.read() as uow:
        assert await uow.rules.sent([cap]) == ({(ada.user.id, POSTS, Channel.TELEGRAM): 1} if counts else {})


async def test_caps_are_counted_together_and_apart(any_database: Database, keys: Keys):
    """One query for many readers; each by its own user, kinds, channel and beginning, without what was asked for."""
    ada, grace = await saved(any_database, an_account()), await saved(any_database, OTHER)
    async with any_database.begin() as uow:
        queued = []
        for n, (person, kind) in enumerate(
            [(ada, Kind.KEPT), (ada, Kind.DRAFT), (ada, Kind.REMINDER), (grace, Kind.KEPT)]
        ):
            queued += await notify(uow, person, kind, key=f"k:{n}", now=NOW, keys=keys)
        queued += await notify(uow, ada, Kind.DRAFT, key="asked", now=NOW, keys=keys, interactive=True)
    for one in queued:
        await set_delivery(any_database, one.id, **SENT)
    kinds = frozenset({Kind.KEPT, Kind.DRAFT})
    caps = [
        Capped(ada.user.id, POSTS, Channel.TELEGRAM, kinds, NOW),
        Capped(ada.user.id, POSTS, Channel.EMAIL, kinds, NOW),
        Capped(ada.user.id, REMINDERS, Channel.TELEGRAM, frozenset({Kind.REMINDER}), NOW + timedelta(seconds=1)),
        Capped(grace.user.id, POSTS, Channel.TELEGRAM, kinds, NOW),
    ]
    async with any_database.read() as uow:
        assert await uow.rules.sent(caps) == {
            (ada.user.id, POSTS, Channel.TELEGRAM): 2,
            (ada.user.id, POSTS, Channel.EMAIL): 1,
            (grace.user.id, POSTS, Channel.TELEGRAM): 1,
        }
