"""The sandbox gateway's adapter, one class for every channel."""

import hashlib
import hmac
import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.delivery.budget import Budget
from core.errors import BadSignature, Misconfigured, Unavailable
from core.model import Channel, DeliveryStatus, EventType, InboundMessage, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.parts import Parts
from core.providers.sandbox import SIGNATURE, Sandbox, build
from core.settings import Settings
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make(url: str, channel: Channel = Channel.EMAIL) -> Sandbox:
    return Sandbox(http_client(TIMEOUT), channel, url, "key", "desk@example.org", lambda: NOW)


class TestSandbox(ProviderContract):
    """The contract, in the gateway's words."""

    accepts = Answer(202, payload("sandbox/accepted.json"))
    receipt = Receipt("sbx-0f3a")
    refuses = Answer(422, payload("sandbox/refused.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, b'{"error": "unauthorized"}')
    throttles = Answer(429, b"{}", {"Retry-After": "7"})
    unreadable = Answer(202, b'{"no": "id"}')

    def make(self, url: str) -> Sandbox:
        return make(url)

    async def test_posts_to_its_channel(self, provider: Sandbox, vendor: Vendor):
        """With our key, so that the gateway keeps it once."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        (asked,) = vendor.asked
        assert (asked.path, asked.headers["Authorization"]) == ("/sandbox/email/messages", "Bearer key")
        assert asked.json == {
            "to": "ada@example.org", "subject": "Your draft", "text": "Hello", "html": "<p>Hello</p>", "key": KEY,
            "from": "Postrider <desk@example.org>", "url": "",
        }  # fmt: skip

    async def test_a_push_has_a_title_and_somewhere_to_go(self, vendor: Vendor):
        """As on a real phone."""
        vendor.will(self.accepts)
        provider = make(vendor.url, Channel.PUSH)
        pushed = replace(self.message, channel=Channel.PUSH, to="token", url="https://desk.example.org/")
        await provider.send(pushed, KEY)
        (asked,) = vendor.asked
        assert asked.path == "/sandbox/push/messages"
        assert (asked.json["subject"], asked.json["url"]) == ("Your draft", "https://desk.example.org/")
        await self.finish(provider)

    async def test_finds_what_was_taken_with_our_key(self, provider: Sandbox, vendor: Vendor):
        """And with what has become of it."""
        vendor.will(Answer(200, payload("sandbox/listed.json")))
        assert await provider.find("ada@example.org", KEY) == Receipt("sbx-2", DeliveryStatus.DELIVERED)
        assert await provider.find("ada@example.org", "another") is None
        assert vendor.asked[0].path == "/sandbox/email/messages?to=ada@example.org"

    async def test_a_gateway_that_cannot_be_asked_is_not_taken_for_a_no(self, provider: Sandbox, vendor: Vendor):
        """It would be sent again."""
        vendor.will(Answer(503))
        with pytest.raises(Unavailable):
            await provider.find("ada@example.org", KEY)

    @pytest.mark.parametrize(
        ("status", "found"),
        [
            ("sent", None),
            ("delivered", (EventType.DELIVERED, False)),
            ("read", (EventType.READ, False)),
            ("bounced", (EventType.BOUNCED, True)),
        ],
    )
    async def test_asks_for_the_status(
        self, provider: Sandbox, vendor: Vendor, status: str, found: tuple[EventType, bool] | None
    ):
        """As a report would have told it."""
        vendor.will(Answer(200, json.dumps({"id": "sbx-2", "status": status}).encode()))
        event = await provider.status("sbx-2", "ada@example.org")
        assert vendor.asked[0].path == "/sandbox/email/messages/sbx-2"
        assert (event and (event.type, event.hard)) == found

    async def test_checks_without_sending(self, provider: Sandbox, vendor: Vendor):
        """That there is no such message is an answer."""
        vendor.will(Answer(404), Answer(401))
        await provider.check()
        with pytest.raises(Misconfigured):
            await provider.check()


@pytest.fixture
def sandbox() -> Sandbox:
    return make("http://127.0.0.1")


def asked(told: Any, key: str | None = "key") -> WebhookRequest:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signature = hmac.digest(key.encode(), body, hashlib.sha256).hex() if key else ""
    return WebhookRequest("POST", "http://127.0.0.1:8080/webhooks/sandbox", {SIGNATURE: signature}, body)


async def test_only_the_gateway_is_believed(sandbox: Sandbox):
    """It knows the key; a changed body does not fit."""
    assert isinstance(sandbox, Reporting)
    good = asked({"events": []})
    await sandbox.verify(good)
    for bad in (asked({}, None), asked({}, "another"), replace(good, body=b"{}"), replace(good, headers={})):
        with pytest.raises(BadSignature):
            await sandbox.verify(bad)


def test_events_and_answers_are_read(sandbox: Sandbox):
    """Both may come in one request."""
    at = NOW.timestamp()
    reports = sandbox.parse(
        asked(
            {
                "events": [
                    {"id": "e1", "message_id": "sbx-1", "type": "delivered", "at": at, "key": KEY},
                    {"id": "e2", "message_id": "sbx-2", "type": "bounced", "at": at},
                    {"id": "e3", "message_id": "sbx-1", "type": "read", "at": "soon"},
                ],
                "inbound": [
                    {"id": "r1", "channel": "whatsapp", "sender": "+14155550123", "text": "Yes", "at": at,
                     "reply_to": "sbx-1"},
                ],
            }
        )
    )  # fmt: skip
    assert [(one.event_id, one.type, one.provider_message_id, one.hard, one.key) for one in reports.events] == [
        ("e1", EventType.DELIVERED, "sbx-1", False, KEY),
        ("e2", EventType.BOUNCED, "sbx-2", True, ""),
        ("e3", EventType.READ, "sbx-1", False, ""),
    ]
    assert {one.at for one in reports.events} == {NOW}
    assert reports.inbound == (
        InboundMessage("sandbox", "r1", Channel.WHATSAPP, "+14155550123", "Yes", NOW, "sbx-1"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        [],
        {"events": 1, "inbound": "x"},
        {"events": [1, {}, {"id": "e", "type": "clicked"}, {"type": "read"}]},
        {"inbound": [{"id": "r", "channel": "push", "sender": "+14155550123"}, {"id": "r", "channel": "sms"}]},
        {"inbound": [{"channel": "sms", "sender": "+14155550123"}]},
    ],
)
def test_what_says_nothing_to_us_is_left_out(sandbox: Sandbox, told: Any):
    """It is signed, so no reason to fail."""
    reports = sandbox.parse(asked(told))
    assert (reports.events, reports.inbound) == ((), ())


@pytest.mark.parametrize(
    ("values", "demo_token", "is_believed"),
    [
        ({"public_url": "https://desk.example.org"}, None, False),
        ({"web": {"host": "0.0.0.0"}}, None, False),
        ({"public_url": "https://desk.example.org", "sandbox": {"api_key": "a secret of ours"}}, None, True),
        ({"public_url": "https://desk.example.org"}, "the pretend Telegram's", True),
        ({"public_url": "http://127.0.0.1:8080"}, None, True),
        ({"public_url": "http://localhost:8080"}, None, True),
        ({}, None, True),
    ],
)
async def test_a_key_that_everybody_knows_signs_nothing_from_afar(
    values: dict[str, Any], demo_token: str | None, is_believed: bool
):
    """Anybody could report bounces, and answer STOP in other people's names."""
    settings = Settings(_env_file=None, **values)
    parts = Parts(settings, http_client(TIMEOUT), Budget(25), lambda: NOW, Channel.SMS, demo_token)
    key = settings.sandbox.api_key.get_secret_value()
    signature = hmac.new(key.encode(), b"{}", hashlib.sha256).hexdigest()
    request = WebhookRequest("POST", "https://desk.example.org/webhooks/sandbox", {SIGNATURE: signature}, b"{}")
    with nullcontext() if is_believed else pytest.raises(BadSignature):
        await build(parts).verify(request)
