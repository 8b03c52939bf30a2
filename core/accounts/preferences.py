"""What a user prefers: commands and buttons become changes, and every change is written down with its time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import LANGUAGES, Account, Channel, Kind, Preferences
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys
from core.timerules import local_date, next_occurrence
from core.timewords import parse_days, parse_range, parse_switch, plain, shown, split_time

Changes = dict[str, Any]  # fields of Preferences

REMINDER_FIELDS = {"daily_reminder_enabled", "daily_reminder_time", "daily_reminder_days", "timezone"}
CHANNEL_WORDS = {
    Channel.TELEGRAM: {"telegram", "chat", "here", "aqui", "ici"},
    Channel.EMAIL: {"email", "e-mail", "mail", "correo", "courriel"},
}
LANGUAGE_WORDS = {
    "en": {"en", "english", "ingles", "anglais"},
    "es": {"es", "spanish", "espanol", "castellano", "espagnol"},
    "fr": {"fr", "french", "frances", "francais"},
}


def next_reminder(preferences: Preferences, after: datetime) -> datetime | None:
    """When the next reminder is due, in UTC, right across clock changes; None where reminders are off. A day that has
    had its reminder gets no second one, however the settings are changed."""
    if not preferences.daily_reminder_enabled:
        return None
    had, at, days = preferences.last_reminded_on, preferences.daily_reminder_time, preferences.daily_reminder_days
    moment = next_occurrence(at, days, preferences.timezone, after)
    while moment and had and local_date(moment, preferences.timezone) <= had:
        moment = next_occurrence(at, days, preferences.timezone, moment)
    return moment


def parse_reminder(text: str) -> Changes:
    """`/remind`: off, on, or a time, days and a channel, each of which may be left out."""
    switch = parse_switch(text)
    if switch is not None:
        return {"daily_reminder_enabled": switch}
    at, rest = split_time(text)
    channel, rest = _channel_in(rest)
    if not (at or channel or rest):
        raise AppError(
            N_("“{text}” does not say when. Examples: /remind 09:00 mon-fri, /remind off"), {"text": shown(text)}
        )
    days = parse_days(rest) if rest else None
    found = {"daily_reminder_time": at, "daily_reminder_days": days, "daily_reminder_channel": channel}
    return {"daily_reminder_enabled": True} | {name: value for name, value in found.items() if value is not None}


def _channel_in(text: str) -> tuple[Channel | None, str]:
    """The channel that stands at the end, and the text before it."""
    before, _, last = text.rpartition(" ")
    for channel, words in CHANNEL_WORDS.items():
        if last in words:
            fillers = ("by", "via", "por", "par", "in", "on", "en")
            kept = before.split()
            if any(word.strip(",;") in others for word in kept for others in CHANNEL_WORDS.values()):
                raise AppError(N_("A reminder comes by one channel. Example: /remind 09:00 mon-fri email"))
            return channel, " ".join(kept[:-1] if kept and kept[-1] in fillers else kept).rstrip(",; ")
    return None, text


def parse_quiet(text: str) -> Changes:
    """`/quiet`: off, or a beginning and an end."""
    if parse_switch(text) is False:
        return {"quiet_hours_start": None, "quiet_hours_end": None}
    start, end = parse_range(text)
    return {"quiet_hours_start": start, "quiet_hours_end": end}


def parse_language(text: str) -> Changes:
    """`/language`: a code or a name, in any of the three."""
    word = plain(text)
    for language, words in LANGUAGE_WORDS.items():
        if word in words:
            return {"language": language}
    codes = ", ".join(LANGUAGES)
    raise AppError(
        N_("I don't speak “{text}” yet; I speak {codes}. Example: /language es"), {"text": shown(text), "codes": codes}
    )


def check_email_is_there(account: Account, changes: Mapping[str, Any]) -> None:
    """Nothing can go by mail before an address is confirmed."""
    by_mail = changes.get("receive_email_notifications") or changes.get("daily_reminder_channel") is Channel.EMAIL
    if by_mail and not account.user.email:
        raise AppError(N_("I have no address of yours yet. Give me one first: /email me@example.org"))


def nothing_reaches(account: Account) -> bool:
    """Whether messages that nobody asked for just now can only wait in /inbox."""
    preferences = account.preferences
    by_mail = preferences.receive_email_notifications and account.user.email
    return not by_mail and not preferences.receive_telegram_notifications


async def change(uow: UnitOfWork, keys: Keys, account: Account, changes: Mapping[str, Any], now: datetime) -> Account:
    """Write what differs, each change with its time; the next reminder follows. `account` was read in `uow`."""
    before = account.preferences
    different = {name: value for name, value in changes.items() if getattr(before, name) != value}
    if not different:
        return account
    for name in sorted(different):
        was, becomes = plain_value(getattr(before, name)), plain_value(different[name])
        await uow.audit.write(account.user.id, f"settings.{name}", now, {name: was}, {name: becomes})
    after = replace(before, **different)
    if different.keys() & REMINDER_FIELDS:
        after = replace(after, next_reminder_at=next_reminder(after, now))
        different["next_reminder_at"] = after.next_reminder_at
    await uow.users.prefer(account.user.id, different, now)
    await _follow_up(uow, keys, account, after, different, now)
    return replace(account, preferences=after)


async def _follow_up(
    uow: UnitOfWork, keys: Keys, account: Account, after: Preferences, different: Changes, now: datetime
) -> None:
    """Switching reminders off calls off those that wait; asking for them by mail takes back an unsubscription."""
    if different.get("daily_reminder_enabled") is False:
        await uow.users.cancel_reminders(account.user.id, now)
    asked = different.keys() & {"daily_reminder_enabled", "daily_reminder_channel"}
    if asked and after.daily_reminder_enabled and after.daily_reminder_channel is Channel.EMAIL and account.user.email:
        address = keys.address_hash(Channel.EMAIL, account.user.email)
        await uow.suppressions.remove(Channel.EMAIL, address, scope=Kind.REMINDER)


def plain_value(value: Any) -> Any:
    """A preference as it stands in the audit log: JSON, readable."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class PreferenceBook:
    """Changes of `user_settings`, by whoever they belong to."""

    database: Database
    clock: Clock
    keys: Keys

    async def change(self, account: Account, changes: Mapping[str, Any]) -> Account:
        """The account as it is afterwards. Setting what is set already changes nothing, so a double tap is harmless."""
        check_email_is_there(account, changes)
        async with self.database.begin() as uow:
            current = await uow.users.by_id(account.user.id)
            if current is None:
                raise NotFound(N_("I don't know you any more. Send /start to begin anew."))
            changed = await change(uow, self.keys, current, changes, self.clock())
        return replace(account, preferences=changed.preferences)

    async def remind(self, account: Account, text: str) -> Account:
        """`/remind 09:00 mon-fri email`."""
        return await self.change(account, parse_reminder(text))

    async def quiet(self, account: Account, text: str) -> Account:
        """`/quiet 22:00-07:00`."""
        return await self.change(account, parse_quiet(text))

    async def language(self, account: Account, text: str) -> Account:
        """`/language es`."""
        return await self.change(account, parse_language(text))

    async def timezone(self, account: Account, timezone: str) -> Account:
        """A timezone that the user has named, by its IANA name."""
        return await self.change(account, {"timezone": timezone, "timezone_confirmed": True})
