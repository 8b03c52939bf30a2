"""Suppressions: looked up by an address, counted, and lifted for a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.addresses import masked
from core.errors import AppError
from core.i18n import N_
from core.model import Account, Channel
from core.model.audit import Suppression
from core.operations.people import Whom, hashes_of, whom
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

LONGEST_REASON = 200  # characters


@dataclass(frozen=True, slots=True)
class Barred:
    """A suppression and the address it is about, masked."""

    suppression: Suppression
    address: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What is suppressed of one person. `blocked_at`: they have blocked the bot, which only they can undo."""

    label: str
    barred: tuple[Barred, ...]
    blocked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SuppressionDesk:
    """Suppressions in the hands of admins: whoever asks has been found to be one."""

    database: Database
    clock: Clock
    keys: Keys

    async def counts(self) -> Mapping[tuple[Channel, str], int]:
        """How many addresses there are, by channel and reason."""
        async with self.database.read() as uow:
            return await uow.suppressions.counts()

    async def look_up(self, text: str) -> LookedUp:
        """What is suppressed of an address, a number, a @name or a public id. Raises `AppError`."""
        async with self.database.read() as uow:
            return await looked_up(uow, self.keys, await whom(uow, self.keys, text))

    async def one(self, suppression_id: int) -> Suppression | None:
        """A suppression; None where it was lifted already."""
        async with self.database.read() as uow:
            return await uow.suppressions.one(suppression_id)

    async def lift(self, by: Account, suppression_id: int, reason: str) -> Suppression | None:
        """Let an address be used again, for a reason that is kept with who said so; what was lifted, None where it was
        already. Raises `AppError` without a reason."""
        said = check_reason(reason)
        now = self.clock()
        async with self.database.begin() as uow:
            one = await uow.suppressions.one(suppression_id)
            if one is None or not await uow.suppressions.remove(one.channel, one.address_hash, scope=one.scope):
                return None
            before = {"channel": one.channel.value, "scope": one.scope, "reason": one.reason}
            await uow.audit.write(by.user.id, "suppression.lifted", now, before, {"because": said})
        return one


async def looked_up(uow: UnitOfWork, keys: Keys, asked: Whom) -> LookedUp:
    """What is suppressed of somebody who was found."""
    hashes = hashes_of(keys, asked.places)
    found = await uow.suppressions.found(hashes.keys())
    barred = tuple(Barred(one, masked(*hashes[one.channel, one.address_hash])) for one in found)
    return LookedUp(asked.label, barred, asked.account.user.blocked_at if asked.account else None)


def check_reason(text: str) -> str:
    """A reason on one line. Raises `AppError` for none, or for a story."""
    said = " ".join(text.split())
    if not 3 <= len(said) <= LONGEST_REASON:
        raise AppError(
            N_("Give a reason of 3 to {most} characters. Example: they wrote to us and want our mails again"),
            {"most": LONGEST_REASON},
        )
    return said
