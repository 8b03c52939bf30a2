"""Plivo against a server that answers as Plivo does."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from core.errors import BadSignature, Misconfigured, Refused
from core.model import Channel, EventType, InboundMessage, Message, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.phones import callback
from core.providers.plivo import NONCE, Plivo
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ID, TOKEN = "MAXXXXXXXXXXXXXXXXXX", "auth-token"
MESSAGE_ID = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
TEXT = Message(Channel.SMS, "+14155550123", "Hello")
PUBLIC = "https://desk.example.org"
HOOK = f"{PUBLIC}/webhooks/plivo"


def make(url: str) -> Plivo:
    return Plivo(http_client(TIMEOUT), (ID, TOKEN), "+14155550100", url, lambda: NOW, PUBLIC)


class TestPlivo(ProviderContract):
    """The contract, in Plivo's words."""

    message = TEXT
    accepts = Answer(202, payload("plivo/accepted.json"))
    receipt = Receipt(MESSAGE_ID)
    refuses = Answer(400, payload("plivo/invalid_number.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, b"Could not verify your access level for that URL.")
    throttles = Answer(429, b'{"error": "too many requests"}', {"Retry-After": "7"})
    unreadable = Answer(202, b'{"message_uuid": []}')

    def make(self, url: str) -> Plivo:
        return make(url)

    async def test_sends_json_with_numbers_as_plivo_writes_them(self, provider: Plivo, vendor: Vendor):
        """And the address for reports, which brings our key back."""
        vendor.will(self.accepts)
        await provider.send(TEXT, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", f"/v1/Account/{ID}/Message/")
        assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode() == f"{ID}:{TOKEN}"
        assert asked.json == {
            "src": "14155550100", "dst": "14155550123", "text": "Hello", "method": "POST",
            "url": "https://desk.example.org/webhooks/plivo?key=cG9zdDo0Mjp2MzplbWFpbA",
        }  # fmt: skip

    @pytest.mark.parametrize("number", ["14155550123", "+14155550123", "'14155550123'"])
    async def test_a_number_that_is_none_is_refused_however_it_is_quoted(
        self, provider: Plivo, vendor: Vendor, number: str
    ):
        """Plivo's documents have it without quotes."""
        words = {"api_id": "df5d4304-66af-11eb-91d8-0242ac110004", "error": f"{number} is not a valid phone number"}
        vendor.will(Answer(400, json.dumps(words).encode()))
        error = await self.fails(provider)
        assert (type(error), error.code) == (Refused, "invalid_address")

    @pytest.mark.parametrize("number", [b"14155550100", b"914155550123"])
    async def test_a_sender_that_is_no_number_is_our_fault(self, provider: Plivo, vendor: Vendor, number: bytes):
        """The same words, about another number."""
        vendor.will(Answer(400, payload("plivo/invalid_number.json").replace(b"14155550123", number)))
        assert isinstance(await self.fails(provider), Misconfigured)

    async def test_asks_for_the_status(self, provider: Plivo, vendor: Vendor):
        """As a callback would have told it."""
        vendor.will(Answer(200, payload("plivo/message.json")))
        event = await provider.status(MESSAGE_ID, TEXT.to)
        assert vendor.asked[0].path == f"/v1/Account/{ID}/Message/{MESSAGE_ID}/"
        assert event is not None
        assert (event.type, event.code, event.hard) == (EventType.FAILED, "unsubscribed", True)
        assert (event.provider_message_id, event.event_id) == (MESSAGE_ID, f"poll:{MESSAGE_ID}:failed")

    async def test_what_is_queued_is_no_news(self, provider: Plivo, vendor: Vendor):
        """It is asked again later."""
        vendor.will(Answer(200, b'{"message_state": "queued", "error_code": null}'))
        assert await provider.status(MESSAGE_ID, TEXT.to) is None

    async def test_checks_the_account_without_sending(self, provider: Plivo, vendor: Vendor):
        """The credentials are what can be wrong."""
        vendor.will(Answer(200, b"{}"), Answer(401))
        await provider.check()
        assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", f"/v1/Account/{ID}/")
        with pytest.raises(Misconfigured):
            await provider.check()


@pytest.fixture
def plivo() -> Plivo:
    return make("http://127.0.0.1")


REPORT = payload("plivo/undelivered.txt")
ADDRESS = callback(PUBLIC, "plivo", KEY) or ""
NAME = "x-plivo-signature-v3"


def signed(text: str, token: str = TOKEN, nonce: str = "12345") -> str:
    return base64.b64encode(hmac.digest(token.encode(), f"{text}.{nonce}".encode(), hashlib.sha256)).decode()


def joined(form: bytes) -> str:
    return "".join(f"{name}{value}" for name, value in sorted(parse_qsl(form.decode(), keep_blank_values=True)))


def asked(
    body: bytes = REPORT, signature: str = "", url: str = ADDRESS, *, method: str = "POST", name: str = NAME
) -> WebhookRequest:
    query = tuple(parse_qsl(url.partition("?")[2], keep_blank_values=True))
    return WebhookRequest(method, url, {name: signature, NONCE: "12345"}, body, query)


GOOD = signed(f"{ADDRESS}.{joined(REPORT)}")


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        (GOOD, NAME),
        (GOOD, "x-plivo-signature-ma-v3"),
        (f"{signed('x')},{GOOD}", NAME),
        (f"{GOOD}, {signed('x')}", NAME),
    ],
)
async def test_one_good_signature_of_several_is_enough(plivo: Plivo, signature: str, name: str):
    """A token that is being changed signs beside the new one; the main account's has a header of its own."""
    await plivo.verify(asked(signature=signature, name=name))


async def test_without_a_query_the_fields_follow_a_question_mark(plivo: Plivo):
    """Version 3 has its ways."""
    await plivo.verify(asked(signature=signed(f"{HOOK}?{joined(REPORT)}"), url=HOOK))


async def test_a_get_is_signed_by_its_sorted_query(plivo: Plivo):
    """And read from it."""
    url = f"{HOOK}?To=14155550123&Status=delivered&MessageUUID=5b40&From=14155550100"
    text = f"{HOOK}?From=14155550100&MessageUUID=5b40&Status=delivered&To=14155550123"
    request = asked(b"", signed(text), url, method="GET")
    await plivo.verify(request)
    assert [one.type for one in plivo.parse(request).events] == [EventType.DELIVERED]


# Made and accepted by Plivo's own Python library (4.63), with the token "token" and the nonce "12345".
VECTORS = json.loads(payload("plivo/signatures.json"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
async def test_the_signatures_of_plivos_library_hold(vector: dict[str, str]):
    """With and without a query and fields, empty ones, other alphabets."""
    theirs = Plivo(http_client(1), (ID, "token"), "x", "http://127.0.0.1", lambda: NOW)
    request = asked(vector["body"].encode(), vector["signature"], vector["url"], method=vector["method"])
    await theirs.verify(request)


@pytest.mark.parametrize(
    "request_",
    [
        asked(signature=""),
        asked(signature=signed(f"{ADDRESS}.{joined(REPORT)}", "another")),
        asked(signature=signed(f"{ADDRESS}.{joined(REPORT)}", nonce="54321")),
        asked(REPORT.replace(b"undelivered", b"delivered"), GOOD),
        asked(REPORT + b"&Status=delivered", GOOD),
        asked(signature=GOOD, url=ADDRESS + "x"),
        asked(signature=GOOD, name="x-plivo-signature-v2"),
        asked(signature="ünsigned"),
        WebhookRequest("POST", ADDRESS, {NAME: GOOD}, REPORT, asked().query),
    ],
)
async def test_anything_else_is_a_bad_signature(plivo: Plivo, request_: WebhookRequest):
    """Version 2 does not cover the fields, so it counts for nothing."""
    with pytest.raises(BadSignature):
        await plivo.verify(request_)


def test_it_has_a_webhook(plivo: Plivo):
    """The registry finds it by that."""
    assert isinstance(plivo, Reporting)


def test_a_report_brings_our_key_back(plivo: Plivo):
    """So it is understood although the answer to the call was lost."""
    (event,) = plivo.parse(asked()).events
    assert (event.type, event.code, event.hard) == (EventType.FAILED, "absent", False)
    assert (event.provider_message_id, event.key, event.at) == (MESSAGE_ID, KEY, NOW)
    assert plivo.parse(asked()).events[0].event_id == event.event_id


@pytest.mark.parametrize(
    ("status", "code", "found"),
    [
        ("sent", "", (EventType.SENT, None, False)),
        ("delivered", "000", (EventType.DELIVERED, None, False)),
        ("undelivered", "30", (EventType.FAILED, "carrier_filtered", False)),
        ("undelivered", "50", (EventType.FAILED, "invalid_address", True)),
        ("undelivered", "70", (EventType.FAILED, "invalid_address", True)),
        ("failed", "40", (EventType.FAILED, "sender_refused", False)),
        ("failed", "200", (EventType.FAILED, "unsubscribed", True)),
        ("failed", "1000", (EventType.FAILED, None, False)),
        ("rejected", "110", (EventType.FAILED, "too_big", False)),
    ],
)
def test_every_status_and_its_reason(plivo: Plivo, status: str, code: str, found: tuple[EventType, str | None, bool]):
    """Some are for good, and the number is left alone."""
    body = f"MessageUUID=5b40&Status={status}&ErrorCode={code}".encode()
    (event,) = plivo.parse(asked(body)).events
    assert (event.type, event.code, event.hard) == found


def test_an_sms_from_somebody(plivo: Plivo):
    """Plivo wants XML back, and says nothing then."""
    reports = plivo.parse(asked(payload("plivo/inbound.txt"), url=HOOK))
    assert reports.inbound == (
        InboundMessage(
            "plivo", "b5d2a1de-7a4d-11ef-9c1f-0242ac110003", Channel.SMS, "+14155550123", "I am in", NOW
        ),
    )  # fmt: skip
    assert reports.answer == ("application/xml", b"<Response/>")


def test_a_keyword_that_plivo_knows_is_answered_there(plivo: Plivo):
    """We don't answer twice."""
    body = payload("plivo/inbound.txt").replace(b"MessageIntent=", b"MessageIntent=optout")
    assert plivo.parse(asked(body, url=HOOK)).inbound[0].is_answered


@pytest.mark.parametrize(
    "body", [b"", b"MessageUUID=1&Status=queued", b"Status=delivered", b"MessageUUID=1&From=55155&Text=hi", b"\xff=%ff"]
)
def test_what_says_nothing_to_us_is_left_out(plivo: Plivo, body: bytes):
    """It is signed, so no reason to fail."""
    reports = plivo.parse(asked(body, url=HOOK))
    assert (reports.events, reports.inbound) == ((), ())
