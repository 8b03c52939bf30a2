"""The admins' answers to requests for access."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot.callbacks import AccessButton
from bot.show import show
from bot.views import access as views
from core.accounts.access import Admission
from core.model import Account

router = Router(name="access")


@router.callback_query(AccessButton.filter(F.action.in_({"allow", "deny"})))
async def decide(query: CallbackQuery, callback_data: AccessButton, account: Account, access: Admission) -> None:
    """Allow or Deny; the first answer counts."""
    decision = await access.decide(account, callback_data.user_id, allow=callback_data.action == "allow")
    await show(query, views.decided(decision))
