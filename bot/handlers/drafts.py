"""Presses on a draft card that need no writer: approve, posted, delete and their undos, pages, copies, mails."""

from collections.abc import Awaitable, Callable

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Update

from bot.callbacks import DraftButton
from bot.presses import settle, toast
from bot.show import send, show, source_key
from bot.views.drafts import version_card
from core.cards import copy_cards
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Account, Channel, PostView
from core.posts.approvals import Approvals
from core.posts.drafts import Drafts

router = Router(name="drafts")

Press = Callable[[Approvals, Account, int], Awaitable[PostView]]
PRESSES: dict[str, tuple[Press, str]] = {
    "unapprove": (Approvals.unapprove, N_("It is a draft again.")),
    "posted": (Approvals.mark_posted, N_("Well done! No reminder for today.")),
    "unposted": (Approvals.unmark_posted, N_("Not posted, then. The text is still approved.")),
    "delete": (Approvals.delete, N_("Deleted. “Undo” brings it back.")),
    "restore": (Approvals.restore, N_("It is back.")),
}


@router.callback_query(DraftButton.filter(F.action == "approve"))
async def approve(query: CallbackQuery, callback_data: DraftButton, approvals: Approvals, account: Account) -> None:
    """👍 locks the version on the card."""
    press = approvals.approve(account, callback_data.post_id, callback_data.version)
    await settle(query, account, press, _("Approved."))


@router.callback_query(DraftButton.filter(F.action.in_(PRESSES)))
async def move(query: CallbackQuery, callback_data: DraftButton, approvals: Approvals, account: Account) -> None:
    """One of `PRESSES`: each takes the post to another state, or back."""
    press, said = PRESSES[callback_data.action]
    await settle(query, account, press(approvals, account, callback_data.post_id), _(said))


@router.callback_query(DraftButton.filter(F.action.in_({"page", "back"})))
async def page(
    query: CallbackQuery, callback_data: DraftButton, drafts: Drafts, account: Account, state: FSMContext
) -> None:
    """‹ 2/3 ›: another version, with what it changed; ⬅️ leaves the question that the card asked."""
    if callback_data.action == "back":
        await state.clear()
    view, before = await drafts.compare(account, callback_data.post_id, callback_data.version)
    await show(query, version_card(view, before, account))


@router.callback_query(DraftButton.filter(F.action == "copy"))
async def copy(query: CallbackQuery, callback_data: DraftButton, drafts: Drafts, account: Account) -> None:
    """The text alone, in a message that copies with one tap."""
    view = await drafts.view(account, callback_data.post_id, callback_data.version)
    for card in copy_cards(view.version.text):
        await send(query, card)
    await toast(query, _("Tap the text to copy it."))


@router.callback_query(DraftButton.filter(F.action == "email"))
async def email(
    query: CallbackQuery, callback_data: DraftButton, approvals: Approvals, account: Account, event_update: Update
) -> None:
    """✉️ mails the text on the card once more."""
    await approvals.resend(
        account,
        callback_data.post_id,
        Channel.EMAIL,
        version=callback_data.version,
        request=source_key(event_update),
    )
    await toast(query, _("On its way to {address}.").format(address=account.user.email))
