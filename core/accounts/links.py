"""Links that people can be sent: unguessable tokens, of which only a hash is kept.

A token is rebuilt from its row whenever a text is rendered, and revoked by raising the row's generation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.accounts.preferences import change
from core.accounts.rules import rule_for
from core.model import Account, Channel, Kind, Link, NotificationType
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

UNSUBSCRIBE = "unsubscribe"


def token_of(keys: Keys, link: Link) -> str:
    """The token that opens a link."""
    return keys.link_token(link.purpose, link.id, link.generation)


async def ensure_unsubscribe_link(
    uow: UnitOfWork, keys: Keys, account: Account, clock: Clock, scope: str = Kind.REMINDER
) -> Link:
    """The link with which a user turns one kind of message off; one for each user and kind. A notification carries it
    as `{"link_id": link.id, "generation": link.generation}`."""
    link = Link(0, UNSUBSCRIBE, account.user.id, scope, account.user.link_generation, clock())
    return await uow.links.ensure(link, lambda one: token_of(keys, one))


async def ensure_unsubscribe_links(
    uow: UnitOfWork, keys: Keys, accounts: Sequence[Account], now: datetime, scope: str
) -> dict[int, tuple[int, int]]:
    """The same for many users: what the notification of each carries, as (link_id, generation) by user id."""
    wanted = [Link(0, UNSUBSCRIBE, one.user.id, scope, one.user.link_generation, now) for one in accounts]
    links = await uow.links.ensure_all(wanted, lambda one: token_of(keys, one)) if wanted else []
    return {link.user_id: (link.id, link.generation) for link in links if link.user_id is not None}


@dataclass(frozen=True, slots=True)
class Links:
    """What happens when somebody opens a link that came by mail. There is no account behind the request: the token is
    all it brings."""

    database: Database
    clock: Clock
    keys: Keys
    public_url: str | None = None

    async def unsubscribe_url(self, account: Account, scope: str = Kind.REMINDER) -> str | None:
        """The address of the page that turns a kind of message off; None without PUBLIC_URL."""
        if self.public_url is None:
            return None
        async with self.database.begin() as uow:
            link = await ensure_unsubscribe_link(uow, self.keys, account, self.clock, scope)
        return f"{self.public_url}/u/{token_of(self.keys, link)}"

    async def open(self, token: str) -> Link | None:
        """What a token stands for; None where it is unknown, revoked or expired. Changes nothing: a mail program may
        have followed the link on its own."""
        async with self.database.read() as uow:
            return await uow.links.by_token(token, self.clock())

    async def language(self, link: Link) -> str | None:
        """The language of the link's owner."""
        async with self.database.read() as uow:
            account = await uow.users.by_id(link.user_id) if link.user_id else None
        return account.preferences.language if account else None

    async def use(self, token: str) -> Link | None:
        """Turn off what the token stands for. Announcements by mail are switched off as by /preferences, where they are
        switched on again; mails of another kind are suppressed, and a reminder that goes by mail is switched off. Safe
        to repeat (RFC 8058 posts it at once)."""
        now = self.clock()
        async with self.database.begin() as uow:
            link = await uow.links.by_token(token, now)
            account = await uow.users.by_id(link.user_id) if link and link.user_id else None
            if link is None or account is None or link.purpose != UNSUBSCRIBE:
                return None
            if link.scope == Kind.ANNOUNCEMENT:
                await _switch_off(uow, account, now)
            elif account.user.email:
                address = self.keys.address_hash(Channel.EMAIL, account.user.email)
                if await uow.suppressions.add(Channel.EMAIL, address, "unsubscribed", now, scope=link.scope):
                    await uow.audit.write(account.user.id, "mail.unsubscribed", now, None, {"scope": link.scope})
            if link.scope == Kind.REMINDER and account.preferences.daily_reminder_channel is Channel.EMAIL:
                await change(uow, self.keys, account, {"daily_reminder_enabled": False}, now)
        return link


async def _switch_off(uow: UnitOfWork, account: Account, now: datetime) -> None:
    """No announcements by mail."""
    rule = rule_for(account.rules, NotificationType.ANNOUNCEMENTS, Channel.EMAIL)
    if rule.is_enabled is not False:
        await uow.rules.set(account.user.id, replace(rule, is_enabled=False), now)
        await uow.audit.write(account.user.id, "mail.unsubscribed", now, None, {"scope": Kind.ANNOUNCEMENT})
