"""Where accounts are kept, and what proves and protects them."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from core.model import (
    Access,
    Account,
    Capped,
    Channel,
    IssuedCode,
    Link,
    NotificationType,
    Preferences,
    Rule,
    User,
    UserAddress,
)


class Users(Protocol):
    """`users` and `user_settings`."""

    async def by_id(self, user_id: int) -> Account | None: ...

    async def by_telegram(self, telegram_id: int) -> Account | None: ...

    async def by_email(self, email: str) -> Account | None: ...

    async def by_telegrams(self, telegram_ids: Iterable[int]) -> list[Account]: ...

    async def asking(self) -> list[Account]: ...

    async def add(self, user: User, preferences: Preferences) -> int | None: ...

    async def update(self, user_id: int, changes: Mapping[str, Any], now: datetime) -> None: ...

    async def decide(self, user_id: int, access: Access, now: datetime) -> bool: ...

    async def prefer(self, user_id: int, changes: Mapping[str, Any], now: datetime) -> None: ...

    async def due_for_a_reminder(self, now: datetime, limit: int) -> list[Account]: ...

    async def move_reminder(self, account: Account, changes: Mapping[str, Any]) -> bool: ...

    async def cancel_reminders(self, user_id: int, now: datetime) -> int: ...

    async def redirect(self, user_id: int, channel: Channel, old: str, new: str) -> int: ...

    async def hand_over(self, from_id: int, to_id: int) -> None: ...

    async def remove(self, user_id: int) -> None: ...


class Codes(Protocol):
    """`verification_codes`."""

    async def hold(self, name: str) -> None: ...

    async def recent(self, user_id: int, address_hash: str, since: datetime) -> list[IssuedCode]: ...

    async def open_of(self, user_id: int, now: datetime) -> IssuedCode | None: ...

    async def add(self, code: IssuedCode) -> int: ...

    async def close(self, code_id: int, now: datetime) -> bool: ...

    async def close_open(self, user_id: int, now: datetime) -> None: ...

    async def count_wrong(self, code_id: int, limit: int, now: datetime) -> bool: ...

    async def lock(self, code_id: int, until: datetime, now: datetime) -> None: ...

    async def purge(self, before: datetime) -> int: ...


class Links(Protocol):
    """`links`: what a token in a message stands for."""

    async def ensure(self, link: Link, token_of: Callable[[Link], str]) -> Link: ...

    async def by_token(self, token: str, now: datetime) -> Link | None: ...

    async def revoke(self, user_id: int, token_of: Callable[[Link], str]) -> None: ...


class Addresses(Protocol):
    """`user_addresses`: phones, browsers and devices. `address_hash` is `Keys.address_hash(channel, address)`."""

    async def of_user(self, user_id: int, channel: Channel | None = None) -> list[UserAddress]: ...

    async def of_users(self, user_ids: Collection[int]) -> dict[int, list[UserAddress]]: ...

    async def by_hash(self, channel: Channel, address_hash: str) -> UserAddress | None: ...

    async def add(self, address: UserAddress, address_hash: str) -> int: ...

    async def remove(self, user_id: int, address_id: int) -> UserAddress | None: ...

    async def forget(self, addresses: Collection[tuple[str, str]]) -> int: ...


class Rules(Protocol):
    """`user_notification_preferences`: finer than the settings, by type and channel (storage/rules.py). They come with
    an `Account`; here they are changed."""

    async def of_users(self, user_ids: Collection[int]) -> dict[int, tuple[Rule, ...]]: ...

    async def set(self, user_id: int, rule: Rule, now: datetime) -> None: ...

    async def clear(self, user_id: int, type: NotificationType, method: str | None = None) -> int: ...

    async def sent(self, caps: Collection[Capped]) -> dict[tuple[int, NotificationType, Channel], int]: ...


class PersonalData(Protocol):
    """Everything that is known about one person, to be exported and erased."""

    def of_user(
        self, user_id: int, telegram_id: int | None, hashes: Collection[str]
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]: ...

    async def erase(self, user_id: int, telegram_id: int | None, hashes: Collection[str], now: datetime) -> None: ...


class Audit(Protocol):
    """`audit_log`: who changed what, and when."""

    async def write(
        self,
        user_id: int | None,
        action: str,
        now: datetime,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None: ...

    async def happened(self, user_id: int, action: str, since: datetime) -> bool: ...
