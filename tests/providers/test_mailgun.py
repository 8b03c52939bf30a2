"""Mailgun against a server that answers as Mailgun does."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from email.utils import format_datetime
from typing import Any

import pytest

from core.errors import BadSignature, Misconfigured, Unavailable
from core.model import DeliveryEvent, EventType, Receipt, WebhookRequest
from core.ports import Clock, Reporting
from core.providers.base import http_client
from core.providers.mailgun import TOKENS, Mailgun
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Asked, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIGNING_KEY = "0123456789abcdef-signing"
MOMENT = str(int(NOW.timestamp()))
MESSAGE_ID = "20260302090000.1.DF5966851B4BAA99@mg.example.org"
LOG: list[dict[str, Any]] = json.loads(payload("mailgun/events.json"))["items"]


def make(url: str, signing_key: str | None = SIGNING_KEY, clock: Clock = lambda: NOW) -> Mailgun:
    http = http_client(TIMEOUT)
    return Mailgun(http, "key-secret", "mg.example.org", url, "desk@example.org", clock, signing_key)


def limit(status: int, wait: int = 7) -> Answer:
    """A limit as Mailgun words it; the moment is in RFC 2822 with UTC for a zone."""
    until = format_datetime(NOW + timedelta(seconds=wait)).replace("+0000", "UTC")
    words = f"Domain mg.example.org is not allowed to send: recipient limit exceeded, try again after {until}"
    return Answer(status, json.dumps({"message": words}).encode())


class TestMailgun(ProviderContract):
    """The contract, in Mailgun's words."""

    accepts = Answer(200, payload("mailgun/accepted.json"))
    receipt = Receipt(MESSAGE_ID)
    refuses = Answer(400, payload("mailgun/invalid_address.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, payload("mailgun/unauthorized.txt"))
    throttles = limit(429)
    unreadable = Answer(200, b'{"message": "Queued. Thank you."}')

    def make(self, url: str) -> Mailgun:
        return make(url)

    @pytest.mark.parametrize("status", [400, 420])
    async def test_a_limit_may_come_by_other_numbers(self, provider: Mailgun, vendor: Vendor, status: int):
        """A full quota is no fault of a message."""
        vendor.will(limit(status, 90))
        error = await self.fails(provider)
        assert (type(error), error.code, error.retry_after) == (Unavailable, "rate_limited", 90)

    async def test_a_limits_words_with_a_502_are_of_no_use(self, provider: Mailgun, vendor: Vendor):
        """Whoever stands between us may have passed the message on."""
        vendor.will(limit(502))
        error = await self.fails(provider)
        assert isinstance(error, Unavailable)
        assert error.maybe_sent

    @pytest.mark.parametrize("until", ["", ", try again after soon", ", try again after Mon, 99 Dec 2021 20:33:21 UTC"])
    async def test_a_limit_without_an_end_has_no_wait(self, provider: Mailgun, vendor: Vendor, until: str):
        """Then we wait as long as usual."""
        vendor.will(Answer(420, json.dumps({"message": f"recipient limit exceeded{until}"}).encode()))
        error = await self.fails(provider)
        assert (type(error), error.retry_after) == (Unavailable, None)

    async def test_a_greeting_means_that_nothing_was_sent(self, provider: Mailgun, vendor: Vendor):
        """Mailgun answers so where the domain or the base URL makes an address that is none of its API's."""
        vendor.will(Answer(200, b"Mailgun Magnificent API"))
        assert isinstance(await self.fails(provider), Misconfigured)

    async def test_a_bad_sender_is_our_fault(self, provider: Mailgun, vendor: Vendor):
        """The same words about another field."""
        vendor.will(Answer(400, payload("mailgun/bad_sender.json")))
        assert isinstance(await self.fails(provider), Misconfigured)

    async def test_sends_what_the_api_takes(self, provider: Mailgun, vendor: Vendor):
        """A form with both texts, our key as a variable, our headers, nothing tracked."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/v3/mg.example.org/messages")
        assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"api:key-secret").decode()
        assert form(asked) == {
            "from": "Postrider <desk@example.org>",
            "to": "ada@example.org",
            "subject": "Your draft",
            "text": "Hello",
            "html": "<p>Hello</p>",
            "o:tracking": "no",
            "v:postrider_key": KEY,
            "h:List-Unsubscribe": "<https://desk.example.org/u/x>",
        }

    @pytest.mark.parametrize(
        ("log", "kind", "code"),
        [
            (["accepted", "failed/temporary"], None, None),
            (["accepted", "delivered", "opened"], EventType.DELIVERED, None),
            (["delivered", "failed/permanent"], EventType.BOUNCED, "bounced"),
            (["rejected"], EventType.FAILED, "rejected"),
            (["delivered", "complained"], EventType.COMPLAINED, None),
            ([], None, None),
        ],
    )
    async def test_the_event_log_can_be_asked(
        self, provider: Mailgun, vendor: Vendor, log: list[str], kind: EventType | None, code: str | None
    ):
        """The weightiest is told; what is still under way is no news."""
        items = [next(one for one in LOG if name_of(one) == name) for name in log]
        vendor.will(Answer(200, json.dumps({"items": items, "paging": {}}).encode()))
        found = await provider.status(MESSAGE_ID, "ada@example.org")
        assert (found and found.type, found and found.code) == (kind, code)
        assert found is None or found.provider_message_id == MESSAGE_ID
        (asked,) = vendor.asked
        path = "/v3/mg.example.org/events?message-id=20260302090000.1.DF5966851B4BAA99@mg.example.org&limit=300"
        assert (asked.method, asked.path) == ("GET", path)

    async def test_a_report_asked_for_is_the_one_that_was_brought(self, provider: Mailgun, vendor: Vendor):
        """By the same id, so that it counts once."""
        vendor.will(Answer(200, json.dumps({"items": [LOG[1]]}).encode()))
        assert await provider.status(MESSAGE_ID, "") == read(provider, LOG[1])

    @pytest.mark.parametrize(
        ("answer", "fault"), [(Answer(400, b'{"message": "to parameter is missing"}'), None), (Answer(401), "key")]
    )
    async def test_a_check_sends_nothing(self, provider: Mailgun, vendor: Vendor, answer: Answer, fault: str | None):
        """A message without anybody to send it to: a good key hears what is missing."""
        vendor.will(answer)
        if fault:
            with pytest.raises(Misconfigured):
                await provider.check()
        else:
            await provider.check()
        assert form(vendor.asked[0]) == {"o:testmode": "yes"}


def form(asked: Asked) -> dict[str, str]:
    """The fields of a multipart form, read by Python's own parser."""
    head = b"Content-Type: " + asked.headers["Content-Type"].encode() + b"\r\n\r\n"
    mail = BytesParser(policy=HTTP).parsebytes(head + asked.body)
    fields = {}
    for part in mail.iter_parts():
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        fields[str(part.get_param("name", header="content-disposition"))] = body.decode()
    return fields


def name_of(one: Mapping[str, Any]) -> str:
    return f"{one['event']}/{one['severity']}" if "severity" in one else str(one["event"])


def signed(report: Any, at: datetime = NOW, key: str = SIGNING_KEY, token: str = "a" * 50) -> dict[str, Any]:
    timestamp = str(int(at.timestamp()))
    made = hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": timestamp, "token": token, "signature": made}, "event-data": report}


def asked(body: Any) -> WebhookRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest("POST", "https://desk.example.org/webhooks/mailgun", {}, raw)


def read(mailgun: Mailgun, report: Any) -> DeliveryEvent | None:
    events = mailgun.parse(asked(signed(report))).events
    return events[0] if events else None


@pytest.fixture
def mailgun() -> Mailgun:
    return make("http://127.0.0.1")


async def test_a_good_signature_is_believed(mailgun: Mailgun):
    """The same report may come again: the first answer was lost."""
    assert isinstance(mailgun, Reporting)
    await mailgun.verify(asked(signed(LOG[1])))
    await mailgun.verify(asked(signed(LOG[1])))


async def test_a_subaccounts_report_is_believed_by_its_parents_key(mailgun: Mailgun):
    """Its own signature is by a key that we don't have."""
    body = signed(LOG[1], key="the subaccount's own")
    body["signature"]["parent-signature"] = signed(LOG[1])["signature"]["signature"]
    await mailgun.verify(asked(body))


async def test_a_signature_is_good_for_one_report(mailgun: Mailgun):
    """It does not cover the report: overheard, it could vouch for any."""
    await mailgun.verify(asked(signed(LOG[1])))
    with pytest.raises(BadSignature):
        await mailgun.verify(asked(signed(LOG[3])))


@pytest.mark.parametrize(("timestamp", "token"), [("", f"{MOMENT}777{'a' * 47}"), (f"{MOMENT}777", "a" * 47)])
async def test_a_signature_is_not_made_young_by_moving_its_parts(timestamp: str, token: str):
    """It covers timestamp and token without a mark between them: overheard, it could be used for ever."""
    much_later = make("http://127.0.0.1", clock=lambda: NOW + timedelta(days=900))
    body = signed(LOG[1], token=f"777{'a' * 47}")
    body["signature"] |= {"timestamp": timestamp, "token": token}
    with pytest.raises(BadSignature):
        await much_later.verify(asked(body))


async def test_only_so_many_signatures_are_remembered(mailgun: Mailgun):
    """A busy day does not fill the memory."""
    for number in range(TOKENS + 5):
        await mailgun.verify(asked(signed({}, token=f"token {number}")))
    assert len(mailgun._tokens) == TOKENS


@pytest.mark.parametrize(
    "body",
    [
        signed(LOG[1], key="another"),
        signed(LOG[1], at=NOW - timedelta(hours=26)),
        signed(LOG[1], at=NOW + timedelta(hours=1)),
        signed(LOG[1]) | {"signature": signed(LOG[1])["signature"] | {"token": "b" * 50}},
        signed(LOG[1]) | {"signature": signed(LOG[1])["signature"] | {"timestamp": "1772442001"}},
        signed(LOG[1]) | {"signature": signed(LOG[1])["signature"] | {"signature": "é"}},
        {"event-data": LOG[1]},
        {"signature": "good", "event-data": LOG[1]},
        [],
        b"\xff",
        b"[" * 100_000,
    ],
)
async def test_anything_else_is_a_bad_signature(mailgun: Mailgun, body: Any):
    """Whatever was changed, and however it is broken."""
    with pytest.raises(BadSignature):
        await mailgun.verify(asked(body))


async def test_without_a_signing_key_nothing_is_believed():
    """Anybody could post there; the API key is not it."""
    with pytest.raises(BadSignature):
        await make("http://127.0.0.1", None).verify(asked(signed(LOG[1])))


def test_each_kind_of_report(mailgun: Mailgun):
    """A click says nothing about a delivery."""
    events = [event for one in LOG if (event := read(mailgun, one))]
    assert [(one.type, one.code, one.hard) for one in events] == [
        (EventType.SENT, None, False),
        (EventType.DELIVERED, None, False),
        (EventType.DEFERRED, None, False),
        (EventType.BOUNCED, "bounced", True),
        (EventType.BOUNCED, "bounced", False),
        (EventType.BOUNCED, "content_refused", False),
        (EventType.FAILED, "suppressed", False),
        (EventType.FAILED, "not_taken", False),
        (EventType.FAILED, "rejected", False),
        (EventType.COMPLAINED, None, False),
        (EventType.UNSUBSCRIBED, None, False),
        (EventType.OPENED, None, False),
    ]
    assert {one.provider_message_id for one in events} == {MESSAGE_ID}
    assert len({one.event_id for one in events}) == len(events)
    assert not any("@" in one.detail for one in events)


def test_our_key_and_the_moment_come_back(mailgun: Mailgun):
    """So a message whose answer was lost is known by its report."""
    event = read(mailgun, LOG[1])
    assert event
    assert (event.key, event.at) == (KEY, datetime.fromtimestamp(1772442017.153125, UTC))


@pytest.mark.parametrize(
    "report",
    [
        None,
        [],
        {"event": "invented"},
        {"event": ["delivered"]},
        {"event": "delivered", "message": 7, "user-variables": [], "timestamp": "soon"},
        {"event": "failed", "reason": [], "severity": {}, "delivery-status": "no", "message": {"headers": 1}},
    ],
)
def test_strange_reports_are_left_out_or_read_as_far_as_possible(mailgun: Mailgun, report: Any):
    """The signature is good, so it is Mailgun that is strange: no reason to fail."""
    event = read(mailgun, report)
    assert event is None or event.at == NOW
