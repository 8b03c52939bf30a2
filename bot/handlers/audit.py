"""/audit: what was changed, and by whom."""

from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.admins import admin_router
from bot.callbacks import AuditButton
from bot.show import say, show
from bot.views.audit import audit_card
from core.model import Account
from core.model.audit import AuditFilter
from core.operations.audit import AuditBook

router = admin_router("audit")


@router.message(Command("audit"))
async def audit(message: Message, command: CommandObject, account: Account, audit_book: AuditBook) -> None:
    """/audit [topic or action] [who]."""
    meant = await audit_book.parse(command.args or "")
    page, topics = await audit_book.page(meant), await audit_book.topics()
    await say(message, audit_card(page, meant, topics, account.preferences.timezone))


@router.callback_query(AuditButton.filter())
async def turn(query: CallbackQuery, callback_data: AuditButton, account: Account, audit_book: AuditBook) -> None:
    """Another page, or another topic."""
    meant = AuditFilter(callback_data.topic or None, callback_data.user_id or None)
    page, topics = await audit_book.page(meant, callback_data.page), await audit_book.topics()
    await show(query, audit_card(page, meant, topics, account.preferences.timezone))
