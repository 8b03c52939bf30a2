"""Who is talking: the account of a Telegram user, made at their first word and kept fresh."""

import secrets
from dataclasses import dataclass, replace

from core.accounts.access import AccessPolicy
from core.i18n import nearest_language
from core.model import Account, Channel, Preferences, User
from core.ports import Clock, Database
from core.secrets import Keys

NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts by their Telegram user. `access` of a returned user is what the policy of today makes of it."""

    database: Database
    clock: Clock
    keys: Keys
    policy: AccessPolicy
    default_timezone: str = "UTC"

    async def arrive(
        self, telegram_id: int, name: str, username: str | None = None, language_code: str | None = None
    ) -> Account:
        """The account of whoever writes, new where they were never seen. One query where nothing has changed."""
        name = name[:NAME_LENGTH] or str(telegram_id)
        async with self.database.read() as uow:
            account = await uow.users.by_telegram(telegram_id)
        if account is None:
            account = await self._add(telegram_id, name, username, language_code)
        if (account.user.name, account.user.username) != (name, username):
            account = await self._rename(account, name, username)
        if account.user.blocked_at is not None:  # who blocks the bot can't write to it
            await self.unblocked(telegram_id)
            account = replace(account, user=replace(account.user, blocked_at=None))
        return self._today(account)

    async def find(self, telegram_id: int) -> Account | None:
        """The account of a Telegram user, or None; nothing is made."""
        async with self.database.read() as uow:
            account = await uow.users.by_telegram(telegram_id)
        return self._today(account) if account else None

    async def admins(self) -> list[Account]:
        """The admins who have talked to the bot, and so can be written to."""
        async with self.database.read() as uow:
            return await uow.users.by_telegrams(self.policy.admins)

    def is_admin(self, account: Account) -> bool:
        """Whether ADMIN_TELEGRAM_IDS names them."""
        return account.user.telegram_id in self.policy.admins

    async def blocked(self, telegram_id: int) -> None:
        """They blocked the bot: nothing is sent into that chat until they come back."""
        async with self.database.begin() as uow:
            account = await uow.users.by_telegram(telegram_id)
            if account and account.user.blocked_at is None:
                now = self.clock()
                await uow.users.update(account.user.id, {"blocked_at": now}, now)
                await uow.audit.write(account.user.id, "chat.blocked", now)

    async def unblocked(self, telegram_id: int) -> None:
        """They let the bot back in: the chat may be written to, whatever was refused there before."""
        async with self.database.begin() as uow:
            address = self.keys.address_hash(Channel.TELEGRAM, str(telegram_id))
            await uow.suppressions.remove(Channel.TELEGRAM, address)
            account = await uow.users.by_telegram(telegram_id)
            if account and account.user.blocked_at is not None:
                now = self.clock()
                await uow.users.update(account.user.id, {"blocked_at": None}, now)
                await uow.audit.write(account.user.id, "chat.unblocked", now)

    def _today(self, account: Account) -> Account:
        access = self.policy.of(account.user)
        return account if access is account.user.access else replace(account, user=replace(account.user, access=access))

    async def _add(self, telegram_id: int, name: str, username: str | None, language_code: str | None) -> Account:
        preferences = Preferences(language=nearest_language(language_code), timezone=self.default_timezone)
        user = User(
            id=0,
            public_id=secrets.token_urlsafe(9),
            telegram_id=telegram_id,
            name=name,
            username=username,
            access=self.policy.at_first(telegram_id, username),
            created_at=self.clock(),
        )
        async with self.database.begin() as uow:
            await uow.users.add(user, preferences)
            added = await uow.users.by_telegram(telegram_id)  # perhaps added by a message that came together with this
        if added is None:
            raise LookupError("a user vanished while being added")
        return added

    async def _rename(self, account: Account, name: str, username: str | None) -> Account:
        async with self.database.begin() as uow:
            await uow.users.update(account.user.id, {"name": name, "username": username}, self.clock())
        return replace(account, user=replace(account.user, name=name, username=username))
