"""Twilio against a server that answers as Twilio does; SMS and WhatsApp are one class."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl

import pytest

from core.errors import BadSignature, Misconfigured, Refused, SendError
from core.model import Channel, EventType, InboundMessage, Message, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.phones import callback
from core.providers.twilio import SIGNATURE, Twilio
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SID, TOKEN = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "auth-token"
MESSAGE_ID = "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
TEXT = Message(Channel.SMS, "+14155550123", "Hello")
HOOK = "https://desk.example.org/webhooks/twilio"
PUBLIC = "https://desk.example.org"


def make(url: str, channel: Channel = Channel.SMS, sender: str = "+14155550100", token: str = TOKEN) -> Twilio:
    return Twilio(http_client(TIMEOUT), channel, (SID, token), sender, url, lambda: NOW, PUBLIC)


class TestTwilio(ProviderContract):
    """The contract, in Twilio's words."""

    message = TEXT
    accepts = Answer(201, payload("twilio/accepted.json"))
    receipt = Receipt(MESSAGE_ID)
    refuses = Answer(400, payload("twilio/invalid_number.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, payload("twilio/unauthorized.json"))
    throttles = Answer(429, payload("twilio/too_many.json"), {"Retry-After": "7"})
    unreadable = Answer(201, b"<Response/>")

    def make(self, url: str) -> Twilio:
        return make(url)

    async def test_sends_a_form(self, provider: Twilio, vendor: Vendor):
        """With the address for reports, which brings our key back."""
        vendor.will(self.accepts)
        await provider.send(TEXT, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", f"/2010-04-01/Accounts/{SID}/Messages.json")
        assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode() == f"{SID}:{TOKEN}"
        assert dict(parse_qsl(asked.body.decode(), strict_parsing=True)) == {
            "To": "+14155550123", "From": "+14155550100", "Body": "Hello",
            "StatusCallback": "https://desk.example.org/webhooks/twilio?key=cG9zdDo0Mjp2MzplbWFpbA",
        }  # fmt: skip

    async def test_a_messaging_service_chooses_the_number(self, vendor: Vendor):
        """Its SID stands in the place of a sender."""
        vendor.will(self.accepts)
        provider = make(vendor.url, sender="MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
        await provider.send(TEXT, KEY)
        form = parse_qs(vendor.asked[0].body.decode())
        assert (form["MessagingServiceSid"], "From" in form) == (["MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], False)
        await self.finish(provider)

    @pytest.mark.parametrize("sender", ["+14155550101", "whatsapp:+14155550101"])
    async def test_whatsapp_has_its_prefix_on_both_sides(self, vendor: Vendor, sender: str):
        """However the setting writes it."""
        vendor.will(self.accepts)
        provider = make(vendor.url, Channel.WHATSAPP, sender)
        await provider.send(replace(TEXT, channel=Channel.WHATSAPP), KEY)
        form = parse_qs(vendor.asked[0].body.decode())
        assert (form["To"], form["From"]) == (["whatsapp:+14155550123"], ["whatsapp:+14155550101"])
        assert form["Body"] == ["Hello"]
        await self.finish(provider)

    async def test_a_template_goes_by_its_id_and_its_variables_as_a_json_string(self, vendor: Vendor):
        """The text is not sent beside it: Twilio would refuse both."""
        vendor.will(self.accepts)
        provider = make(vendor.url, Channel.WHATSAPP, "+14155550101")
        approved = replace(
            TEXT, channel=Channel.WHATSAPP, template_id="HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            template_variables={"1": "Ada", "2": "“Spring” & more"},
        )  # fmt: skip
        await provider.send(approved, KEY)
        await provider.send(replace(approved, template_variables={}), KEY)
        first, second = (parse_qs(asked.body.decode()) for asked in vendor.asked)
        assert first["ContentSid"] == second["ContentSid"] == ["HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
        assert json.loads(first["ContentVariables"][0]) == {"1": "Ada", "2": "“Spring” & more"}
        assert "ContentVariables" not in second
        assert not {"Body"} & (first.keys() | second.keys())
        await self.finish(provider)

    @pytest.mark.parametrize(
        ("code", "kind", "ours", "hard"),
        [
            (21211, Refused, "invalid_address", True),
            (21610, Refused, "unsubscribed", True),
            (21614, Refused, "landline", True),
            (21617, Refused, "too_big", False),
            (63016, Refused, "outside_window", False),
            (63027, Refused, "template_not_approved", False),
            (21606, Misconfigured, "sender_refused", None),
            (21408, Misconfigured, "http_400", None),
        ],
    )
    async def test_codes_say_who_is_to_blame(
        self, provider: Twilio, vendor: Vendor, code: int, kind: type[SendError], ours: str, hard: bool | None
    ):
        """The last one, a country that is not allowed, is the account's fault."""
        vendor.will(Answer(400, json.dumps({"code": code, "message": "no", "status": 400}).encode()))
        error = await self.fails(provider)
        assert (type(error), error.code, getattr(error, "hard", None)) == (kind, ours, hard)

    async def test_asks_for_the_status(self, provider: Twilio, vendor: Vendor):
        """As a webhook would have told it."""
        vendor.will(Answer(200, payload("twilio/undelivered.json")))
        event = await provider.status(MESSAGE_ID, TEXT.to)
        assert vendor.asked[0].path == f"/2010-04-01/Accounts/{SID}/Messages/{MESSAGE_ID}.json"
        assert event is not None
        assert (event.type, event.code, event.hard) == (EventType.FAILED, "invalid_address", True)
        assert event.at == datetime(2023, 8, 24, 5, 2, 10, tzinfo=UTC)
        assert (event.provider_message_id, event.event_id) == (MESSAGE_ID, f"poll:{MESSAGE_ID}:undelivered")

    @pytest.mark.parametrize("status", ["accepted", "queued", "scheduled", "sending"])
    async def test_what_is_on_its_way_is_no_news(self, provider: Twilio, vendor: Vendor, status: str):
        """It is asked again later."""
        vendor.will(Answer(200, json.dumps({"sid": MESSAGE_ID, "status": status, "date_updated": None}).encode()))
        assert await provider.status(MESSAGE_ID, TEXT.to) is None

    async def test_checks_the_account_without_sending(self, provider: Twilio, vendor: Vendor):
        """The credentials are what can be wrong."""
        vendor.will(Answer(200), Answer(401, payload("twilio/unauthorized.json")))
        await provider.check()
        assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", f"/2010-04-01/Accounts/{SID}.json")
        with pytest.raises(Misconfigured):
            await provider.check()


@pytest.fixture
def twilio() -> Twilio:
    return make("http://127.0.0.1")


def asked(body: bytes = b"", signature: str = "", url: str = HOOK, method: str = "POST") -> WebhookRequest:
    query = tuple(parse_qsl(url.partition("?")[2], keep_blank_values=True))
    return WebhookRequest(method, url, {SIGNATURE: signature} if signature else {}, body, query)


def signed(url: str, form: bytes = b"", token: str = TOKEN) -> str:
    """As Twilio's page on webhook security describes it."""
    text = url + "".join(f"{name}{value}" for name, value in sorted(parse_qsl(form.decode(), keep_blank_values=True)))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


THEIRS = "https://mycompany.com/myapp.php?foo=1&bar=2"  # the vectors of Twilio's own libraries, token 12345
FORM = b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
JSON = b'{"property": "value", "boolean": true}'
JSON_HASH = "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


@pytest.mark.parametrize(
    ("url", "body", "signature"),
    [
        (THEIRS, FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (THEIRS.replace(".com", ".com:1234"), FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (THEIRS.replace(".com", ".com:1234").replace("https", "http"), FORM, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (THEIRS, FORM, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (THEIRS.replace("https", "http"), FORM, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (THEIRS, b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (THEIRS + JSON_HASH, JSON, "a9nBmqA0ju/hNViExpshrM61xv4="),
    ],
)
async def test_the_vectors_of_twilios_libraries_hold(url: str, body: bytes, signature: str):
    """With and without the port, repeated fields, and JSON by the hash in the address."""
    await make("http://127.0.0.1", token="12345").verify(asked(body, signature, url))


REPORT = payload("twilio/delivered.txt")
GET = f"{HOOK}?{REPORT.decode()}"


async def test_a_get_is_signed_by_its_address(twilio: Twilio):
    """And read from it."""
    request = asked(b"", signed(GET), GET, "GET")
    await twilio.verify(request)
    assert [one.type for one in twilio.parse(request).events] == [EventType.DELIVERED]


@pytest.mark.parametrize(
    ("body", "signature", "url"),
    [
        (REPORT, "", HOOK),
        (REPORT, signed(HOOK, REPORT, "another"), HOOK),
        (REPORT.replace(b"delivered", b"read"), signed(HOOK, REPORT), HOOK),
        (REPORT + b"&ErrorCode=30005", signed(HOOK, REPORT), HOOK),
        (REPORT, signed(HOOK, REPORT), HOOK + "?key=x"),
        (REPORT, signed(HOOK, REPORT), HOOK.replace("desk", "dask")),
        (REPORT, "ünsigned", HOOK),
        (JSON + b" ", "a9nBmqA0ju/hNViExpshrM61xv4=", THEIRS + JSON_HASH),
        (REPORT, signed(HOOK, REPORT), "https://desk.example.org:no/webhooks/twilio"),
        (b"\xff\xfe", signed(HOOK), HOOK),
    ],
)
async def test_anything_else_is_a_bad_signature(body: bytes, signature: str, url: str):
    """Whatever was changed, and however the header is broken."""
    provider = make("http://127.0.0.1", token="12345" if url.startswith(THEIRS) else TOKEN)
    with pytest.raises(BadSignature):
        await provider.verify(asked(body, signature, url))


def test_it_has_a_webhook(twilio: Twilio):
    """The registry finds it by that."""
    assert isinstance(twilio, Reporting)


def test_a_report_brings_our_key_back(twilio: Twilio):
    """So it is understood although the answer to the call was lost."""
    address = callback(PUBLIC, "twilio", KEY)
    assert address is not None
    reports = twilio.parse(asked(REPORT, url=address))
    (event,) = reports.events
    assert (event.type, event.provider_message_id, event.key, event.at) == (EventType.DELIVERED, MESSAGE_ID, KEY, NOW)
    assert reports.answer == ("text/xml", b"<Response/>")


def test_a_repeated_report_has_the_same_id_and_another_status_another(twilio: Twilio):
    """Twilio repeats what it got no answer to."""
    ids = {
        (twilio.parse(asked(REPORT.replace(b"delivered", status))).events[0]).event_id
        for status in (b"sent", b"delivered", b"delivered", b"undelivered")
    }
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("code", "ours", "hard"),
    [
        ("30003", "absent", False),
        ("30005", "invalid_address", True),
        ("30006", "landline", True),
        ("30007", "carrier_filtered", False),
        ("30034", "sender_refused", False),
        ("21610", "unsubscribed", True),
        ("63016", "outside_window", False),
        ("30008", None, False),
    ],
)
def test_a_failure_says_why(twilio: Twilio, code: str, ours: str | None, hard: bool):
    """Some are for good, and the address is left alone."""
    body = payload("twilio/undelivered.txt").replace(b"63016", code.encode())
    (event,) = twilio.parse(asked(body)).events
    assert (event.type, event.code, event.hard) == (EventType.FAILED, ours, hard)
    assert event.detail == code


def test_whatsapp_says_when_it_was_read(twilio: Twilio):
    """SMS never does."""
    (event,) = twilio.parse(asked(payload("twilio/read.txt"))).events
    assert event.type is EventType.READ


def test_an_sms_from_somebody(twilio: Twilio):
    """Twilio itself answers STOP there."""
    reports = twilio.parse(asked(payload("twilio/inbound_sms.txt")))
    assert reports.events == ()
    assert reports.inbound == (
        InboundMessage(
            "twilio", "SMcccccccccccccccccccccccccccccccc", Channel.SMS, "+14155550123", "Stop", NOW, is_answered=True
        ),
    )
    assert reports.answer == ("text/xml", b"<Response/>")


def test_a_pressed_button_on_whatsapp(twilio: Twilio):
    """What it stands for, and which message it answers."""
    (found,) = twilio.parse(asked(payload("twilio/inbound_whatsapp.txt"))).inbound
    assert (found.channel, found.sender, found.text) == (Channel.WHATSAPP, "+14155550123", "I am in")
    assert (found.payload, found.reply_to) == ("accept", "SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert not found.is_answered


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"MessageSid=SM1&MessageStatus=queued",
        b"MessageSid=SM1&MessageStatus=brand-new",
        b"MessageStatus=delivered",
        b"MessageSid=SM1&SmsStatus=received&From=whatsapp%3AUS.1234&Body=hi",
        b"MessageSid=SM1&SmsStatus=received&From=55155&Body=hi",
        b'{"a": 1}',
        b"\xff\xfe=%ff",
    ],
)
def test_what_says_nothing_to_us_is_left_out(twilio: Twilio, body: bytes):
    """Kinds we don't know, senders without a number: signed, so no reason to fail."""
    reports = twilio.parse(asked(body))
    assert (reports.events, reports.inbound) == ((), ())


def test_details_have_no_number(twilio: Twilio):
    """They go into the log."""
    body = payload("twilio/undelivered.txt") + b"&ErrorMessage=no+route+to+%2B14155550123"
    assert "4155550123" not in twilio.parse(asked(body)).events[0].detail
