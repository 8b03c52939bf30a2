"""Who may come in: ACCESS, the list, and the admins' answers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from core.delivery.outbox import notify
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Access, Account, Kind, User
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

REFUSED = "access.refused"  # in the audit log
TOLD_FOR = timedelta(days=1)
Mode = Literal["open", "approve", "list"]


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What the settings say. `listed` holds ids as text and @names; names are compared without case."""

    mode: Mode = "open"
    listed: frozenset[str] = frozenset()
    admins: frozenset[int] = frozenset()

    @classmethod
    def made_of(cls, mode: Mode, listed: list[str], admins: list[int]) -> "AccessPolicy":
        """From ACCESS, ACCESS_LIST and ADMIN_TELEGRAM_IDS; a listed name may lack its @."""
        names = (entry.strip().removeprefix("@").casefold() for entry in listed)
        return cls(mode, frozenset(filter(None, names)), frozenset(admins))

    def is_named(self, telegram_id: int | None, username: str | None) -> bool:
        """Whether the operator has let this person in by name: as an admin or on the list."""
        return telegram_id in self.admins or bool({str(telegram_id), (username or "").casefold()} & self.listed)

    def at_first(self, telegram_id: int, username: str | None) -> Access:
        """What is stored for a new user. Nobody is stored as denied but by an admin's own decision, so that a
        change of ACCESS lets people in."""
        if self.mode == "open" or self.is_named(telegram_id, username):
            return Access.ALLOWED
        return Access.REQUESTED

    def of(self, user: User) -> Access:
        """Whether they may come in today, whatever ACCESS was when they first came."""
        if self.is_named(user.telegram_id, user.username):
            return Access.ALLOWED
        if self.mode == "list":
            return Access.DENIED
        if self.mode == "open" and user.access is Access.REQUESTED:
            return Access.ALLOWED
        return user.access


@dataclass(frozen=True, slots=True)
class Decision:
    """How a request for access stands after an admin's press; `is_new` where this press decided it."""

    user: User
    access: Access
    is_new: bool


@dataclass(frozen=True, slots=True)
class Admission:
    """Requests for access, and the admins' answers."""

    database: Database
    clock: Clock
    keys: Keys
    policy: AccessPolicy

    async def refusal(self, account: Account) -> AppError | None:
        """What somebody who may not come in is told; None for everybody else, and for a denied person who was told
        within the last day. Who asks for the first time is announced to the admins."""
        if account.user.access is Access.ALLOWED:
            return None
        if account.user.access is Access.REQUESTED:
            await self._announce(account)
            return AppError(N_("An admin has to let you in first. I have asked, and will write to you here."))
        return await self._denied(account)

    async def welcome_admin(self, account: Account) -> None:
        """An admin has come: show them who is waiting. Nobody could be asked before."""
        if self.policy.mode != "approve" or account.user.telegram_id not in self.policy.admins:
            return
        async with self.database.begin() as uow:
            for waiting in await uow.users.asking():
                await self._ask(uow, account, waiting)

    async def decide(self, admin: Account, user_id: int, *, allow: bool) -> Decision:
        """Let somebody in or keep them out. The first admin's answer counts; a later one sees it."""
        if admin.user.telegram_id not in self.policy.admins:
            raise NotFound(N_("Only admins can answer that."))
        access, now = Access.ALLOWED if allow else Access.DENIED, self.clock()
        async with self.database.begin() as uow:
            is_new = await uow.users.decide(user_id, access, now)
            account = await uow.users.by_id(user_id)
            if account is None:
                raise NotFound(N_("They have left in the meantime."))
            if is_new:
                await uow.audit.write(user_id, f"access.{access}", now, None, {"by": admin.user.public_id})
                await notify(
                    uow, account, Kind.ACCESS_DECIDED, key=f"access_decided:{user_id}", now=now, keys=self.keys,
                    content={"allowed": allow}, interactive=True,
                )  # fmt: skip
        return Decision(account.user, account.user.access, is_new)

    async def _announce(self, account: Account) -> None:
        async with self.database.begin() as uow:
            for admin in await uow.users.by_telegrams(self.policy.admins):
                await self._ask(uow, admin, account)

    async def _ask(self, uow: UnitOfWork, admin: Account, waiting: Account) -> None:
        await notify(
            uow, admin, Kind.ACCESS_REQUEST, key=f"access:{waiting.user.id}:{admin.user.id}", now=self.clock(),
            keys=self.keys, content={"user_id": waiting.user.id, "name": waiting.user.name}, interactive=True,
        )  # fmt: skip

    async def _denied(self, account: Account) -> AppError | None:
        now = self.clock()
        async with self.database.begin() as uow:
            if await uow.audit.happened(account.user.id, REFUSED, now - TOLD_FOR):
                return None
            await uow.audit.write(account.user.id, REFUSED, now)
        return AppError(
            N_("This bot is private, and its admins have not let you in. If they should, tell them your id: {id}"),
            {"id": account.user.telegram_id},
        )
