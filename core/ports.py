"""What the business needs from the outside: Protocols that storage, scheduler and the adapters fulfil.

One repository per area; a unit of work holds them all, so that a change and its deliveries commit together.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any, Protocol

from core.model import (
    Access,
    Account,
    Delivery,
    Kind,
    Notification,
    Post,
    PostState,
    PostView,
    Preferences,
    Sample,
    User,
    Version,
)

Clock = Callable[[], datetime]  # aware UTC


class Queue(Protocol):
    """Hands delivery ids to the workers; waits when it is full."""

    async def put(self, delivery_ids: Sequence[int]) -> None: ...


class Posts(Protocol):
    """`posts` and `post_versions` (storage/posts.py)."""

    async def add(self, post: Post) -> Post | None: ...
    async def by_source_key(self, user_id: int, source_key: str) -> Post | None: ...
    async def view(self, user_id: int, post_id: int, version: int | None = None) -> PostView | None: ...
    async def versions(self, post_id: int) -> list[Version]: ...
    async def drafts_since(self, user_id: int, since: datetime, now: datetime) -> int: ...
    async def claim_writing(
        self, user_id: int, post_id: int, *, key: str, latest: int, until: datetime, now: datetime
    ) -> bool: ...
    async def release_writing(self, post_id: int, key: str) -> None: ...
    async def add_version(
        self, user_id: int, version: Version, *, lease: str | None = None, latest: int | None = None
    ) -> PostView | None: ...
    async def move(self, post: Post, expected: Collection[PostState], now: datetime, **changes: Any) -> Post | None: ...
    async def set_last_posted_on(self, user_id: int, day: date | None) -> None: ...
    async def last_posted_at(self, user_id: int) -> datetime | None: ...
    async def take_kept(self, now: datetime, limit: int = 100) -> list[Post]: ...
    async def cancel_waiting(self, post_id: int, kinds: Collection[Kind], now: datetime) -> int: ...


class Shelf(Protocol):
    """Lists of a user's posts (storage/shelf.py)."""

    async def page(
        self, user_id: int, states: Collection[PostState], word: str, *, offset: int, limit: int
    ) -> list[PostView]: ...
    async def count(self, user_id: int, states: Collection[PostState], word: str) -> int: ...
    async def recently_approved(self, user_id: int, *, but: int, limit: int) -> list[str]: ...


class Samples(Protocol):
    """`voice_samples` (storage/samples.py)."""

    async def hold(self, user_id: int) -> None: ...
    async def of_user(self, user_id: int) -> list[Sample]: ...
    async def add(self, user_id: int, texts: Sequence[str], now: datetime) -> None: ...
    async def remove(self, user_id: int, sample_id: int | None = None) -> int: ...


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

    async def remove(self, user_id: int) -> None: ...


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


class Deliveries(Protocol):
    """`notifications` and `notification_deliveries`: the outbox and the life of what is in it."""

    async def add_notification(self, notification: Notification) -> int | None: ...

    async def add(self, deliveries: Sequence[Delivery]) -> list[Delivery]: ...


class Suppressions(Protocol):
    """`suppressions`: addresses that must not be used, by channel and keyed hash; scope `all` or one kind."""

    async def reasons(self, addresses: Collection[tuple[str, str]], kind: str) -> dict[tuple[str, str], str]: ...

    async def scopes(self, addresses: Collection[tuple[str, str]]) -> dict[tuple[str, str, str], str]: ...

    async def add(self, channel: str, address_hash: str, reason: str, now: datetime, *, scope: str = "all") -> bool: ...

    async def remove(self, channel: str, address_hash: str, *, scope: str = "all") -> bool: ...


class UnitOfWork(Protocol):
    """The repositories of one transaction."""

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def suppressions(self) -> Suppressions: ...

    @property
    def users(self) -> Users: ...

    @property
    def audit(self) -> Audit: ...

    has_outbox: bool  # deliveries were queued: wake the relay after the commit

    @property
    def posts(self) -> Posts: ...
    @property
    def shelf(self) -> Shelf: ...
    @property
    def samples(self) -> Samples: ...


class Database(Protocol):
    """Opens units of work. `begin` commits when its block ends well; `read` never writes."""

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]: ...
