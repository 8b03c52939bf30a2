"""What the tests of posts in the chat share: a draft whose card has been delivered."""

from core.model import PostView
from tests.bot.conftest import ChatDriver, Shown

IDEA = "We cut our release time from 3 weeks to 2 days"


async def a_card(chat: ChatDriver, idea: str = IDEA) -> Shown:
    """An idea was sent, and its card has been delivered."""
    await chat.says(idea)
    await chat.deliver()
    return chat.last


async def post(chat: ChatDriver, post_id: int = 1, version: int | None = None) -> PostView:
    """The stored post."""
    view: PostView = await chat.desk.drafts.view(await chat.account(), post_id, version)
    return view


def now(chat: ChatDriver, shown: Shown) -> Shown:
    """The same message as it stands now."""
    return chat.session.messages[shown.message_id]
