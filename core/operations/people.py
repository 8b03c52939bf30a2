"""Who an admin means: by an address, a number, a @name or a public id. Nobody's address is shown whole."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from core.addresses import masked, parse_email
from core.delivery.planning import addresses_of
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Channel
from core.ports import UnitOfWork
from core.secrets import Keys
from core.timewords import shown

PHONE = re.compile(r"\+[1-9]\d{7,14}")
USERNAME = re.compile(r"@([A-Za-z]\w{1,31})")
PUBLIC_ID = re.compile(r"[\w-]{6,16}")
PHONES = (Channel.SMS, Channel.WHATSAPP)
Place = tuple[Channel, str]  # a channel and an address on it


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is meant: `label` is how they are shown; `account` is None for somebody without one. `is_person`: they were
    named themselves, not one address of theirs."""

    label: str
    places: tuple[Place, ...]
    account: Account | None = None
    is_person: bool = False


async def whom(uow: UnitOfWork, keys: Keys, text: str) -> Whom:
    """Who `ada@example.org`, `+14155550123`, `@ada` or a public id means. Raises `NotFound` for a name or an id that
    nobody has, `AppError` for what is none of these."""
    text = text.strip()
    digits = re.sub(r"[\s().-]", "", text)
    if PHONE.fullmatch(digits):
        return await _by_phone(uow, keys, digits)
    if "@" in text.lstrip("@"):
        address = parse_email(text)
        return Whom(masked(Channel.EMAIL, address), ((Channel.EMAIL, address),), await uow.users.by_email(address))
    return await _named(uow, text)


async def _by_phone(uow: UnitOfWork, keys: Keys, digits: str) -> Whom:
    places = tuple((channel, digits) for channel in PHONES)
    owners = [await uow.addresses.by_hash(channel, keys.address_hash(channel, digits)) for channel in PHONES]
    owner = next((one for one in owners if one), None)
    return Whom(masked(Channel.SMS, digits), places, await uow.users.by_id(owner.user_id) if owner else None)


async def _named(uow: UnitOfWork, text: str) -> Whom:
    if found := USERNAME.fullmatch(text):
        account = await uow.users.by_username(found[1])
    elif PUBLIC_ID.fullmatch(text):
        account = await uow.users.by_public_id(text)
    else:
        raise AppError(
            N_("“{text}” is no address or name I know. Examples: ada@example.org, +14155550123, @ada"),
            {"text": shown(text)},
        )
    if account is None:
        raise NotFound(N_("I know nobody called “{text}”."), {"text": shown(text)})
    return Whom(label_of(account), places_of(account), account, is_person=True)


def places_of(account: Account) -> tuple[Place, ...]:
    """Every address of a user."""
    return tuple((channel, one) for channel, found in addresses_of(account).items() for one in found)


def label_of(account: Account) -> str:
    """A user as admins know them."""
    return f"@{account.user.username}" if account.user.username else account.user.public_id


def hashes_of(keys: Keys, places: Collection[Place]) -> dict[tuple[str, str], Place]:
    """The channel and keyed hash of each address, as suppressions know it."""
    return {(channel, keys.address_hash(channel, address)): (channel, address) for channel, address in places}
