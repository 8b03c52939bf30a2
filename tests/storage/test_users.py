"""Users and their settings on both databases."""

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta

from core.model import Access, Account, Channel, ConversationStyle, Preferences, Tone, User
from storage.database import Database

FULL = Preferences(
    receive_email_notifications=False,
    daily_reminder_enabled=True,
    daily_reminder_time=time(8, 15),
    daily_reminder_days=(1, 3, 5),
    daily_reminder_channel=Channel.EMAIL,
    timezone="Europe/Paris",
    timezone_confirmed=True,
    quiet_hours_start=time(22),
    quiet_hours_end=time(7),
    language="fr",
    conversation_style=ConversationStyle.PLAYFUL,
    tone=Tone.WITTY,
)


def user(now: datetime, telegram_id: int = 7, access: Access = Access.ALLOWED) -> User:
    return User(0, f"public{telegram_id}", telegram_id, "Ada", access, now, username="ada")


async def add(database: Database, new: User, preferences: Preferences = FULL) -> Account:
    async with database.begin() as uow:
        user_id = await uow.users.add(new, preferences)
        assert user_id is not None
        account = await uow.users.by_id(user_id)
    assert account is not None
    return account


async def test_a_user_comes_back_as_added(any_database: Database, now: datetime):
    """Times, days, styles and flags survive the way through the database."""
    added = await add(any_database, user(now))
    assert added == Account(replace(user(now), id=added.user.id), FULL)
    async with any_database.read() as uow:
        assert await uow.users.by_telegram(7) == added
        assert await uow.users.by_telegrams([7, 8]) == [added]


async def test_a_telegram_user_is_added_once(any_database: Database, now: datetime):
    """Two first messages that come together make one user."""

    async def arrive(number: int) -> int | None:
        async with any_database.begin() as uow:
            return await uow.users.add(replace(user(now), public_id=f"public{number}"), FULL)

    ids = await asyncio.gather(*(arrive(number) for number in range(5)))
    assert len([user_id for user_id in ids if user_id is not None]) == 1


async def test_changes_are_written_to_their_user_only(any_database: Database, now: datetime):
    """Settings and facts of one user never reach another."""
    ada, bob = await add(any_database, user(now)), await add(any_database, user(now, 8))
    async with any_database.begin() as uow:
        await uow.users.prefer(ada.user.id, {"daily_reminder_days": (6, 7), "language": "es"}, now)
        await uow.users.update(ada.user.id, {"email": "ada@example.org"}, now)
    async with any_database.read() as uow:
        changed = await uow.users.by_email("ada@example.org")
        assert changed is not None
        assert changed.preferences == replace(FULL, daily_reminder_days=(6, 7), language="es")
        assert await uow.users.by_id(bob.user.id) == bob


async def test_a_request_is_decided_once(any_database: Database, now: datetime):
    """Of two admins the first one's answer counts."""
    asking = await add(any_database, user(now, access=Access.REQUESTED))
    async with any_database.begin() as uow:
        assert await uow.users.asking() == [asking]
        assert await uow.users.decide(asking.user.id, Access.ALLOWED, now)
        assert not await uow.users.decide(asking.user.id, Access.DENIED, now)
        assert await uow.users.asking() == []
        decided = await uow.users.by_id(asking.user.id)
    assert decided is not None
    assert decided.user.access is Access.ALLOWED


async def test_only_reminders_whose_time_has_come_are_due(any_database: Database, now: datetime):
    """The oldest comes first; one without a time never comes."""
    late = await add(any_database, user(now), replace(FULL, next_reminder_at=now - timedelta(minutes=2)))
    just = await add(any_database, user(now, 8), replace(FULL, next_reminder_at=now))
    await add(any_database, user(now, 9), replace(FULL, next_reminder_at=now + timedelta(seconds=1)))
    await add(any_database, user(now, 10), FULL)
    async with any_database.begin() as uow:
        assert await uow.users.due_for_a_reminder(now, 10) == [late, just]
        assert await uow.users.due_for_a_reminder(now, 1) == [late]


async def test_a_reminder_is_moved_once(any_database: Database, now: datetime):
    """Who read the account before it was moved finds that it is not theirs any more."""
    account = await add(any_database, user(now), replace(FULL, next_reminder_at=now))
    async with any_database.begin() as uow:
        tomorrow = {"next_reminder_at": now + timedelta(days=1)}
        assert await uow.users.move_reminder(account, tomorrow)
        assert not await uow.users.move_reminder(account, tomorrow)


async def test_removing_a_user_takes_what_is_theirs_along(any_database: Database, now: datetime):
    """The foreign keys cascade, also on SQLite."""
    account = await add(any_database, user(now))
    async with any_database.begin() as uow:
        await uow.audit.write(account.user.id, "settings.language", now, {"language": "en"}, {"language": "fr"})
        assert await uow.audit.happened(account.user.id, "settings.language", now)
        await uow.users.remove(account.user.id)
        assert await uow.users.by_id(account.user.id) is None
        assert not await uow.audit.happened(account.user.id, "settings.language", now)
