"""Which post a reply is about: its card's own buttons say so, or else the delivery that brought the card."""

from typing import Any

from aiogram.filters import Filter
from aiogram.types import Message

from bot.callbacks import DraftButton
from core import buttons
from core.model import Account
from core.posts.drafts import Drafts


class ReplyToCard(Filter):
    """A reply to the card of a post; gives `post_id` and `card_id`, the message id of the card."""

    async def __call__(self, message: Message, drafts: Drafts, account: Account) -> bool | dict[str, Any]:
        card = message.reply_to_message
        if card is None or card.from_user is None or not card.from_user.is_bot:
            return False
        post_id = _post_on(card) or await drafts.post_of_card(account, card.message_id)
        return {"post_id": post_id, "card_id": card.message_id} if post_id else False


def _post_on(card: Message) -> int | None:
    rows = card.reply_markup.inline_keyboard if card.reply_markup else []
    for button in (button for row in rows for button in row):
        if (button.callback_data or "").startswith(f"{buttons.DRAFT}:"):
            return DraftButton.unpack(button.callback_data or "").post_id
    return None
