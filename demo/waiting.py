"""Waiting on purpose, without outliving the client or the server."""

import asyncio
import contextlib

from fastapi import Request

from demo.state import State

FOREVER = 600.0


async def gone(request: Request, state: State) -> bool:
    """Whether nobody waits for the answer any more."""
    return state.events.closing.is_set() or await request.is_disconnected()


async def wait_until_gone(request: Request, state: State, seconds: float | None = None) -> None:
    """Waits `seconds`, or as long as the client does."""
    deadline = asyncio.get_running_loop().time() + (FOREVER if seconds is None else seconds)
    while (left := deadline - asyncio.get_running_loop().time()) > 0 and not await gone(request, state):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(left, 0.25)):
                await state.events.closing.wait()
