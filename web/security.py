"""What every request and answer passes through: security headers, and a limit to what anybody may send."""

import asyncio

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1024 * 1024  # bytes
LONGEST_BODY = 20.0  # seconds it may take to arrive: a thousand slow ones would use up all the sockets we have
# Pages are one file: no script, no image, nothing from elsewhere; their style stands in them.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
WIDER = {  # by the beginning of a path: what its pages need besides
    "/push/": "; script-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000"  # one year, where we are reached by https


class SecurityHeaders:
    """Adds the headers to every answer, errors included."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": HSTS} if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        path = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers | {"Content-Security-Policy": policy_of(path)})
            await send(message)

        return await self._app(scope, receive, send_with_headers)


def policy_of(path: str) -> str:
    """The Content-Security-Policy of a page."""
    return POLICY + next((more for beginning, more in WIDER.items() if path.startswith(beginning)), "")


async def body_of(request: Request, limit: int = MAX_BODY) -> bytes:
    """The raw bytes; 413 as soon as there are too many, whatever the request says of its length, 408 where they take
    too long."""
    body = bytearray()
    try:
        async with asyncio.timeout(LONGEST_BODY):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise HTTPException(413, "The request is too large.")
    except TimeoutError:
        raise HTTPException(408, "The request takes too long.", {"Connection": "close"}) from None
    return bytes(body)
