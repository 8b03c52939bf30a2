"""The dispatcher: middlewares, routers in order, and the desk at the handlers' disposal."""

from aiogram import Dispatcher, F, Router

from bot import errors
from bot.desk import Desk
from bot.dialogues import Dialogues
from bot.handlers import groups, routers, unknown
from bot.middlewares import AnswerButtons, KnowThePerson

PRIVATE = "private"


def build_dispatcher(desk: Desk) -> Dispatcher:
    """Topics answer private chats only; groups and whatever nobody else takes have a router of their own."""
    dispatcher = Dispatcher(storage=Dialogues(desk.database, desk.clock), **desk.parts())
    dispatcher.update.outer_middleware(AnswerButtons())
    dispatcher.update.outer_middleware(KnowThePerson())
    dispatcher.include_routers(errors.router, groups.router, _private(), unknown.router)
    return dispatcher


def _private() -> Router:
    router = Router(name=PRIVATE)
    router.message.filter(F.chat.type == PRIVATE)
    router.callback_query.filter(F.message.chat.type == PRIVATE)
    for topic in routers():
        router.include_router(topic)
    return router
