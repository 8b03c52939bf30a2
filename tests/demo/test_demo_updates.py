"""Updates: polling that forgets nothing unconfirmed, one poller at a time, and webhooks that are retried."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from demo import AUTHOR_ID, DEMO_TOKEN, Demo
from demo.botapi.webhook import deliver_one
from tests.demo.conftest import World


async def test_updates_stay_until_the_next_offset_confirms_them(world: World):
    await world.act("messages", text="one")
    await world.act("messages", text="two")
    first = await world.bot("getUpdates")
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert await world.bot("getUpdates") == first
    assert await world.bot("getUpdates", offset=first[1]["update_id"]) == first[1:]
    assert await world.bot("getUpdates", offset=first[1]["update_id"] + 1) == []


async def test_a_negative_offset_keeps_only_the_last(world: World):
    for text in ("one", "two", "three"):
        await world.act("messages", text=text)
    last = await world.bot("getUpdates", offset=-1)
    assert [update["message"]["text"] for update in last] == ["three"]
    assert len(await world.bot("getUpdates")) == 1


async def test_limit_and_allowed_updates(world: World):
    """The choice of kinds stays until another is made, and holds for later updates only."""
    await world.act("messages", text="one")
    await world.bot("getUpdates", allowed_updates=["callback_query"], limit=1)
    await world.act("messages", text="two")
    found = await world.updates(limit=100)
    assert [update["message"]["text"] for update in found] == ["one"]
    await world.bot("getUpdates", allowed_updates=[])
    await world.act("messages", text="three")
    assert len(await world.updates(limit=1)) == 1


async def test_a_long_poll_returns_as_soon_as_something_comes(demo: Demo):
    async with httpx.AsyncClient(base_url=demo.url, trust_env=False) as http:
        poll = asyncio.create_task(http.get(f"/bot{DEMO_TOKEN}/getUpdates", params={"timeout": 20}, timeout=30))
        await asyncio.sleep(0.1)
        assert not poll.done()
        await http.post(f"/demo/api/users/{AUTHOR_ID}/messages", json={"text": "wake up"})
        answer = await asyncio.wait_for(poll, 2)
    assert [update["message"]["text"] for update in answer.json()["result"]] == ["wake up"]


async def test_a_second_poller_ends_the_first(demo: Demo):
    """As with the real server it is the older one that is told."""
    async with httpx.AsyncClient(base_url=demo.url, trust_env=False, timeout=30) as http:
        older = asyncio.create_task(http.get(f"/bot{DEMO_TOKEN}/getUpdates", params={"timeout": 20}))
        await asyncio.sleep(0.1)
        newer = asyncio.create_task(http.get(f"/bot{DEMO_TOKEN}/getUpdates", params={"timeout": 20}))
        answer = await asyncio.wait_for(older, 2)
        assert answer.status_code == 409
        assert answer.json()["description"].startswith("Conflict: terminated by other getUpdates request")
        assert not newer.done()
        newer.cancel()


async def test_polling_conflicts_with_a_webhook(world: World):
    await world.bot("setWebhook", url="https://example.org/hook")
    status, words = await world.refused("getUpdates")
    assert (status, words[:54]) == (409, "Conflict: can't use getUpdates method while webhook is")
    await world.bot("deleteWebhook")
    assert await world.bot("getUpdates") == []


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"url": "ftp://example.org"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://example.org", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ],
)
async def test_bad_webhooks_are_refused(world: World, params: dict[str, Any], description: str):
    assert await world.refused("setWebhook", **params) == (400, f"Bad Request: {description}")


async def test_a_webhook_is_retried_until_it_answers_2xx(world: World):
    """The secret goes along, the failure shows in getWebhookInfo, and a call in the answer is made."""
    seen: list[httpx.Request] = []

    def bot(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        reply = {"method": "sendMessage", "chat_id": AUTHOR_ID, "text": "by answer"}
        return httpx.Response(503) if len(seen) == 1 else httpx.Response(200, json=reply)

    await world.bot("setWebhook", url="https://example.org/hook", secret_token="s3cret")
    await world.act("messages", text="hello")
    async with httpx.AsyncClient(transport=httpx.MockTransport(bot)) as http:
        assert not await deliver_one(world.state, http)
        info = await world.bot("getWebhookInfo")
        assert (info["pending_update_count"], info["last_error_message"][-23:]) == (1, "503 Service Unavailable")
        assert await deliver_one(world.state, http)
    assert not world.state.updates.pending
    assert {request.headers["X-Telegram-Bot-Api-Secret-Token"] for request in seen} == {"s3cret"}
    assert len({json.loads(request.content)["update_id"] for request in seen}) == 1
    assert [one["text"] for one in world.state.chats[AUTHOR_ID].messages.values()][-1] == "by answer"


async def test_a_running_demo_posts_to_the_webhook(demo: Demo):
    """End to end over sockets, in order."""
    arrived: asyncio.Queue[str] = asyncio.Queue()

    async def hook(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = json.loads(await reader.readexactly(size))
        await arrived.put(body["message"]["text"])
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hook, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=demo.url, trust_env=False) as http:
        await http.post(f"/bot{DEMO_TOKEN}/setWebhook", json={"url": f"http://127.0.0.1:{port}/"})
        for text in ("one", "two"):
            await http.post(f"/demo/api/users/{AUTHOR_ID}/messages", json={"text": text})
        assert [await asyncio.wait_for(arrived.get(), 5) for _ in range(2)] == ["one", "two"]
    server.close()
