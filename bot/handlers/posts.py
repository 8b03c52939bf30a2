"""/posts: the author's shelf, paged, by state and by word."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import PostsButton
from bot.show import say, send, show
from bot.views.drafts import post_card
from bot.views.posts import posts_card
from core.model import Account
from core.posts.drafts import Drafts
from core.posts.library import Library, Shelf, checked_word

router = Router(name="posts")


@router.message(Command("posts"))
async def posts(message: Message, command: CommandObject, library: Library, account: Account) -> None:
    """All of them, or those that hold the word."""
    word = checked_word(command.args or "")
    await say(message, posts_card(await library.page(account, word=word), account, Shelf.ALL, word))


@router.callback_query(PostsButton.filter((F.action == "list") & F.shelf.in_(set(Shelf))))
async def turn(query: CallbackQuery, callback_data: PostsButton, library: Library, account: Account) -> None:
    """Another page or shelf, in the place of the last one."""
    shelf, word = Shelf(callback_data.shelf), checked_word(callback_data.word)
    page = await library.page(account, callback_data.number, shelf, word)
    await show(query, posts_card(page, account, shelf, word))


@router.callback_query(PostsButton.filter(F.action == "open"))
async def open_post(query: CallbackQuery, callback_data: PostsButton, drafts: Drafts, account: Account) -> None:
    """The post's card, as a message of its own."""
    view = await drafts.view(account, callback_data.number)
    await send(query, post_card(view, account))
