"""A person's right to their data: all of it as a file, and all of it gone."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.errors import AppError
from core.i18n import N_
from core.model import Account, Channel
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

CONFIRM_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Privacy:
    """Hands out and erases what is known about a user."""

    database: Database
    clock: Clock
    keys: Keys

    async def export(self, account: Account) -> AsyncIterator[str]:
        """One JSON object in pieces: a list of rows for each table. No more than a page of rows is held in memory."""
        user, table = account.user, None
        yield f'{{"exported_at": "{self.clock().isoformat()}"'
        async with self.database.read() as uow:
            hashes = await self._hashes(uow, account)
            async for name, row in uow.personal_data.of_user(user.id, user.telegram_id, hashes):
                start = ",\n" if name == table else f'{"" if table is None else "]"},\n"{name}": ['
                table = name
                yield start + json.dumps(row, ensure_ascii=False, default=_readable)
        yield "]}\n" if table else "}\n"

    def erase_until(self) -> datetime:
        """Until when a confirmation that is shown now may be pressed."""
        return self.clock() + CONFIRM_WITHIN

    async def erase(self, account: Account, until: datetime) -> None:
        """Erase everything. `until` comes from the button: a later press, of a card found long after, does nothing."""
        now = self.clock()
        if now > until:
            raise AppError(N_("That question is too old. If you still want everything erased, send /forget again."))
        user = account.user
        async with self.database.begin() as uow:
            await uow.personal_data.erase(user.id, user.telegram_id, await self._hashes(uow, account), now)
            await uow.audit.write(None, "account.erased", now)

    async def _hashes(self, uow: UnitOfWork, account: Account) -> list[str]:
        """Under which the addresses stand in suppressions, codes and what came in."""
        user = account.user
        addresses = [(Channel.EMAIL, user.email), (Channel.TELEGRAM, user.telegram_id)]
        addresses += [(one.channel, one.address) for one in await uow.addresses.of_user(user.id)]
        return [self.keys.address_hash(channel, str(address)) for channel, address in addresses if address]


def _readable(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
