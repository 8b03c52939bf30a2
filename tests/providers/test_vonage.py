"""Vonage against a server that answers as Vonage does: with 200, whatever happens."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from core.errors import BadSignature, Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Channel, EventType, InboundMessage, Message, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.vonage import Vonage
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = Message(Channel.SMS, "+14155550123", "Hello")
SECRET = "signing-secret"
PUBLIC = "https://desk.example.org"
HOOK = f"{PUBLIC}/webhooks/vonage"


def make(url: str, now: datetime = NOW, secret: str | None = SECRET, public: str = PUBLIC) -> Vonage:
    return Vonage(http_client(TIMEOUT), ("abcd1234", "secret"), "+14155550100", url, lambda: now, secret, public)


def told(*statuses: str) -> Answer:
    messages = [{"status": one, "error-text": "no", "message-id": f"0A{one}"} for one in statuses]
    return Answer(200, json.dumps({"message-count": str(len(messages)), "messages": messages}).encode())


class TestVonage(ProviderContract):
    """The contract, in Vonage's words."""

    message = TEXT
    accepts = Answer(200, payload("vonage/accepted.json"))
    receipt = Receipt("0A0000000123ABCD1")
    refuses = Answer(200, payload("vonage/refused.json"))
    refusal = ("invalid_address", True)
    unauthorized = told("4")
    throttles = Answer(429, b"", {"Retry-After": "7"})
    unreadable = Answer(200, b'{"message-count": "0", "messages": []}')

    def make(self, url: str) -> Vonage:
        return make(url)

    async def test_sends_a_form(self, provider: Vonage, vendor: Vendor):
        """With our key as the client reference, and where the receipt shall go."""
        vendor.will(self.accepts)
        await provider.send(TEXT, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/sms/json")
        assert dict(parse_qsl(asked.body.decode(), strict_parsing=True)) == {
            "api_key": "abcd1234", "api_secret": "secret", "from": "14155550100", "to": "14155550123", "text": "Hello",
            "type": "text", "client-ref": KEY, "callback": "https://desk.example.org/webhooks/vonage",
        }  # fmt: skip

    async def test_other_alphabets_are_named(self, provider: Vonage, vendor: Vendor):
        """Else they would arrive as question marks."""
        vendor.will(self.accepts)
        await provider.send(replace(TEXT, text="Привет 😀"), KEY)
        form = dict(parse_qsl(vendor.asked[0].body.decode()))
        assert (form["type"], form["text"]) == ("unicode", "Привет 😀")

    async def test_one_part_of_a_long_message_does_not_speak_for_all(self, provider: Vonage, vendor: Vendor):
        """The last part's receipt is the message's; our key would come with each of them."""
        vendor.will(Answer(200, payload("vonage/accepted_in_parts.json")))
        found = await provider.send(replace(TEXT, text="long " * 40), KEY)
        assert found.provider_message_id == "0A0000000123ABCD2"
        assert b"client-ref" not in vendor.asked[0].body

    async def test_what_is_too_long_for_vonage_is_left_out(self, vendor: Vendor):
        """A key, or the address for receipts; the account's own address serves then."""
        vendor.will(self.accepts)
        provider = make(vendor.url, public=f"https://{'x' * 90}.example.org")
        await provider.send(TEXT, "k" * 101)
        assert not {"client-ref", "callback"} & dict(parse_qsl(vendor.asked[0].body.decode())).keys()
        await self.finish(provider)

    @pytest.mark.parametrize(
        ("status", "kind", "code", "more"),
        [
            ("1", Unavailable, "rate_limited", {"retry_after": 1.0}),
            ("2", Misconfigured, "http_2", {}),
            ("5", Unavailable, "unavailable", {"maybe_sent": True}),
            ("6", Refused, "invalid_address", {"hard": False}),
            ("7", Refused, "barred", {"hard": True}),
            ("9", Misconfigured, "out_of_credit", {}),
            ("10", Unavailable, "rate_limited", {"retry_after": 1.0}),
            ("12", Refused, "too_big", {"hard": False}),
            ("14", Misconfigured, "unauthorized", {}),
            ("15", Misconfigured, "sender_refused", {}),
            ("29", Misconfigured, "http_29", {}),
            ("33", Refused, "invalid_address", {"hard": True}),
        ],
    )
    async def test_the_status_in_a_200_counts(
        self, provider: Vonage, vendor: Vendor, status: str, kind: type[SendError], code: str, more: dict[str, Any]
    ):
        """Nothing of the message went out."""
        vendor.will(told(status))
        error = await self.fails(provider)
        assert (type(error), error.code) == (kind, code)
        assert {name: getattr(error, name) for name in more} == more

    async def test_a_message_that_went_out_in_part_is_uncertain(self, provider: Vonage, vendor: Vendor):
        """From the start again, or elsewhere, the first part would come twice."""
        vendor.will(told("0", "1", "0"))
        assert isinstance(await self.fails(provider), Uncertain)

    async def test_checks_the_balance(self, provider: Vonage, vendor: Vendor):
        """The credentials in a header, so that no log of addresses has them."""
        vendor.will(Answer(200, b'{"value": 3.14, "autoReload": false}'), Answer(401))
        await provider.check()
        assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", "/account/get-balance")
        assert vendor.asked[0].headers["Authorization"] == "Basic YWJjZDEyMzQ6c2VjcmV0"
        with pytest.raises(Misconfigured):
            await provider.check()


@pytest.fixture
def vonage() -> Vonage:
    return make("http://127.0.0.1")


SIGNATURES = json.loads(payload("vonage/signatures.json"))  # made and accepted by Vonage's own Python library (1.5)
RECEIPT: dict[str, str] = json.loads(payload("vonage/receipt.json"))


def get(fields: dict[str, str]) -> WebhookRequest:
    return WebhookRequest("GET", f"{HOOK}?{urlencode(fields)}", {}, b"", tuple(fields.items()))


def posted(fields: dict[str, Any]) -> WebhookRequest:
    return WebhookRequest("POST", HOOK, {}, urlencode(fields).encode())


def as_json(fields: Any) -> WebhookRequest:
    return WebhookRequest("POST", HOOK, {"content-type": "application/json"}, json.dumps(fields).encode())


@pytest.mark.parametrize("what", ["receipt", "inbound"])
@pytest.mark.parametrize("method", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("told_by", [get, posted, as_json])
async def test_every_way_of_signing_and_of_telling(vonage: Vonage, what: str, method: str, told_by: Any):
    """An account chooses both; the inbound text has the signs that are escaped."""
    fields = json.loads(payload(f"vonage/{what}.json"))
    await vonage.verify(told_by(fields | {"sig": SIGNATURES[what][method].upper()}))


def hashed(fields: dict[str, str]) -> str:
    """As Vonage's page on signing messages describes its default, which is no HMAC."""
    text = "".join(f"&{name}={fields[name]}" for name in sorted(fields)) + SECRET
    return hashlib.md5(text.encode()).hexdigest()


async def test_the_plain_md5_hash_counts_too(vonage: Vonage):
    """It is what a new account has."""
    await vonage.verify(get(RECEIPT | {"sig": hashed(RECEIPT)}))


GOOD = RECEIPT | {"sig": SIGNATURES["receipt"]["sha256"]}
NO_TIME = {name: value for name, value in RECEIPT.items() if name != "timestamp"}


@pytest.mark.parametrize(
    "request_",
    [
        get(RECEIPT),
        get(GOOD | {"status": "failed"}),
        get(GOOD | {"more": "x"}),
        get({name: value for name, value in GOOD.items() if name != "nonce"}),
        get(GOOD | {"sig": "0" * 64}),
        get(GOOD | {"sig": "ü"}),
        get(GOOD | {"sig": GOOD["sig"][:32]}),
        get(NO_TIME | {"sig": hashed(NO_TIME)}),
        as_json([GOOD]),
        WebhookRequest("POST", HOOK, {"content-type": "application/json"}, b"{"),
    ],
)
async def test_anything_else_is_a_bad_signature(vonage: Vonage, request_: WebhookRequest):
    """Whatever was changed, added or left out."""
    with pytest.raises(BadSignature):
        await vonage.verify(request_)


@pytest.mark.parametrize("now", [NOW + timedelta(hours=26), NOW - timedelta(hours=26)])
async def test_an_old_receipt_can_not_be_played_again(now: datetime):
    """Vonage repeats one for a day."""
    with pytest.raises(BadSignature):
        await make("http://127.0.0.1", now).verify(get(GOOD))


async def test_without_the_secret_nothing_is_believed():
    """Anybody could call there."""
    with pytest.raises(BadSignature):
        await make("http://127.0.0.1", secret=None).verify(get(GOOD))


def test_it_has_a_webhook(vonage: Vonage):
    """The registry finds it by that."""
    assert isinstance(vonage, Reporting)


def test_a_receipt_brings_our_key_back(vonage: Vonage):
    """So it is understood although the answer to the call was lost."""
    (event,) = vonage.parse(get(GOOD)).events
    assert (event.type, event.provider_message_id, event.key) == (EventType.DELIVERED, "0A0000000123ABCD1", KEY)
    assert event.at == NOW
    assert vonage.parse(as_json(GOOD)).events[0].event_id == event.event_id


@pytest.mark.parametrize(
    ("status", "code", "found"),
    [
        ("accepted", "0", (EventType.SENT, None, False)),
        ("buffered", "0", (EventType.DEFERRED, None, False)),
        ("expired", "2", (EventType.FAILED, "absent", False)),
        ("failed", "3", (EventType.FAILED, "invalid_address", True)),
        ("failed", "4", (EventType.FAILED, "barred", True)),
        ("rejected", "6", (EventType.FAILED, "carrier_filtered", False)),
        ("failed", "9", (EventType.FAILED, "unsubscribed", True)),
        ("failed", "99", (EventType.FAILED, None, False)),
    ],
)
def test_every_status_and_its_reason(vonage: Vonage, status: str, code: str, found: tuple[EventType, str | None, bool]):
    """Some are for good, and the number is left alone."""
    (event,) = vonage.parse(get(RECEIPT | {"status": status, "err-code": code})).events
    assert (event.type, event.code, event.hard) == found


@pytest.mark.parametrize("told_by", [get, posted, as_json])
def test_an_sms_from_somebody(vonage: Vonage, told_by: Any):
    """Numbers get their plus back."""
    fields = json.loads(payload("vonage/inbound.json"))
    assert vonage.parse(told_by(fields)).inbound == (
        InboundMessage("vonage", "0A0000000123ABCD9", Channel.SMS, "+14155550123", "Yes & no = maybe", NOW),
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": "unknown", "messageId": "1"},
        {"status": "delivered"},
        {"messageId": "1", "msisdn": "55155", "text": "hi"},
        {"messageId": "1", "msisdn": "14155550123", "data": "0011", "type": "binary"},
    ],
)
def test_what_says_nothing_to_us_is_left_out(vonage: Vonage, fields: dict[str, str]):
    """It is signed, so no reason to fail."""
    reports = vonage.parse(get(fields))
    assert (reports.events, reports.inbound) == ((), ())


def test_numbers_in_json_are_read_as_they_are_written(vonage: Vonage):
    """The signature was made over their digits."""
    (event,) = vonage.parse(as_json(RECEIPT | {"err-code": 0})).events
    assert event.event_id == "0A0000000123ABCD1:delivered:0"
