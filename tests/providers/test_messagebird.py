"""MessageBird against a server that answers as MessageBird does."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest

from core.errors import BadSignature, Misconfigured
from core.model import Channel, EventType, InboundMessage, Message, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.messagebird import SIGNATURE, MessageBird
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MESSAGE_ID = "6fe65f90454aa61536e6a88b88972670"
TEXT = Message(Channel.SMS, "+14155550123", "Hello")
SIGNING_KEY = "a signing key of thirty-two signs"
PUBLIC = "https://desk.example.org"
HOOK = f"{PUBLIC}/webhooks/messagebird"


def make(url: str, now: datetime = NOW, signing_key: str | None = SIGNING_KEY) -> MessageBird:
    return MessageBird(http_client(TIMEOUT), "live_key", "Postrider", url, lambda: now, signing_key, PUBLIC)


class TestMessageBird(ProviderContract):
    """The contract, in MessageBird's words."""

    message = TEXT
    accepts = Answer(201, payload("messagebird/accepted.json"))
    receipt = Receipt(MESSAGE_ID)
    refuses = Answer(422, payload("messagebird/invalid_number.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, payload("messagebird/unauthorized.json"))
    throttles = Answer(429, b'{"errors": []}', {"Retry-After": "7"})
    unreadable = Answer(201, b"[]")

    def make(self, url: str) -> MessageBird:
        return make(url)

    async def test_sends_json(self, provider: MessageBird, vendor: Vendor):
        """With our key as the reference, without which there would be no reports."""
        vendor.will(self.accepts)
        await provider.send(TEXT, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/messages")
        assert asked.headers["Authorization"] == "AccessKey live_key"
        assert asked.json == {
            "originator": "Postrider", "recipients": ["14155550123"], "body": "Hello", "datacoding": "plain",
            "reference": KEY, "reportUrl": "https://desk.example.org/webhooks/messagebird",
        }  # fmt: skip

    async def test_other_alphabets_are_named(self, provider: MessageBird, vendor: Vendor):
        """Else they would arrive as question marks."""
        vendor.will(self.accepts)
        await provider.send(replace(TEXT, text="Привет"), KEY)
        assert vendor.asked[0].json["datacoding"] == "unicode"

    @pytest.mark.parametrize(
        ("status", "error", "code"),
        [
            (422, {"code": 10, "description": "no", "parameter": "originator"}, "http_422"),
            (402, {"code": 25, "description": "Not enough balance"}, "out_of_credit"),
            (422, "strange", "http_422"),
        ],
    )
    async def test_everything_but_the_recipient_is_our_fault(
        self, provider: MessageBird, vendor: Vendor, status: int, error: Any, code: str
    ):
        """A wrong sender, an empty account."""
        vendor.will(Answer(status, json.dumps({"errors": [error]}).encode()))
        found = await self.fails(provider)
        assert (type(found), found.code) == (Misconfigured, code)

    async def test_asks_for_the_status(self, provider: MessageBird, vendor: Vendor):
        """As a report would have told it."""
        vendor.will(Answer(200, payload("messagebird/failed.json")))
        event = await provider.status(MESSAGE_ID, TEXT.to)
        assert vendor.asked[0].path == f"/messages/{MESSAGE_ID}"
        assert event is not None
        assert (event.type, event.code, event.hard) == (EventType.FAILED, "invalid_address", True)
        assert event.at == datetime(2015, 1, 5, 10, 2, 59, tzinfo=UTC)
        assert (event.provider_message_id, event.event_id) == (MESSAGE_ID, f"poll:{MESSAGE_ID}:delivery_failed")

    @pytest.mark.parametrize("body", [b"{}", b'{"recipients": {"items": [{"status": "scheduled"}]}}'])
    async def test_what_is_on_its_way_is_no_news(self, provider: MessageBird, vendor: Vendor, body: bytes):
        """It is asked again later."""
        vendor.will(Answer(200, body))
        assert await provider.status(MESSAGE_ID, TEXT.to) is None

    async def test_checks_the_balance(self, provider: MessageBird, vendor: Vendor):
        """The credentials are what can be wrong."""
        vendor.will(Answer(200, b"{}"), Answer(401))
        await provider.check()
        assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", "/balance")
        with pytest.raises(Misconfigured):
            await provider.check()


@pytest.fixture
def messagebird() -> MessageBird:
    return make("http://127.0.0.1")


REPORT = payload("messagebird/failed.txt").decode()
ADDRESS = f"{HOOK}?{REPORT}"


def token(url: str, body: bytes = b"", *, key: str = SIGNING_KEY, algorithm: str = "HS256", **claims: Any) -> str:
    made = {
        "iss": "MessageBird", "nbf": NOW - timedelta(seconds=5), "exp": NOW + timedelta(seconds=55), "jti": "1",
        "url_hash": hashlib.sha256(url.encode()).hexdigest(),
    }  # fmt: skip
    if body:
        made["payload_hash"] = hashlib.sha256(body).hexdigest()
    kept = {name: value for name, value in (made | claims).items() if value is not None}
    return jwt.encode(kept, key, algorithm)


def asked(signature: str = "", url: str = ADDRESS, body: bytes = b"", **headers: str) -> WebhookRequest:
    query = tuple(parse_qsl(url.partition("?")[2], keep_blank_values=True))
    return WebhookRequest("POST" if body else "GET", url, {SIGNATURE: signature, **headers}, body, query)


VECTORS = json.loads(payload("messagebird/signatures.json"))  # from MessageBird's own libraries
VECTORS_KEY = "36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
async def test_the_vectors_of_messagebirds_libraries_hold(vector: dict[str, Any]):
    """At the moment that they were made for."""
    theirs = make("http://127.0.0.1", datetime(2021, 7, 5, 10, 0, tzinfo=UTC), VECTORS_KEY)
    request = asked(vector["token"], vector["url"], vector["body"].encode())
    if vector["valid"]:
        await theirs.verify(request)
        return
    with pytest.raises(BadSignature):
        await theirs.verify(request)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_signed_report_is_believed(messagebird: MessageBird, algorithm: str):
    """A GET has no body that could be signed."""
    await messagebird.verify(asked(token(ADDRESS, algorithm=algorithm)))


BODY = payload("messagebird/inbound.json")


@pytest.mark.parametrize(
    "request_",
    [
        asked(),
        asked("no token at all"),
        asked("ü.ü.ü"),
        asked(token(ADDRESS, key="another signing key of that length")),
        asked(jwt.encode({"iss": "MessageBird"}, None, "none")),
        asked(token(ADDRESS, iss="Somebody")),
        asked(token(ADDRESS, exp=None)),
        asked(token(ADDRESS, nbf=None)),
        asked(token(ADDRESS, url_hash=None)),
        asked(token(ADDRESS, exp="soon")),
        asked(token(ADDRESS, exp=NOW - timedelta(seconds=2))),
        asked(token(ADDRESS, nbf=NOW + timedelta(seconds=2))),
        asked(token(ADDRESS), ADDRESS.replace("delivery_failed", "delivered")),
        asked(token(ADDRESS), ADDRESS, BODY),
        asked(token(ADDRESS, BODY), ADDRESS),
        asked(token(ADDRESS, BODY), ADDRESS, BODY + b" "),
    ],
)
async def test_anything_else_is_a_bad_signature(messagebird: MessageBird, request_: WebhookRequest):
    """Whatever was changed, and above all an algorithm that signs nothing."""
    with pytest.raises(BadSignature):
        await messagebird.verify(request_)


async def test_without_the_signing_key_nothing_is_believed():
    """Anybody could call there."""
    with pytest.raises(BadSignature):
        await make("http://127.0.0.1", signing_key=None).verify(asked(token(ADDRESS)))


def test_it_has_a_webhook(messagebird: MessageBird):
    """The registry finds it by that."""
    assert isinstance(messagebird, Reporting)


def test_a_report_brings_our_key_back(messagebird: MessageBird):
    """So it is understood although the answer to the call was lost."""
    (event,) = messagebird.parse(asked()).events
    assert (event.type, event.code, event.hard) == (EventType.FAILED, "unsubscribed", True)
    assert (event.provider_message_id, event.key) == (MESSAGE_ID, KEY)
    assert event.at == datetime(2023, 7, 28, 17, 57, 12, tzinfo=UTC)
    assert messagebird.parse(asked()).events[0].event_id == event.event_id


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=sent", (EventType.SENT, None, False)),
        ("status=buffered", (EventType.DEFERRED, None, False)),
        ("status=delivered&statusReason=successfully+delivered", (EventType.DELIVERED, None, False)),
        ("status=expired", (EventType.FAILED, "absent", False)),
        ("status=delivery_failed&statusErrorCode=1", (EventType.FAILED, "invalid_address", True)),
        ("status=delivery_failed&statusReason=Carrier+rejected", (EventType.FAILED, "carrier_filtered", False)),
        ("status=delivery_failed&statusErrorCode=255", (EventType.FAILED, None, False)),
    ],
)
def test_every_status_and_its_reason(
    messagebird: MessageBird, query: str, found: tuple[EventType, str | None, bool]
):  # fmt: skip
    """Some are for good, and the number is left alone."""
    (event,) = messagebird.parse(asked(url=f"{HOOK}?id=1&{query}")).events
    assert (event.type, event.code, event.hard) == found


def test_an_sms_from_somebody(messagebird: MessageBird):
    """Numbers get their plus back."""
    request = WebhookRequest("POST", HOOK, {"content-type": "application/json"}, BODY)
    at = datetime(2023, 7, 27, 0, 49, 29, tzinfo=UTC)
    assert messagebird.parse(request).inbound == (
        InboundMessage(
            "messagebird", "b6aae1b5dfb2427a8f7ea6a717ba31a9", Channel.SMS, "+14155550123", "I am in", at
        ),
    )  # fmt: skip


def test_an_sms_by_a_get_with_a_short_codes_time(messagebird: MessageBird):
    """An account chooses how it is told."""
    url = f"{HOOK}?id=1&originator=14155550123&recipient=55155&body=hi&receive_datetime=20230727004929"
    (found,) = messagebird.parse(asked(url=url)).inbound
    assert (found.text, found.at) == ("hi", datetime(2023, 7, 27, 0, 49, 29, tzinfo=UTC))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "id=1&status=scheduled",
        "status=delivered",
        "id=1&originator=Postrider&body=hi",
        "id=1&originator=14155550123",
    ],
)
def test_what_says_nothing_to_us_is_left_out(messagebird: MessageBird, query: str):
    """It is signed, so no reason to fail."""
    reports = messagebird.parse(asked(url=f"{HOOK}?{query}"))
    assert (reports.events, reports.inbound) == ((), ())
