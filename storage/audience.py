"""Who a batch is for: users by what is true of them, counted, and read page by page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Account, Audience, Channel, NotificationType
from storage.rules import ALL
from storage.tables import audit_log, posts, user_addresses, user_settings, users
from storage.tables import user_notification_preferences as rules
from storage.users import ACCOUNTS, accounts_in

HAS_ADDRESS = {Channel.TELEGRAM: users.c.telegram_id.is_not(None), Channel.EMAIL: users.c.email.is_not(None)}
IS_ON = {  # by the settings; SMS and WhatsApp cost money and are used where they are switched on for a type
    Channel.TELEGRAM: user_settings.c.receive_telegram_notifications,
    Channel.EMAIL: user_settings.c.receive_email_notifications,
    Channel.PUSH: true(),
}


class AudienceTables:
    """Reading only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def count(self, audiences: Sequence[Audience]) -> list[int]:
        """How many users each of them has, by one statement."""
        counts = (func.count().filter(_belongs(one)).label(f"n{place}") for place, one in enumerate(audiences))
        return list((await self._connection.execute(select(*counts).join_from(users, user_settings))).one())

    async def last(self, audience: Audience) -> int:
        """The last user of an audience; 0 where it has none."""
        statement = select(func.max(users.c.id)).join_from(users, user_settings).where(_belongs(audience))
        return await self._connection.scalar(statement) or 0

    async def page(self, audience: Audience, after: int, limit: int) -> list[Account]:
        """The next of them by their ids."""
        mine = ACCOUNTS.where(_belongs(audience), users.c.id > after)
        return await accounts_in(self._connection, mine.order_by(users.c.id).limit(limit))


def _belongs(audience: Audience) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [users.c.blocked_at.is_(None), _is_let_in(audience), _wants(audience.channel)]
    if audience.language:
        wanted.append(user_settings.c.language == audience.language)
    if audience.active_since:
        wanted.append(_was_active(audience.active_since))
    if audience.telegram_ids is not None:
        wanted.append(users.c.telegram_id.in_(sorted(audience.telegram_ids)))
    if audience.has_email:
        wanted.append(users.c.email.is_not(None))
    if audience.channel:
        wanted.append(HAS_ADDRESS.get(audience.channel, _has_address(audience.channel)))
    if audience.upto is not None:
        wanted.append(users.c.id <= audience.upto)
    return and_(*wanted)


def _is_let_in(audience: Audience) -> ColumnElement[bool]:
    return or_(
        users.c.access.in_(sorted(audience.accesses)),
        users.c.telegram_id.in_(sorted(audience.named_ids)),
        func.lower(users.c.username).in_(sorted(audience.named)),
    )


def _was_active(since: datetime) -> ColumnElement[bool]:
    """They came, wrote something, or changed a setting."""
    wrote = exists().where(posts.c.user_id == users.c.id, posts.c.updated_at >= since)
    changed = exists().where(audit_log.c.user_id == users.c.id, audit_log.c.created_at >= since)
    return or_(users.c.created_at >= since, wrote, changed)


def _has_address(channel: Channel) -> ColumnElement[bool]:
    return exists().where(user_addresses.c.user_id == users.c.id, user_addresses.c.channel == channel)


def _wants(channel: Channel | None) -> ColumnElement[bool]:
    """Announcements are on for them: on the channel, as `core.accounts.rules.in_force` says; where none is named, on
    any."""
    if channel is None:
        return or_(_rule(ALL).is_distinct_from(false()), _has_one_on())
    return func.coalesce(_rule(channel), _rule(ALL), IS_ON.get(channel, false()))


def _rule(method: str) -> ScalarSelect[Any]:
    """What they have said about announcements, by a delivery method; null where nothing."""
    return (
        select(rules.c.is_enabled).where(*_about_announcements(), rules.c.delivery_method == method).scalar_subquery()
    )


def _has_one_on() -> ColumnElement[bool]:
    return exists().where(*_about_announcements(), rules.c.is_enabled.is_(true()))


def _about_announcements() -> tuple[ColumnElement[bool], ...]:
    return (rules.c.user_id == users.c.id, rules.c.invitation_type == NotificationType.ANNOUNCEMENTS)
