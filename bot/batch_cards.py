"""Keeping the cards of batches up to date: a loop beside the handlers, in every process of the bot."""

import asyncio
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError

from bot.show import UNCHANGED, keyboard
from bot.views.batches import batch_card
from core.batches.watching import Outdated, Watching
from core.i18n import speaking

EVERY = 2.0  # seconds between two edits of a card
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LiveCards:
    """What is watched stands in the database: after a restart the cards go on."""

    bot: Bot
    watching: Watching

    async def run(self) -> None:
        """Until cancelled. What fails is tried again with the next change."""
        while True:
            try:
                await self.tick()
            except Exception as error:
                log.warning("cards of batches were not brought up to date", error=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def tick(self) -> None:
        """Edit each card whose batch has changed since it was shown, in one process only."""
        for one in await self.watching.outdated():
            if await self.watching.claim(one) and not await self._edit(one):
                await self.watching.drop(one.card)

    async def _edit(self, one: Outdated) -> bool:
        """False where the message is gone, or can't be edited any more."""
        with speaking(one.account.preferences.language):
            card = batch_card(one.watched, one.account.preferences.timezone)
        try:
            await self.bot.edit_message_text(
                card.text, chat_id=one.chat_id, message_id=one.card.message_id, reply_markup=keyboard(card.buttons)
            )
        except TelegramForbiddenError:
            return False
        except TelegramBadRequest as error:
            return UNCHANGED in error.message.lower()
        return True
