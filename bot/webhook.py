"""Telegram calls us: the webhook is set at start. What arrives is stored by the web server, handled by the intake."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError

from bot.polling import ALLOWED, FIRST_PAUSE, LONGEST_PAUSE
from core.errors import SettingsError
from core.identity import UNAUTHORIZED

PATH = "/api/v1/telegram/callback"
log = structlog.get_logger(__name__)


async def register(bot: Bot, public_url: str, secret: str) -> None:
    """Tell Telegram where to call, however long it takes. Raises `SettingsError` for a wrong token or address."""
    pause = FIRST_PAUSE
    while True:
        try:
            await bot.set_webhook(public_url + PATH, secret_token=secret, allowed_updates=ALLOWED)
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise SettingsError(UNAUTHORIZED) from None
        except TelegramBadRequest as error:
            raise SettingsError(f"PUBLIC_URL: Telegram refuses it as a webhook ({error.message})") from None
        except Exception as error:
            log.warning("the webhook could not be set, trying on", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            log.info("webhook set")
            return
