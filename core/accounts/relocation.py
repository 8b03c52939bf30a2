"""Moving an account into another Telegram chat, once its mailbox has proved whose it is."""

from dataclasses import replace
from datetime import datetime

from core.accounts.links import token_of
from core.accounts.phone import PHONE_CHANNELS, number_of
from core.delivery.outbox import notify
from core.model import Account, Channel, Kind
from core.ports import UnitOfWork
from core.secrets import Keys


async def move_here(uow: UnitOfWork, keys: Keys, here: Account, owner: Account, now: datetime) -> Account:
    """Give the chat of `here` to `owner`, with what was written in it; the account as it is afterwards.

    The old chat and the mailbox are told, links that were sent open nothing any more, and what waits for the old chat
    goes to the new one. Phones and browsers come along; of two phones the one of this chat counts.
    """
    new, old = here.user.telegram_id, owner.user.telegram_id
    await _put_down_old_phone(uow, here, owner, now)
    await uow.users.hand_over(here.user.id, owner.user.id)
    await uow.users.remove(here.user.id)
    generation = owner.user.link_generation + 1
    moved = replace(
        owner.user, telegram_id=new, name=here.user.name, username=here.user.username, blocked_at=None,
        link_generation=generation,
    )  # fmt: skip
    names = ("telegram_id", "name", "username", "blocked_at", "link_generation")
    await uow.users.update(owner.user.id, {name: getattr(moved, name) for name in names}, now)
    await uow.links.revoke(owner.user.id, lambda link: token_of(keys, link))
    await uow.audit.write(owner.user.id, "account.moved", now)
    if old is not None and new is not None:
        await uow.users.redirect(owner.user.id, Channel.TELEGRAM, str(old), str(new))
        await uow.dialogues.remove(f"{old}:{old}")
    account = replace(owner, user=moved, addresses=tuple(await uow.addresses.of_user(owner.user.id)))
    addresses = {Channel.TELEGRAM: str(old)} if old is not None else {}
    await notify(
        uow, account, Kind.ACCOUNT_MOVED, key=f"account_moved:{owner.user.id}:{generation}", now=now, keys=keys,
        channels=(*addresses, Channel.EMAIL), addresses=addresses,
    )  # fmt: skip
    return account


async def _put_down_old_phone(uow: UnitOfWork, here: Account, owner: Account, now: datetime) -> None:
    if number_of(here) is None:
        return
    for one in owner.addresses:
        if one.channel in PHONE_CHANNELS:
            await uow.addresses.remove(owner.user.id, one.id)
            await uow.users.call_off(owner.user.id, one.channel, one.address, now)
