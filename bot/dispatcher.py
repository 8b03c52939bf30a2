"""The dispatcher: middlewares, routers in order, and the desk at the handlers' disposal."""

from typing import Any

from aiogram import Dispatcher, Router
from aiogram.filters import Filter
from aiogram.fsm.middleware import FSMContextMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject, Update

from bot import errors
from bot.desk import Desk
from bot.dialogues import Dialogues
from bot.handlers import ROUTERS, groups, unknown
from bot.middlewares import AnswerButtons, KnowThePerson, Next, is_private

PRIVATE = "private"


class InPrivate(Filter):
    """Messages and buttons of a person's own chat. A coroutine, since aiogram runs anything else in a thread."""

    async def __call__(self, event: Message | CallbackQuery) -> bool:
        message = event.message if isinstance(event, CallbackQuery) else event
        return message is not None and is_private(message.chat)


class Dialogue(FSMContextMiddleware):
    """aiogram's own, but a pressed button doesn't read the state of a dialogue: no button depends on it, and a press
    is what people do most. Handlers that want the state still get it from `state`."""

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        if isinstance(event, Update) and event.callback_query:
            data["state"] = self.resolve_event_context(data["bot"], data)
            return await handler(event, data)
        return await super().__call__(handler, event, data)


def build_dispatcher(desk: Desk) -> Dispatcher:
    """Topics answer private chats only; groups and whatever nobody else takes have a router of their own."""
    dialogues = Dialogues(desk.database, desk.clock)
    dispatcher = Dispatcher(storage=dialogues, disable_fsm=True, **desk.parts())
    dispatcher.update.outer_middleware(Dialogue(dialogues, dispatcher.fsm.events_isolation))
    dispatcher.update.outer_middleware(AnswerButtons())
    dispatcher.update.outer_middleware(KnowThePerson())
    dispatcher.include_routers(errors.router, groups.router, _private(), unknown.router)
    return dispatcher


def _private() -> Router:
    router = Router(name=PRIVATE)
    router.message.filter(InPrivate())
    router.callback_query.filter(InPrivate())
    router.include_routers(*ROUTERS)
    return router
