"""Proving that a mailbox is one's own: a six-digit code is mailed and asked back.

Wrong tries are counted in the transaction that judges them, one at a time for a user and for an address. The code
itself is never stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.accounts.codes import (
    HOUR,
    LIFE,
    WINDOW,
    WRONG_TRIES,
    check_may_ask,
    digits_of,
    locked,
    locked_until,
    no_code,
    wrong_tries,
)
from core.accounts.preferences import change
from core.accounts.relocation import move_here
from core.addresses import mask, parse_email
from core.delivery.outbox import notify
from core.errors import AppError
from core.i18n import N_
from core.model import Account, Channel, DeliveryStatus, IssuedCode, Kind
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

EMAIL, LINK = "email", "link"  # purposes


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A right code: the account as it is afterwards, and what it was for."""

    account: Account
    purpose: str
    address: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Asks for codes, checks them, and does what they prove."""

    database: Database
    clock: Clock
    keys: Keys

    async def ask_email(self, account: Account, text: str) -> str:
        """Mail a code to a new address of the user's; the address. Whether it belongs to somebody else is not told."""
        address = parse_email(text)
        if address == account.user.email:
            raise AppError(
                N_("{address} is your address already. To change it: /email me@example.org"), {"address": address}
            )
        return await self._ask(account, address, EMAIL)

    async def ask_link(self, account: Account, text: str) -> str:
        """Mail a code to the address of the account that is to be moved here; the address. The answer is the same where
        there is no such account, but then nothing is sent."""
        address = parse_email(text)
        if address == account.user.email:
            raise AppError(N_("{address} belongs to this chat already."), {"address": address})
        return await self._ask(account, address, LINK)

    async def is_waiting(self, account: Account) -> bool:
        """Whether a code of the user's is still good."""
        async with self.database.read() as uow:
            return await uow.codes.open_of(account.user.id, self.clock()) is not None

    async def give_up(self, account: Account) -> None:
        """Make the open codes void: the user has cancelled."""
        async with self.database.begin() as uow:
            await uow.codes.close_open(account.user.id, self.clock())

    async def confirm(self, account: Account, text: str) -> Confirmed:
        """Check what the user typed and do what a right code proves. `AppError` says what was wrong, once the wrong try
        has been counted and committed."""
        typed = digits_of(text)
        if typed is None:
            raise AppError(N_("The code has six digits. Example: 123456. Or /cancel"))
        async with self.database.begin() as uow:
            outcome = await self._judge(uow, account, typed, self.clock())
        if isinstance(outcome, AppError):
            raise outcome
        return outcome

    async def _ask(self, account: Account, address: str, purpose: str) -> str:
        now, address_hash = self.clock(), self.keys.address_hash(Channel.EMAIL, address)
        async with self.database.begin() as uow:
            await uow.codes.hold(f"user:{account.user.id}")
            await uow.codes.hold(f"address:{address_hash}")
            codes = await uow.codes.recent(account.user.id, address_hash, now - WINDOW)
            check_may_ask(codes, account.user.id, address_hash, now)
            await uow.codes.close_open(account.user.id, now)
            code = IssuedCode(0, account.user.id, purpose, address, address_hash, now + LIFE, now)
            code = replace(code, id=await uow.codes.add(code))
            await self._mail(uow, account, code, address, now)
        return address

    async def _mail(self, uow: UnitOfWork, account: Account, code: IssuedCode, address: str, now: datetime) -> None:
        """For a link, in the name of the account that is to be moved: only its owner sees the mail in a log."""
        reader = await uow.users.by_email(address) if code.purpose == LINK else account
        if reader is None:
            return
        queued = await notify(
            uow, reader, Kind.CODE, key=f"code:{code.id}", now=now, keys=self.keys, interactive=True,
            content={"verification_id": code.id, "purpose": code.purpose},
            channels=(Channel.EMAIL,), addresses={Channel.EMAIL: address},
        )  # fmt: skip
        if code.purpose == EMAIL and any(one.status is DeliveryStatus.SUPPRESSED for one in queued):
            raise AppError(
                N_("Mail to {address} came back before, so I must not write there. Give me another address."),
                {"address": address},
            )

    async def _judge(self, uow: UnitOfWork, account: Account, typed: str, now: datetime) -> Confirmed | AppError:
        await uow.codes.hold(f"user:{account.user.id}")
        code = await uow.codes.open_of(account.user.id, now)
        address_hash = code.address_hash if code else ""
        if code:
            await uow.codes.hold(f"address:{address_hash}")
        codes = await uow.codes.recent(account.user.id, address_hash, now - WINDOW)
        if until := locked_until(codes, now):
            return locked(until, now)
        if code is None or code.address is None:
            return no_code()
        if not self.keys.is_code(code.id, typed):
            return await self._count(uow, code, codes, now)
        if not await uow.codes.close(code.id, now):
            return no_code()
        return await self._prove(uow, account, code, code.address, now)

    async def _count(self, uow: UnitOfWork, code: IssuedCode, codes: Sequence[IssuedCode], now: datetime) -> AppError:
        if not await uow.codes.count_wrong(code.id, WRONG_TRIES, now):
            return no_code()
        left = WRONG_TRIES - wrong_tries(codes, now) - 1
        if left <= 0:
            await uow.codes.lock(code.id, now + HOUR, now)
            await uow.audit.write(code.user_id, "verification.locked", now)
            return locked(now + HOUR, now)
        return AppError(
            N_("That is not the code. Tries left: {left}. A new code: /email me@example.org"), {"left": left}
        )

    async def _prove(
        self, uow: UnitOfWork, account: Account, code: IssuedCode, address: str, now: datetime
    ) -> Confirmed | AppError:
        current = await uow.users.by_id(account.user.id)
        owner = await uow.users.by_email(address)
        if current is None:
            return no_code()
        if code.purpose == LINK:
            if owner is None:
                return no_code()
            return Confirmed(await move_here(uow, self.keys, current, owner, now), LINK, address)
        if owner is not None:
            return AppError(
                N_("{address} belongs to another account of this bot. To move that account here: /link {address}"),
                {"address": address},
            )
        return Confirmed(await self._set_email(uow, current, code.id, address, now), EMAIL, address)

    async def _set_email(self, uow: UnitOfWork, account: Account, code_id: int, address: str, now: datetime) -> Account:
        old = account.user.email
        await uow.users.update(account.user.id, {"email": address, "email_confirmed_at": now}, now)
        await uow.audit.write(account.user.id, "account.email", now, {"email": mask(old)}, {"email": mask(address)})
        await uow.suppressions.remove(Channel.EMAIL, self.keys.address_hash(Channel.EMAIL, address))
        account = replace(account, user=replace(account.user, email=address))
        if old:
            await uow.users.redirect(account.user.id, Channel.EMAIL, old, address)
            await notify(
                uow, account, Kind.EMAIL_CHANGED, key=f"email_changed:{code_id}", now=now,
                keys=self.keys, content={"masked_new": mask(address)},
                channels=(Channel.EMAIL,), addresses={Channel.EMAIL: old},
            )  # fmt: skip
        return await change(uow, self.keys, account, {"receive_email_notifications": True}, now)
