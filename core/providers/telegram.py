"""Telegram chats, by python-telegram-bot's ExtBot. Its Updater is never started: answering updates is the bot's part.

The library flattens every transport error and 5xx into one exception, so `Request` says what they mean while they can
still be told apart.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport
from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from core.delivery.budget import Budget, NoBudget
from core.errors import Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Button, Channel, DeliveryStatus, Message, Receipt
from core.providers.base import (
    BaseProvider,
    chain,
    clean,
    failure_of,
    transport_failure,
)
from core.providers.http import CONNECTIONS, KEPT_ALIVE
from core.providers.parts import Parts, needed
from core.rendering.telegram_text import MESSAGE_UNITS, html_units, split

PATIENCE = 10.0  # seconds a delivery waits for its turn; after that it goes back into the outbox, unsent
NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty")
NAMED = {400, 401, 403, 404}  # statuses that the library has an exception of its own for
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Request(HTTPXRequest):
    """The library's HTTP over our transport. What it would flatten is raised as a `SendError`, which it wraps."""

    def __init__(self, timeout: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_ALIVE)
        super().__init__(
            read_timeout=timeout,
            write_timeout=timeout,
            connect_timeout=timeout,
            pool_timeout=timeout,
            httpx_kwargs={"transport": transport or AiohttpTransport(limits=limits)},
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The status and body of a success, or of a failure that the library can name."""
        try:
            status, body = await super().do_request(*args, **kwargs)
        except TelegramError as error:
            raise transport_failure(error) from error
        if status < 300 or status in NAMED:
            return status, body
        raise _unnamed(status, body)


def _unnamed(status: int, body: bytes) -> SendError:
    error = failure_of(status, {}, body.decode(errors="replace"))
    try:
        error.retry_after = float(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, LookupError, TypeError):
        error.retry_after = None
    return error


class SharedLimiter(AIORateLimiter):
    """The library's limits for each chat, under the one budget that the bot's own answers take from too."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(overall_max_rate=0, overall_time_period=0, max_retries=0)
        self._budget = budget

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> Any:
        """Wait for a turn, then call."""
        await self._budget.take(PATIENCE)
        return await super().process_request(callback, args, kwargs, *more, **named)


class Telegram(BaseProvider):
    """Sends into private chats. Telegram takes no idempotency key and can't be asked about a message."""

    name, channel = "telegram", Channel.TELEGRAM
    reports_arrival = True  # by its answer

    def __init__(
        self,
        token: str,
        api_base: str,
        budget: Budget,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._budget = budget
        self._request = Request(timeout, transport)
        self._bot: ExtBot[Any] = ExtBot(
            token,
            base_url=f"{api_base}/bot",
            base_file_url=f"{api_base}/file/bot",
            request=self._request,
            get_updates_request=self._request,  # never used; a second pool would only lie around
            rate_limiter=SharedLimiter(budget),
        )

    async def send(self, message: Message, key: str) -> Receipt:
        """Send the card, or a long text in several messages; the receipt is the last one's, which has the buttons."""
        parts, mode = _parts(message)
        message_id = 0
        for place, part in enumerate(parts):
            try:
                message_id = await self._send(message, part, mode, is_last=place == len(parts) - 1)
            except SendError as error:
                if place and not isinstance(error, Uncertain):
                    raise Uncertain("uncertain", f"part {place + 1} of {len(parts)}: {error.code}") from error
                raise
        return Receipt(str(message_id), DeliveryStatus.DELIVERED)

    async def _send(self, message: Message, text: str, mode: str | None, *, is_last: bool) -> int:
        try:
            sent = await self._bot.send_message(
                message.to,
                text,
                parse_mode=mode,
                reply_markup=keyboard(message) if is_last else None,
                link_preview_options=NO_PREVIEW,
            )
        except NoBudget as error:
            raise Unavailable("own_pace", retry_after=error.wait) from error
        except TelegramError as error:
            meaning = meaning_of(error)
            if isinstance(meaning, Unavailable) and meaning.code == "rate_limited" and meaning.retry_after:
                self._budget.pause(meaning.retry_after)
            raise meaning from error
        return sent.message_id

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()


def _parts(message: Message) -> tuple[list[str], str | None]:
    """The HTML text where it fits into one message, else its plain text cut at paragraphs."""
    if message.html is not None and html_units(message.html) <= MESSAGE_UNITS:
        return [message.html], ParseMode.HTML
    return split(message.text), None


def keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """A message's buttons as Telegram takes them."""
    if not message.buttons:
        return None
    return InlineKeyboardMarkup([[_button(one) for one in row] for row in message.buttons])


def _button(one: Button) -> InlineKeyboardButton:
    copied = CopyTextButton(one.copy) if one.copy is not None else None
    return InlineKeyboardButton(one.text, callback_data=one.data, url=one.url, copy_text=copied)


def meaning_of(error: TelegramError) -> SendError:
    """What a call's failure means. What the library could not name was named by `Request`, below it in the chain."""
    for cause in chain(error):
        if isinstance(cause, SendError):
            return cause
    words = clean(error.message)
    match error:
        case Forbidden():
            return Refused("blocked", words, hard=True)
        case InvalidToken():
            return Misconfigured("unauthorized", words)
        case ChatMigrated():
            return Refused("chat_not_found", words)
        case BadRequest() if any(known in words.lower() for known in NO_SUCH_CHAT):
            return Refused("chat_not_found", words)
        case BadRequest():
            return Misconfigured("http_400", words)
    return Uncertain("uncertain", words)


def build(parts: Parts) -> Telegram:
    """As the settings say."""
    ours = parts.settings.telegram
    token = needed("TELEGRAM_BOT_TOKEN", parts.demo_token or ours.bot_token, "telegram")
    return Telegram(token, ours.api_base, parts.budget, parts.settings.provider_timeout)
