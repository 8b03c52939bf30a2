"""Telegram's webhook: an update is stored, then acknowledged. It is handled by the bot role, here or elsewhere."""

import hmac
import json

from fastapi import APIRouter, HTTPException, Request, Response

from core.updates import Incoming, incoming
from web.parts import WebParts
from web.security import body_of

HEADER = "x-telegram-bot-api-secret-token"


def router(parts: WebParts) -> APIRouter:
    """One route."""
    router = APIRouter()

    @router.post("/api/v1/telegram/callback")
    async def callback(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), parts.telegram_secret.encode()):
            raise HTTPException(401, "The secret is missing or wrong.")
        update = _update(await body_of(request))
        async with parts.database.begin() as uow:
            await uow.updates.add([update], parts.clock())
        parts.on_update()
        return Response()

    return router


def _update(body: bytes) -> Incoming:
    try:
        return incoming(json.loads(body))
    except (ValueError, RecursionError):
        raise HTTPException(400, "This is no update of the Bot API.") from None
