"""The sandbox gateway: every channel, one copy for a key, failures by address."""

from typing import Any

import httpx
import pytest

from tests.demo.conftest import World

BEARER = {"Authorization": "Bearer sandbox"}


async def post(world: World, channel: str = "sms", **message: Any) -> httpx.Response:
    body = {"to": "+14155550100", "text": "hello", "key": "k1", **message}
    return await world.http.post(f"/sandbox/{channel}/messages", json=body, headers=BEARER)


async def test_the_same_key_gives_the_same_message_once(world: World):
    first, second, other = await post(world), await post(world), await post(world, key="k2")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json() != other.json()
    listed = (await world.http.get("/sandbox/sms/messages")).json()
    assert [(one["key"], one["repeats"]) for one in listed] == [("k1", 1), ("k2", 0)]
    (phone,) = (await world.http.get("/demo/api/phones")).json()
    assert len(phone["messages"]) == 2


async def test_the_key_may_come_as_a_header(world: World):
    headers = {**BEARER, "Idempotency-Key": "h1"}
    body = {"to": "+14155550100", "text": "x"}
    ids = [(await world.http.post("/sandbox/sms/messages", json=body, headers=headers)).json()["id"] for _ in range(2)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("refuse@sandbox.test", 422), ("fail-503@sandbox.test", 503), ("fail-429@sandbox.test", 429),
        ("fail-401@sandbox.test", 401), ("+15005550001", 422), ("+15005550002", 503), ("+1 500 555 0004", 429),
    ],
)  # fmt: skip
async def test_failures_by_address_store_nothing(world: World, address: str, status: int):
    answer = await post(world, to=address)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 429)
    assert (await world.http.get("/sandbox/sms/messages")).json() == []


@pytest.mark.parametrize(
    ("address", "later"),
    [("+15005550005", "bounced"), ("bounce@sandbox.test", "bounced"), ("+14155550100", "delivered")],
)
async def test_the_status_follows_later(world: World, address: str, later: str):
    """sent first, as with a real provider, then what became of it."""
    now = world.state.clock()
    world.state.clock = lambda: now
    message_id = (await post(world, to=address)).json()["id"]
    path = f"/sandbox/sms/messages/{message_id}"
    assert (await world.http.get(path)).json()["status"] == "sent"
    world.state.clock = lambda: now + 2
    assert (await world.http.get(path)).json()["status"] == later


async def test_an_email_lands_in_the_mailbox(world: World):
    sender = "Desk <desk@postrider.test>"
    answer = await post(
        world, "email", to="a@b.test", subject="Hi\nBcc: x@y.test", html="<p>hi</p>", text="hi", **{"from": sender}
    )
    assert answer.status_code == 202
    (found,) = (await world.http.get("/demo/api/mails")).json()
    assert (found["subject"], found["html"].strip(), found["to"]) == ("Hi Bcc: x@y.test", "<p>hi</p>", ["a@b.test"])


async def test_phones_answer(world: World):
    await post(world, "whatsapp")
    number = "/demo/api/phones/+14155550100/replies"
    assert (await world.http.post(number, json={"text": "YES", "channel": "whatsapp"})).status_code == 200
    (reply,) = (await world.http.get(number)).json()
    assert (reply["text"], reply["channel"], reply["direction"]) == ("YES", "whatsapp", "out")


@pytest.mark.parametrize(
    ("channel", "headers", "body", "status"),
    [
        ("sms", {}, {"to": "1", "text": "x"}, 401),
        ("pigeon", BEARER, {"to": "1", "text": "x"}, 404),
        ("sms", BEARER, {"text": "x"}, 422),
    ],
)
async def test_what_the_gateway_does_not_take(
    world: World, channel: str, headers: dict[str, str], body: dict[str, str], status: int
):
    answer = await world.http.post(f"/sandbox/{channel}/messages", json=body, headers=headers)
    assert answer.status_code == status
