"""A user's phone, for SMS and WhatsApp. Its number is proved by Telegram: a shared contact names its owner, and nobody
else can share it in that name.
"""

from dataclasses import dataclass
from datetime import datetime

from core.accounts.ways import provider_names
from core.addresses import masked, parse_phone
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Channel, UserAddress
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

PHONE_CHANNELS = (Channel.SMS, Channel.WHATSAPP)


@dataclass(frozen=True, slots=True)
class Phone:
    """A user's number as it stands. `channels` are those that are set up here, with whether the user's number is used
    by each; `refused` says why a channel may not use it (an error code)."""

    number: str | None
    channels: dict[Channel, bool]
    refused: dict[Channel, str]


def number_of(account: Account) -> str | None:
    """The user's number in E.164; None without one."""
    return next((one.address for one in account.addresses if one.channel in PHONE_CHANNELS), None)


@dataclass(frozen=True, slots=True)
class PhoneBook:
    """Adds, switches and removes the phone of a user. One number each: a new one takes the place of the old."""

    database: Database
    clock: Clock
    keys: Keys

    async def of(self, account: Account) -> Phone:
        """How the user's phone stands; `account` is read anew."""
        async with self.database.read() as uow:
            return await self._phone(uow, await _current(uow, account))

    async def add(self, account: Account, contact: str, owner_id: int | None) -> Phone:
        """Take the number of a shared contact; `owner_id` is the Telegram user that the contact names. `AppError` for
        anybody else's."""
        if owner_id is None or owner_id != account.user.telegram_id:
            raise AppError(N_("That is somebody else's number. I take only your own, by the button that /phone shows."))
        number, now = parse_phone(contact), self.clock()
        async with self.database.begin() as uow:
            current = await _current(uow, account)
            channels = [one for one in PHONE_CHANNELS if one in await provider_names(uow)]
            if not channels:
                raise AppError(N_("Neither SMS nor WhatsApp is set up here, so I have no use for your number."))
            before = number_of(current)
            if before != number:
                await self._take_from_others(uow, current, number, now)
                if before:
                    await self._redirect(uow, current, before, number)
                    await self._drop(uow, current, None)
                for channel in channels:
                    await self._put(uow, current, channel, number, now)
                await self._note(uow, current.user.id, before, number, now)
            return await self._phone(uow, await _current(uow, account))

    async def switch(self, account: Account, channel: Channel, is_on: bool) -> Phone:
        """Let a channel use the number, or not. A number that no channel uses is not kept."""
        now = self.clock()
        async with self.database.begin() as uow:
            current = await _current(uow, account)
            number = number_of(current)
            if number is None:
                raise AppError(N_("I have no number of yours. Send /phone and share it with the button."))
            if is_on and channel not in await provider_names(uow):
                raise AppError(N_("This channel is not set up here."))
            was_on = any(one.channel is channel for one in current.addresses)
            if was_on is not is_on:
                if is_on:
                    await self._put(uow, current, channel, number, now)
                else:
                    await self._drop(uow, current, channel)
                change = {channel.value: was_on}, {channel.value: is_on}
                await uow.audit.write(current.user.id, f"account.phone.{channel}", now, *change)
            return await self._phone(uow, await _current(uow, account))

    async def remove(self, account: Account) -> Phone:
        """Forget the number; what waits to be sent to it is called off."""
        now = self.clock()
        async with self.database.begin() as uow:
            current = await _current(uow, account)
            before = number_of(current)
            if before:
                await self._drop(uow, current, None)
                await self._note(uow, current.user.id, before, None, now)
            return await self._phone(uow, await _current(uow, account))

    async def _phone(self, uow: UnitOfWork, account: Account) -> Phone:
        used = {one.channel: one.address for one in account.addresses if one.channel in PHONE_CHANNELS}
        set_up = await provider_names(uow)
        hashes = {(channel.value, self.keys.address_hash(channel, one)): channel for channel, one in used.items()}
        scopes = await uow.suppressions.scopes(hashes.keys()) if hashes else {}
        refused = {
            hashes[channel, address]: reason
            for (channel, address, scope), reason in scopes.items()
            if scope == "all" and (channel, address) in hashes
        }
        channels = {one: one in used for one in PHONE_CHANNELS if one in set_up or one in used}
        return Phone(number_of(account), channels, refused)

    async def _put(self, uow: UnitOfWork, account: Account, channel: Channel, number: str, now: datetime) -> None:
        address = UserAddress(0, account.user.id, channel, number, "", now)
        await uow.addresses.add(address, self.keys.address_hash(channel, number))

    async def _redirect(self, uow: UnitOfWork, account: Account, old: str, new: str) -> None:
        for channel in PHONE_CHANNELS:
            await uow.users.redirect(account.user.id, channel, old, new)

    async def _take_from_others(self, uow: UnitOfWork, account: Account, number: str, now: datetime) -> None:
        """A number that changed hands is its new owner's; the old one's log says so."""
        for channel in PHONE_CHANNELS:
            theirs = await uow.addresses.by_hash(channel, self.keys.address_hash(channel, number))
            if theirs and theirs.user_id != account.user.id:
                await uow.addresses.remove(theirs.user_id, theirs.id)
                await uow.users.call_off(theirs.user_id, channel, number, now)
                await uow.audit.write(
                    theirs.user_id,
                    "account.phone",
                    now,
                    {channel.value: masked(channel, number)},
                    {channel.value: None},
                )

    async def _drop(self, uow: UnitOfWork, account: Account, channel: Channel | None) -> None:
        """One channel's use of the number, or every one's."""
        for one in account.addresses:
            if one.channel in PHONE_CHANNELS and channel in (None, one.channel):
                await uow.addresses.remove(account.user.id, one.id)
                await uow.users.call_off(account.user.id, one.channel, one.address, self.clock())

    async def _note(self, uow: UnitOfWork, user_id: int, before: str | None, after: str | None, now: datetime) -> None:
        shown = [masked(Channel.SMS, one) if one else None for one in (before, after)]
        await uow.audit.write(user_id, "account.phone", now, {"phone": shown[0]}, {"phone": shown[1]})


async def _current(uow: UnitOfWork, account: Account) -> Account:
    current = await uow.users.by_id(account.user.id)
    if current is None:
        raise NotFound(N_("I don't know you any more. Send /start to begin anew."))
    return current
