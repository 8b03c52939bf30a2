"""What people see while the writer works: "typing", and one message when it needs a second try."""

from contextlib import suppress
from types import TracebackType

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message
from aiogram.utils.chat_action import ChatActionSender

from bot.show import keyboard
from core.cards import writing_card
from core.i18n import gettext as _


def second_try() -> str:
    """What is said when the model didn't answer at first."""
    return _("The model didn't answer, trying once more…")


class Typing(ChatActionSender):
    """ "typing" in the chat. Where that can't be shown, the work goes on without."""

    async def _worker(self) -> None:
        with suppress(TelegramAPIError):
            await super()._worker()


class Progress:
    """Shows "typing" in its block; the message about a second try goes when the block ends."""

    def __init__(self, bot: Bot, chat_id: int) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._typing = Typing(bot=bot, chat_id=chat_id)
        self._message: Message | None = None

    async def __aenter__(self) -> "Progress":
        await self._typing.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._typing.__aexit__(kind, error, trace)
        if self._message:
            with suppress(TelegramAPIError):
                await self._message.delete()

    async def retrying(self) -> None:
        """The writer is asked once more."""
        card = writing_card(note=second_try())
        if self._message is None:
            self._message = await self._bot.send_message(self._chat_id, card.text, reply_markup=keyboard(card.buttons))
