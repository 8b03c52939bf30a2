"""SendGrid against a server that answers as SendGrid does."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import BadSignature, Misconfigured, SendError, Unavailable
from core.model import EventType, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.sendgrid import SIGNATURE, TIMESTAMP, SendGrid
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

NOW = datetime.fromtimestamp(1772442070, UTC)
PRIVATE_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    PRIVATE_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()


def make(url: str) -> SendGrid:
    return SendGrid(http_client(TIMEOUT), "SG.key", url, "desk@example.org", PUBLIC_KEY)


def at(moment: datetime, public_key: str | None = PUBLIC_KEY) -> SendGrid:
    return SendGrid(http_client(1), "SG.key", "http://127.0.0.1", "desk@example.org", public_key, lambda: moment)


class TestSendGrid(ProviderContract):
    """The contract, in SendGrid's words."""

    accepts = Answer(202, b"", {"X-Message-Id": "Qm9vY1S3Tx6Jd7Kk"})
    receipt = Receipt("Qm9vY1S3Tx6Jd7Kk")
    refuses = Answer(400, payload("sendgrid/invalid_address.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, payload("sendgrid/unauthorized.json"))
    unreadable = Answer(202)

    @property
    def throttles(self) -> Answer:  # type: ignore[override]
        return Answer(429, payload("sendgrid/too_many.json"), {"X-RateLimit-Reset": str(int(time.time()) + 7)})

    def make(self, url: str) -> SendGrid:
        return make(url)

    @pytest.mark.parametrize("reset", ["9" * 400, "9" * 5000, "²", "soon"])
    async def test_a_moment_that_is_none_is_still_too_many(self, provider: SendGrid, vendor: Vendor, reset: str):
        """Provably not sent, whatever the header says."""
        vendor.will(Answer(429, b"", {"X-RateLimit-Reset": reset}))
        with pytest.raises(Unavailable):
            await provider.send(self.message, KEY)

    async def test_sends_what_the_api_takes(self, provider: SendGrid, vendor: Vendor):
        """Both texts, our key among the custom arguments, nothing tracked or rewritten."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path, asked.headers["Authorization"]) == ("POST", "/v3/mail/send", "Bearer SG.key")
        body = asked.json
        assert body["from"] == {"email": "desk@example.org", "name": "Postrider"}
        assert body["personalizations"][0]["to"] == [{"email": "ada@example.org"}]
        assert body["custom_args"] == {"postrider_key": KEY}
        assert [one["type"] for one in body["content"]] == ["text/plain", "text/html"]
        assert body["headers"] == {"List-Unsubscribe": "<https://desk.example.org/u/x>"}
        assert body["tracking_settings"]["click_tracking"]["enable"] is False

    @pytest.mark.parametrize(("status", "fault"), [(200, None), (429, None), (401, Misconfigured), (503, Unavailable)])
    async def test_a_check_asks_what_the_key_may_do(
        self, provider: SendGrid, vendor: Vendor, status: int, fault: type[SendError] | None
    ):
        """Any key may ask that, also one that can only send."""
        vendor.will(Answer(status, b'{"scopes": ["mail.send"]}'))
        if fault:
            with pytest.raises(fault):
                await provider.check()
        else:
            await provider.check()
        (asked,) = vendor.asked
        assert (asked.method, asked.path, asked.headers["Authorization"]) == ("GET", "/v3/scopes", "Bearer SG.key")

    async def test_a_wrong_type_at_the_recipients_field_is_our_fault(self, provider: SendGrid, vendor: Vendor):
        """The field alone does not blame the recipient."""
        vendor.will(Answer(400, payload("sendgrid/wrong_type.json")))
        assert isinstance(await self.fails(provider), Misconfigured)


@pytest.fixture
def sendgrid() -> SendGrid:
    return at(NOW)


def asked(body: bytes, headers: Mapping[str, str] | None = None) -> WebhookRequest:
    return WebhookRequest("POST", "https://desk.example.org/webhooks/sendgrid", headers or {}, body)


def signed(body: bytes, timestamp: str = "1772442010") -> dict[str, str]:
    signature = PRIVATE_KEY.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp}


BODY = payload("sendgrid/events.json").rstrip() + b"\r\n"


async def test_the_raw_bytes_are_verified(sendgrid: SendGrid):
    """The trailing CRLF belongs to them."""
    await sendgrid.verify(asked(BODY, signed(BODY)))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY.rstrip(), signed(BODY)),
        (BODY.replace(b"delivered", b"delivereD"), signed(BODY)),
        (BODY, signed(BODY) | {TIMESTAMP: "1772442011"}),
        (BODY, signed(BODY) | {SIGNATURE: "bm90IGEgc2lnbmF0dXJl"}),
        (BODY, signed(BODY) | {SIGNATURE: "not base64!"}),
        (BODY, {}),
        (b"\xff\xfe", signed(b"\xff\xfe")),
    ],
)
async def test_anything_else_is_a_bad_signature(sendgrid: SendGrid, body: bytes, headers: dict[str, str]):
    """Whatever was changed, and however the headers are broken."""
    with pytest.raises(BadSignature):
        await sendgrid.verify(asked(body, headers))


@pytest.mark.parametrize("public_key", [None, "no key at all"])
async def test_without_a_usable_public_key_nothing_is_believed(public_key: str | None):
    """Anybody could post there."""
    with pytest.raises(BadSignature):
        await at(NOW, public_key).verify(asked(BODY, signed(BODY)))


async def test_a_late_report_is_believed():
    """SendGrid repeats what found us closed; one that is repeated by somebody else is known by its id."""
    await at(NOW + timedelta(days=3)).verify(asked(BODY, signed(BODY)))


def test_it_has_a_webhook(sendgrid: SendGrid):
    """The registry finds it by that."""
    assert isinstance(sendgrid, Reporting)


def test_events_are_read_and_unknown_kinds_left_out(sendgrid: SendGrid):
    """A click says nothing about a delivery."""
    events = sendgrid.parse(asked(BODY)).events
    assert [(one.type, one.code, one.hard) for one in events] == [
        (EventType.SENT, None, False),
        (EventType.DEFERRED, None, False),
        (EventType.DELIVERED, None, False),
        (EventType.OPENED, None, False),
        (EventType.BOUNCED, "bounced", True),
        (EventType.BOUNCED, "content_refused", False),
        (EventType.FAILED, "suppressed", False),
        (EventType.COMPLAINED, None, False),
    ]
    assert {one.key for one in events[:3]} == {KEY}
    assert len({one.event_id for one in events}) == len(events)
    assert events[2].at == datetime.fromtimestamp(1772442003, UTC)


def test_message_ids_are_the_receipts(sendgrid: SendGrid):
    """SendGrid adds where the message has been."""
    ids = [one.provider_message_id for one in sendgrid.parse(asked(BODY)).events]
    assert (ids[0], ids[4], ids[5]) == ("Qm9vY1S3Tx6Jd7Kk", "14c5d75ce93.dfd.64b469", "Rk1zU2t4Q3BhT1Bx")


def test_details_have_no_address(sendgrid: SendGrid):
    """They go into the log."""
    assert not any("@" in one.detail for one in sendgrid.parse(asked(BODY)).events)


@pytest.mark.parametrize(
    ("report", "code", "hard"),
    [
        ({"event": "bounce", "type": "bounce", "reason": "500 unknown recipient", "status": "5.0.0"}, "bounced", True),
        ({"event": "bounce", "type": "bounce", "reason": "552 full", "status": "5.2.2"}, "mailbox_full", False),
        ({"event": "bounce", "type": "blocked", "reason": "unable to get mx info"}, "bounced", False),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, "unsubscribed", False),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, "suppressed", False),
        ({"event": "dropped", "reason": "Invalid"}, "invalid_address", False),
        ({"event": "dropped", "reason": "Spam Content"}, "content_refused", False),
        ({"event": "dropped", "reason": "Recipient List over Package Quota"}, "rejected", False),
    ],
)
def test_why_a_mail_did_not_arrive(sendgrid: SendGrid, report: dict[str, str], code: str, hard: bool):
    """A full mailbox loses nobody their address, and our quota is not the recipient's wish."""
    (event,) = sendgrid.parse(asked(json.dumps([report | {"sg_event_id": "e"}]).encode())).events
    assert (event.code, event.hard) == (code, hard)


@pytest.mark.parametrize(
    "body", [[], [1, None, "x"], [{"event": "delivered"}], [{"event": ["delivered"]}], None, 7, {"event": "delivered"}]
)
def test_strange_events_are_left_out(sendgrid: SendGrid, body: object):
    """The signature is good, so it is SendGrid that is strange: no reason to fail."""
    assert sendgrid.parse(asked(json.dumps(body).encode())).events == ()
