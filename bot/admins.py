"""Who is an admin: asked at every message and again at every press, so that nobody keeps what was taken from them."""

from typing import Any

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from core.accounts.accounts import Accounts
from core.model import Account


class IsAdmin(Filter):
    """ADMIN_TELEGRAM_IDS names them."""

    async def __call__(
        self, event: Message | CallbackQuery, account: Account, accounts: Accounts, **data: Any
    ) -> bool:  # fmt: skip
        return accounts.is_admin(account)


def admin_router(name: str) -> Router:
    """A router whose messages and buttons are the admins'. For anybody else they don't exist: a command is unknown, a
    button is dead."""
    router = Router(name=name)
    router.message.filter(IsAdmin())
    router.callback_query.filter(IsAdmin())
    return router
