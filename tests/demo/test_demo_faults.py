"""Failures on request: each happens as often as asked, and the log of calls says what was stored."""

import asyncio
from typing import Any

import httpx
import pytest

from demo import AUTHOR_ID, DEMO_TOKEN, Demo
from tests.demo.conftest import World


async def test_a_refusal_happens_so_often_and_stores_nothing(world: World):
    fault = {"method": "sendMessage", "mode": "status", "status": 429, "retry_after": 2, "times": 1}
    await world.http.post("/demo/api/faults", json=fault)
    answer = await world.call("sendMessage", chat_id=AUTHOR_ID, text="x")
    assert answer.status_code == 429
    assert answer.json() == {
        "ok": False, "error_code": 429, "description": "Too Many Requests: retry after 2",
        "parameters": {"retry_after": 2},
    }  # fmt: skip
    assert not world.state.calls
    assert await world.bot("sendMessage", chat_id=AUTHOR_ID, text="x")


async def test_faults_can_skip_and_choose_a_chat(world: World):
    await world.http.post("/demo/api/faults", json={"method": "*", "status": 500, "skip": 1, "chat_id": AUTHOR_ID})
    await world.bot("getMe")
    await world.bot("sendMessage", chat_id=AUTHOR_ID, text="passes")
    assert await world.refused("sendMessage", chat_id=AUTHOR_ID, text="fails") == (500, "Internal Server Error")
    assert (await world.http.get("/demo/api/faults")).json() == []


@pytest.mark.parametrize("fault", [{}, {"method": "x", "mode": "explode"}, {"method": "x", "status": 200}])
async def test_a_fault_that_makes_no_sense_is_refused(world: World, fault: dict[str, Any]):
    assert (await world.http.post("/demo/api/faults", json=fault)).status_code == 409


@pytest.mark.parametrize(("stored", "messages"), [(False, 0), (True, 1)])
async def test_a_dropped_connection_before_and_after_storing(demo: Demo, stored: bool, messages: int):
    """The client hears nothing in both cases; only the receiver knows."""
    async with httpx.AsyncClient(base_url=demo.url, trust_env=False) as http:
        await http.post(f"/demo/api/users/{AUTHOR_ID}/start", json={})
        await http.post("/demo/api/faults", json={"method": "sendMessage", "mode": "drop", "stored": stored})
        with pytest.raises(httpx.TransportError):
            await http.post(f"/bot{DEMO_TOKEN}/sendMessage", json={"chat_id": AUTHOR_ID, "text": "x"})
        calls = (await http.get("/demo/api/calls", params={"method": "sendMessage"})).json()
        assert len(calls) == messages
        assert (await http.get(f"/bot{DEMO_TOKEN}/getMe")).status_code == 200


async def test_a_hanging_call_is_stored_and_answered_late_or_never(demo: Demo):
    async with httpx.AsyncClient(base_url=demo.url, trust_env=False, timeout=30) as http:
        await http.post(f"/demo/api/users/{AUTHOR_ID}/start", json={})
        send = {"chat_id": AUTHOR_ID, "text": "x"}
        await http.post("/demo/api/faults", json={"method": "sendMessage", "mode": "hang", "seconds": 0.2})
        began = asyncio.get_running_loop().time()
        assert (await http.post(f"/bot{DEMO_TOKEN}/sendMessage", json=send)).status_code == 200
        assert asyncio.get_running_loop().time() - began >= 0.2
        await http.post("/demo/api/faults", json={"method": "sendMessage", "mode": "hang"})
        unanswered = asyncio.create_task(http.post(f"/bot{DEMO_TOKEN}/sendMessage", json=send))
        async with asyncio.timeout(20):
            while len((await http.get("/demo/api/calls", params={"method": "sendMessage"})).json()) < 2:
                pass
        await asyncio.sleep(0.3)
        assert not unanswered.done()
        unanswered.cancel()


async def test_stopping_does_not_wait_for_those_who_wait():
    """A long poll, a hanging call and an open page don't hold the server."""
    demo = Demo()
    await demo.start()
    async with httpx.AsyncClient(base_url=demo.url, trust_env=False, timeout=30) as http:
        await http.post("/demo/api/faults", json={"method": "getMe", "mode": "hang"})
        waiting = [
            asyncio.create_task(http.get(f"/bot{DEMO_TOKEN}/getUpdates", params={"timeout": 50})),
            asyncio.create_task(http.get(f"/bot{DEMO_TOKEN}/getMe")),
            asyncio.create_task(http.get("/demo/api/events")),
        ]
        await asyncio.sleep(0.3)
        await asyncio.wait_for(demo.stop(), 5)
        await asyncio.gather(*waiting, return_exceptions=True)
