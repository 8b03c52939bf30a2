"""What counts as an answer to a question of the bot, and what as an idea that came in between."""

from aiogram.filters import Filter
from aiogram.types import Message

WORDS = 3  # a city, an address, a code have no more; an idea usually has


class Text(Filter):
    """A text which is not a command."""

    async def __call__(self, message: Message) -> bool:
        return bool(message.text) and not (message.text or "").startswith("/")


class Short(Text):
    """A text of a few words on one line, which is not a command."""

    async def __call__(self, message: Message) -> bool:
        text = (message.text or "").strip()
        return await super().__call__(message) and "\n" not in text and len(text.split()) <= WORDS
