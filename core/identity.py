"""Who the bot is: asked once at the start, also by processes that carry no bot."""

import asyncio

import httpx
import structlog

from core.errors import SettingsError

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between tries while Telegram can't be reached
UNAUTHORIZED = (
    "TELEGRAM_BOT_TOKEN: Telegram does not know this token. "
    "Get a new one from @BotFather (/token) and set TELEGRAM_BOT_TOKEN to it."
)
log = structlog.get_logger(__name__)


async def username_of(http: httpx.AsyncClient, api_base: str, token: str) -> str:
    """The bot's username, however long Telegram takes. Raises `SettingsError` where it doesn't know the token."""
    pause = FIRST_PAUSE
    while True:
        try:
            answer = await http.post(f"{api_base}/bot{token}/getMe")
            if answer.status_code in (401, 404):
                raise SettingsError(UNAUTHORIZED)
            return str(answer.json()["result"]["username"])
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            log.warning("Telegram can't be asked who we are, trying on", error=type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
