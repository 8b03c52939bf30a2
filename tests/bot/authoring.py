"""What the tests of posts in the chat share: a draft whose card has been delivered."""

from bot.show import keyboard
from core.cards import draft_card
from core.model import PostView
from tests.bot.conftest import AUTHOR, ChatDriver, Shown

IDEA = "We cut our release time from 3 weeks to 2 days"


async def a_card(chat: ChatDriver, idea: str = IDEA) -> Shown:
    """An idea was sent, and its card has arrived as the outbox brings it."""
    await chat.says(idea)
    view = await post(chat)
    card = draft_card(view)
    message_id = chat.session.keep_card(AUTHOR["id"], card.text, keyboard(card.buttons))
    return chat.session.messages[message_id]


async def post(chat: ChatDriver, post_id: int = 1, version: int | None = None) -> PostView:
    """The stored post."""
    view: PostView = await chat.desk.drafts.view(await chat.account(), post_id, version)
    return view


def now(chat: ChatDriver, shown: Shown) -> Shown:
    """The same message as it stands now."""
    return chat.session.messages[shown.message_id]
