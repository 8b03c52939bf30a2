"""The pretend Telegram for tests: `world` speaks to it in process, `demo` is one that listens."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from demo import AUTHOR_ID, DEMO_TOKEN, Demo
from demo.people import welcome_people
from demo.server import create_app
from demo.state import State


@dataclass
class World:
    """A bot and people in front of one server."""

    http: httpx.AsyncClient
    state: State

    async def call(self, method: str, **params: Any) -> httpx.Response:
        """A Bot API call with a JSON body, whatever comes back."""
        return await self.http.post(f"/bot{DEMO_TOKEN}/{method}", json=params)

    async def bot(self, method: str, **params: Any) -> Any:
        """A Bot API call that must succeed."""
        answer = (await self.call(method, **params)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Status and description of a call that must fail; the body's code equals the status."""
        answer = await self.call(method, **params)
        body = answer.json()
        assert body["ok"] is False
        assert body["error_code"] == answer.status_code
        return answer.status_code, body["description"]

    async def act(self, path: str, person: int = AUTHOR_ID, **body: Any) -> Any:
        """Something a person does."""
        answer = await self.http.post(f"/demo/api/users/{person}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """What getUpdates gives at once, confirmed."""
        found: list[dict[str, Any]] = await self.bot("getUpdates", **params)
        if found:
            await self.bot("getUpdates", offset=found[-1]["update_id"] + 1)
        return found


@pytest.fixture
async def fresh() -> AsyncIterator[World]:
    """Nobody has started the bot yet."""
    state = State()
    welcome_people(state)
    transport = httpx.ASGITransport(app=create_app(state))
    async with httpx.AsyncClient(transport=transport, base_url="http://demo.test") as http:
        yield World(http, state)


@pytest.fixture
async def world(fresh: World) -> World:
    """The author has started the bot, and the bot has seen it."""
    await fresh.act("start")
    await fresh.updates()
    return fresh


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    """A demo on real ports."""
    async with Demo() as running:
        yield running
