"""Accounts for tests: one that has everything, to be narrowed with keywords, and one that is in the database."""

from dataclasses import fields, replace
from typing import Any

from core.model import Access, Account, Preferences, User
from storage.database import Database
from tests.conftest import NOW

PREFERENCES = {field.name for field in fields(Preferences)}


def an_account(**changes: Any) -> Account:
    """A user with a chat and a confirmed address; keywords are fields of `User` or `Preferences`, or `rules` and
    `addresses`."""
    more = {name: changes.pop(name) for name in ("rules", "addresses") if name in changes}
    preferences = {name: changes.pop(name) for name in list(changes) if name in PREFERENCES}
    user = User(1, "ada-public", 1001, "Ada", Access.ALLOWED, NOW, email="ada@example.org")
    return Account(replace(user, **changes), Preferences(**preferences), **more)


async def saved(database: Database, account: Account) -> Account:
    """The account, with the id that the database gave it, and its rules."""
    async with database.begin() as uow:
        user_id = await uow.users.add(account.user, account.preferences)
        assert user_id is not None
        for rule in account.rules:
            await uow.rules.set(user_id, rule, NOW)
    return replace(account, user=replace(account.user, id=user_id))
