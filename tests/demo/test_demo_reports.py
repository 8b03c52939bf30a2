"""The demo as a vendor: it reports what became of messages, and what phones answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from core.model import Channel, EventType, WebhookRequest
from core.model import Reports as Told
from core.providers.base import http_client
from core.providers.sandbox import Sandbox
from demo import Demo
from demo.reports import PAUSES, Reports, post
from tests.demo.conftest import World
from tests.providers.vendor import DROP, Answer, Vendor, a_vendor, closed_port

BEARER = {"Authorization": "Bearer a key of one's own"}
NUMBER = "+14155550100"


async def sent(http: httpx.AsyncClient, url: str = "", channel: str = "whatsapp", **more: Any) -> str:
    body = {"to": NUMBER, "text": "hello", "key": "k1", **more}
    answer = await http.post(f"{url}/sandbox/{channel}/messages", json=body, headers=BEARER)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """Here it is the product that is called."""
    async with a_vendor() as vendor:
        yield vendor


@pytest.fixture
async def watched(world: World, vendor: Vendor) -> World:
    """A world whose reports go to `vendor`, at a time that stands still."""
    reports = world.state.reports
    reports.to, reports.key = f"{vendor.url}/webhooks/sandbox", "a key of one's own"
    now = world.state.clock()
    world.state.clock = lambda: now
    return world


def due(world: World, seconds: float) -> list[dict[str, Any]]:
    """What would be told so much later."""
    return [one.content for one in world.state.reports.take(world.state.clock() + seconds)]


async def test_the_product_hears_of_messages_and_answers_by_its_own_webhook(vendor: Vendor):
    """Signed as its sandbox provider expects, within a second or two."""
    vendor.will(Answer(200, b"{}"))
    to = f"{vendor.url}/webhooks/sandbox"
    provider = Sandbox(http_client(1), Channel.SMS, "http://x", "a key of one's own", "", lambda: datetime.now(UTC))
    async with Demo(reports_to=to, gateway_key="a key of one's own") as demo, httpx.AsyncClient() as http:
        message_id = await sent(http, demo.url)
        replies = f"{demo.url}/demo/api/phones/{NUMBER}/replies"
        assert (await http.post(replies, json={"text": "YES", "channel": "whatsapp"})).status_code == 200
        told: list[Told] = []
        async with asyncio.timeout(10):
            while len(told) < 2:
                await asyncio.sleep(0.02)
                told = [provider.parse(await verified(provider, one)) for one in vendor.asked]
    (answer,), (event,) = told[0].inbound, told[1].events
    assert (answer.sender, answer.text, answer.channel) == (NUMBER, "YES", Channel.WHATSAPP)
    assert answer.reply_to == message_id
    assert (event.type, event.provider_message_id, event.key) == (EventType.DELIVERED, message_id, "k1")
    await provider.http.aclose()


async def verified(provider: Sandbox, asked: Any) -> WebhookRequest:
    headers = {name.lower(): value for name, value in asked.headers.items()}
    request = WebhookRequest(asked.method, "http://x/webhooks/sandbox", headers, asked.body)
    await provider.verify(request)
    return request


async def test_a_message_is_reported_once_although_its_key_came_twice(watched: World):
    """And not before it has had time to arrive."""
    message_id = await sent(watched.http)
    await sent(watched.http)
    assert due(watched, 0) == []
    (event,) = due(watched, 2)
    assert (event["message_id"], event["type"], event["key"]) == (message_id, "delivered", "k1")


async def test_a_magic_number_bounces(watched: World):
    """As a vendor would report it."""
    await sent(watched.http, to="+15005550005")
    assert [one["type"] for one in due(watched, 2)] == ["bounced"]


async def test_whatsapp_tells_that_it_was_read_and_sms_does_not(watched: World):
    """Once, however often the phone is looked at."""
    message_id = await sent(watched.http)
    await sent(watched.http, channel="sms", key="k2")
    path = f"/demo/api/phones/{NUMBER}/read"
    assert [(await watched.http.post(path)).json() for _ in range(2)] == [{"read": 1}, {"read": 0}]
    types = [one["type"] for one in due(watched, 2) if one["message_id"] == message_id]
    assert sorted(types) == ["delivered", "read"]
    listed = (await watched.http.get("/sandbox/whatsapp/messages")).json()
    assert [one["status"] for one in listed] == ["read"]


async def test_nobody_is_told_what_can_not_be_answered(watched: World):
    """A push has no way back."""
    await sent(watched.http, channel="push", to="token")
    answer = await watched.http.post("/demo/api/phones/token/replies", json={"text": "x", "channel": "push"})
    assert answer.status_code == 200
    assert [one["type"] for one in due(watched, 2)] == ["delivered"]


async def test_the_gateway_takes_the_key_that_was_set(watched: World):
    """And no other."""
    body = {"to": NUMBER, "text": "x"}
    answers = [
        (await watched.http.post("/sandbox/sms/messages", json=body, headers={"Authorization": f"Bearer {key}"}))
        for key in ("sandbox", "", "a key of one's own")
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [401, 401, 202]


async def test_where_nobody_listens_nothing_piles_up():
    """`python -m demo` alone."""
    reports = Reports()
    reports.add(0, "events", {})
    assert reports.pending == []


@pytest.mark.parametrize(
    ("answer", "is_done"), [(Answer(200), True), (Answer(401), True), (Answer(503), False), (DROP, False)]
)
async def test_what_did_not_arrive_is_told_again(vendor: Vendor, answer: Answer, is_done: bool):
    """A refusal is an answer."""
    vendor.will(answer)
    reports = Reports(vendor.url)
    reports.add(0, "events", {"id": "1"})
    async with httpx.AsyncClient() as http:
        assert await post(http, reports, reports.take(0)) is is_done
    assert json.loads(vendor.asked[0].body) == {"events": [{"id": "1"}], "inbound": []}


async def test_a_report_is_given_up_in_the_end():
    """With longer and longer pauses before."""
    reports = Reports(f"http://127.0.0.1:{closed_port()}")
    reports.add(0, "events", {"id": "1"})
    now, pauses = 0.0, []
    while reports.pending:
        taken = reports.take(now)
        reports.put_back(taken, now)
        if reports.pending:
            pauses.append(reports.pending[0].due - now)
            now = reports.pending[0].due
    assert tuple(pauses) == pytest.approx(PAUSES)
