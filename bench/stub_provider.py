"""A provider that takes every message at once: POST answers 202 with an id. Prints its port; run it in a process of its
own, so that it takes no time from whoever is measured.
"""

import asyncio
from itertools import count

from aiohttp import web

NUMBERS = count(1)


async def take(request: web.Request) -> web.Response:
    """Read the message, give it a number."""
    await request.read()
    return web.json_response({"id": f"m-{next(NUMBERS)}", "status": "accepted"}, status=202)


async def main() -> None:
    """Serve until killed."""
    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    print(site._server.sockets[0].getsockname()[1], flush=True)  # type: ignore[attr-defined]
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
