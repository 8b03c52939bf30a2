"""Amazon SES against a server that answers as SES does, against Amazon's own client, and against moto."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import botocore.session
import httpx
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.ses.models import ses_backends

from core.errors import Misconfigured, SendError, Unavailable
from core.model import DeliveryEvent, EventType, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.amazonses import AmazonSes
from core.providers.aws import signed as aws_signed
from core.providers.base import http_client
from tests.providers.contract import KEY, MAIL, TIMEOUT, ProviderContract
from tests.providers.test_snsenvelope import NOTIFICATION, TOPIC, Amazon, asked, signed
from tests.providers.vendor import Answer, Asked, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACCESS_KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-west-1"
MESSAGE_ID = "0102018fa5b1c2d3-33322211-cccc-cccc-cccc-ddddaaaa0680-000000"
TAG = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
REPORTS: dict[str, Any] = json.loads(payload("amazonses/reports.json"))
INSIGHTS: dict[str, Any] = json.loads(payload("amazonses/insights.json"))


def make(url: str, timeout: float = TIMEOUT) -> AmazonSes:
    http = http_client(timeout)
    return AmazonSes(http, (ACCESS_KEY, SECRET), REGION, url, "desk@example.org", lambda: NOW, TOPIC)


def refusing(name: str, status: int = 400, words: str = "in its own words") -> Answer:
    """An error as SES words it; its name stands in a header, with an address behind it."""
    headers = {"x-amzn-errortype": f"{name}:http://internal.amazon.com/coral/com.amazonaws.services.ses/"}
    return Answer(status, json.dumps({"message": words}).encode(), headers)


class TestAmazonSes(ProviderContract):
    """The contract, in SES's words."""

    accepts = Answer(200, payload("amazonses/accepted.json"))
    receipt = Receipt(MESSAGE_ID)
    refuses = Answer(400, payload("amazonses/bad_address.json"), {"x-amzn-errortype": "BadRequestException"})
    refusal = ("invalid_address", True)
    unauthorized = Answer(403, payload("amazonses/unauthorized.json"), {"x-amzn-errortype": "UnrecognizedClient"})
    throttles = Answer(
        429,
        payload("amazonses/too_many.json"),
        {"x-amzn-errortype": "TooManyRequestsException", "Retry-After": "7"},
    )
    unreadable = Answer(200, b"{}")

    def make(self, url: str) -> AmazonSes:
        return make(url)

    async def test_sends_what_the_api_takes(self, provider: AmazonSes, vendor: Vendor):
        """The whole mail with its headers, and our key as a tag; signed."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/v2/email/outbound-emails")
        assert set(asked.json) == {"Content", "Destination", "EmailTags"}
        assert asked.json["Destination"] == {"ToAddresses": ["ada@example.org"]}
        assert asked.json["EmailTags"] == [{"Name": "postrider_key", "Value": TAG}]
        mail = message_from_bytes(base64.b64decode(asked.json["Content"]["Raw"]["Data"]), policy=default)
        assert (mail["From"], mail["To"], mail["Subject"]) == (
            "Postrider <desk@example.org>", "ada@example.org", "Your draft",
        )  # fmt: skip
        assert mail["List-Unsubscribe"] == "<https://desk.example.org/u/x>"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert signature_of(asked) == signature_by_hand(asked)

    async def test_asks_as_amazons_own_client_does(self, provider: AmazonSes, vendor: Vendor):
        """It checks every field against SES's description, and puts them where SES reads them."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        ours = vendor.asked.pop()
        fields = {**ours.json, "Content": {"Raw": {"Data": base64.b64decode(ours.json["Content"]["Raw"]["Data"])}}}
        await asyncio.to_thread(amazons_client(vendor.url).send_email, **fields)
        vendor.will(Answer(200, json.dumps(INSIGHTS["delivered"]).encode()))
        await asyncio.to_thread(amazons_client(vendor.url).get_message_insights, MessageId=MESSAGE_ID)
        await asyncio.to_thread(amazons_client(vendor.url).get_account)
        await provider.status(MESSAGE_ID, "")
        await provider.check()
        theirs, their_question, their_check, our_question, our_check = vendor.asked
        assert (theirs.method, theirs.path, theirs.json) == (ours.method, ours.path, ours.json)
        assert (our_question.method, our_question.path) == (their_question.method, their_question.path)
        assert (our_check.method, our_check.path) == (their_check.method, their_check.path)
        assert scope_of(ours) == scope_of(theirs)

    async def test_a_key_too_long_for_a_tag_stays_at_home(self, provider: AmazonSes, vendor: Vendor):
        """SES would refuse the message."""
        vendor.will(self.accepts)
        await provider.send(self.message, "k" * 200)
        assert "EmailTags" not in vendor.asked[0].json

    def test_an_address_beyond_ascii_is_for_others(self):
        """SES can't write to it; any domain is fine."""
        provider = make("http://127.0.0.1")
        assert not provider.reaches("jürgen@example.org")
        assert provider.reaches("ada@bücher.example")

    @pytest.mark.parametrize(
        ("answer", "kind", "code"),
        [
            (Answer(400, payload("amazonses/not_verified.json"), {"x-amzn-errortype": "MessageRejected"}),
             Misconfigured, "sender_refused"),
            (refusing("MessageRejected"), Misconfigured, "content_refused"),
            (refusing("MailFromDomainNotVerifiedException"), Misconfigured, "sender_refused"),
            (refusing("AccountSuspendedException"), Misconfigured, "suspended"),
            (refusing("SendingPausedException"), Misconfigured, "suspended"),
            (refusing("LimitExceededException"), Unavailable, "rate_limited"),
            (refusing("ThrottlingException"), Unavailable, "rate_limited"),
            (refusing("BadRequestException"), Misconfigured, "http_400"),
            (Answer(400, b'{"__type": "com.amazonaws.ses#SendingPausedException"}'), Misconfigured, "suspended"),
            (Answer(400, b"[]"), Misconfigured, "http_400"),
        ],
    )  # fmt: skip
    async def test_what_an_error_means(
        self, provider: AmazonSes, vendor: Vendor, answer: Answer, kind: type[SendError], code: str
    ):
        """A full quota is a 400 too, and no fault of ours."""
        vendor.will(answer)
        assert (type(error := await self.fails(provider)), error.code) == (kind, code)

    @pytest.mark.parametrize(
        ("log", "kind", "hard"),
        [
            ("under_way", None, None),
            ("delivered", EventType.DELIVERED, False),
            ("bounced", EventType.BOUNCED, True),
            ("complained", EventType.COMPLAINED, False),
            ("not_spam", EventType.DELIVERED, False),
        ],
    )
    async def test_a_message_can_be_asked_about(
        self, provider: AmazonSes, vendor: Vendor, log: str, kind: EventType | None, hard: bool | None
    ):
        """The weightiest of its insights."""
        vendor.will(Answer(200, json.dumps(INSIGHTS[log]).encode()))
        found = await provider.status(MESSAGE_ID, "ada@example.org")
        assert (found and found.type, found and found.hard) == (kind, hard)
        assert found is None or (found.provider_message_id, found.key, "@" in found.detail) == (MESSAGE_ID, KEY, False)
        assert found == await provider.status(MESSAGE_ID, "ada@example.org")

    async def test_without_insights_there_is_an_error_to_tell(self, provider: AmazonSes, vendor: Vendor):
        """Where nobody has turned them on."""
        vendor.will(refusing("NotFoundException", 404))
        with pytest.raises(Misconfigured):
            await provider.status(MESSAGE_ID, "")

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (Answer(200, b'{"SendingEnabled": true}'), None),
            (Answer(200, b'{"SendingEnabled": false}'), Misconfigured),
            (refusing("AccessDeniedException", 403), None),
            (refusing("UnrecognizedClientException", 403), Misconfigured),
            (refusing("TooManyRequestsException", 429), None),
            (Answer(503), Unavailable),
        ],
    )
    async def test_a_check_reads_the_account(
        self, provider: AmazonSes, vendor: Vendor, answer: Answer, fault: type[SendError] | None
    ):
        """A key that may only send may not; it is known all the same."""
        vendor.will(answer)
        if fault:
            with pytest.raises(fault):
                await provider.check()
        else:
            await provider.check()


def amazons_client(url: str) -> Any:
    session = botocore.session.get_session()
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET}
    return session.create_client("sesv2", region_name=REGION, endpoint_url=url, **keys)


def authorization(asked: Asked) -> dict[str, str]:
    text = asked.headers["Authorization"].removeprefix("AWS4-HMAC-SHA256 ")
    return dict(part.strip().split("=", 1) for part in text.split(","))


def scope_of(asked: Asked) -> list[str]:
    """Key, region and service, without the day."""
    parts = authorization(asked)["Credential"].split("/")
    return parts[:1] + parts[2:]


def signature_of(asked: Asked) -> str:
    return authorization(asked)["Signature"]


def signature_by_hand(asked: Asked) -> str:
    """Signature Version 4, step by step, from what arrived."""
    headers = {name.lower(): value for name, value in asked.headers.items()}
    names = authorization(asked)["SignedHeaders"]
    assert {"host", "x-amz-date"} <= set(names.split(";"))
    lines = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
    body = hashlib.sha256(asked.body).hexdigest()
    request = f"{asked.method}\n{asked.path}\n\n{lines}\n{names}\n{body}"
    day = headers["x-amz-date"][:8]
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{day}/{REGION}/ses/aws4_request\n{digest}"
    key = f"AWS4{SECRET}".encode()
    for part in (day, REGION, "ses", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def brought(report: Any) -> WebhookRequest:
    """A report in SNS's envelope; the message ends with a line break, as SES's do."""
    return asked(signed(NOTIFICATION | {"Message": json.dumps(report) + "\n"}))


def read(report: Any) -> DeliveryEvent | None:
    events = make("http://127.0.0.1").parse(brought(report)).events
    return events[0] if events else None


def test_without_a_topic_of_ours_our_key_proves_nothing():
    """It can be guessed, and Amazon signs for everybody's topic."""
    http = http_client(1)
    anybody = AmazonSes(http, (ACCESS_KEY, SECRET), REGION, None, "desk@example.org", lambda: NOW)
    (event,) = anybody.parse(brought(REPORTS["delivery"])).events
    assert (event.key, event.provider_message_id) == ("", read(REPORTS["delivery"]).provider_message_id)


async def test_reports_are_verified_by_their_envelope():
    """The rest of it is tested by itself."""
    amazon = Amazon()
    ses = make("http://127.0.0.1")
    assert isinstance(ses, Reporting)
    ses._envelopes = amazon.envelopes()
    await ses.verify(brought(REPORTS["delivery"]))
    assert len(amazon.fetched) == 1


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("send", (EventType.SENT, None, False)),
        ("delivery", (EventType.DELIVERED, None, False)),
        ("delay", (EventType.DEFERRED, None, False)),
        ("bounce", (EventType.BOUNCED, "bounced", True)),
        ("transient", (EventType.BOUNCED, "mailbox_full", False)),
        ("complaint", (EventType.COMPLAINED, None, False)),
        ("reject", (EventType.FAILED, "content_refused", False)),
        ("open", (EventType.OPENED, None, False)),
    ],
)
def test_each_kind_of_report(name: str, meaning: tuple[EventType, str | None, bool]):
    """By event publishing or by feedback notification; our key comes with the first alone."""
    event = read(REPORTS[name])
    assert event
    assert (event.type, event.code, event.hard) == meaning
    assert (event.provider_message_id, event.event_id) == (MESSAGE_ID, NOTIFICATION["MessageId"])
    assert event.key == (KEY if "eventType" in REPORTS[name] else "")
    assert "@" not in event.detail


@pytest.mark.parametrize("name", ["click", "rendering_failure", "received", "not_spam"])
def test_what_says_nothing_about_a_delivery_is_left_out(name: str):
    """Taking a mail out of the spam folder is no complaint."""
    assert read(REPORTS[name]) is None


def test_a_report_is_of_its_own_moment():
    """Else of its envelope's."""
    found, sent = read(REPORTS["delivery"]), read(REPORTS["send"])
    assert found
    assert sent
    assert found.at == datetime(2026, 3, 2, 8, 59, 39, 237000, UTC)
    assert sent.at == datetime(2026, 3, 2, 8, 59, 59, 675000, UTC)


@pytest.mark.parametrize(
    "report",
    [
        {},
        [],
        "Delivery",
        {"eventType": ["Delivery"]},
        {"eventType": "Delivery", "mail": 1, "delivery": [], "timestamp": 1},
        {"eventType": "Bounce", "mail": {"tags": {"postrider_key": "x"}}, "bounce": {"bouncedRecipients": ["ada"]}},
        {"eventType": "Send", "mail": {"tags": {"postrider_key": ["é", 1]}}},
    ],
)
def test_strange_reports_are_left_out_or_read_as_far_as_possible(report: Any):
    """The signature is good, so it is SES that is strange: no reason to fail."""
    event = read(report)
    assert event is None or event.key == ""


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Amazon's services as moto plays them, on a port of their own; it knows our sender."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    identity = httpx.Request("POST", f"{url}/v2/email/identities", json={"EmailIdentity": "desk@example.org"})
    with httpx.Client() as http:
        http.send(aws_signed(identity, ACCESS_KEY, SECRET, REGION, "ses")).raise_for_status()
    yield url
    server.stop()


async def test_moto_takes_the_mail_as_it_was_written(moto: str):
    """It unpacks the mail and reads its recipient."""
    ses = make(moto, timeout=10)
    receipt = await ses.send(replace(MAIL, subject="Grüße 🎉", text="Grüße 🎉"), KEY)
    (taken,) = [
        one for one in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages if one.id == receipt.provider_message_id
    ]
    mail = message_from_bytes(taken.raw_data.encode(), policy=default)
    assert set(taken.destinations) == {"ada@example.org"}
    assert mail["Subject"] == "Grüße 🎉"
    assert mail["List-Unsubscribe"] == "<https://desk.example.org/u/x>"
    await ses.http.aclose()


async def test_moto_refuses_a_sender_that_is_not_verified(moto: str):
    """Ours to mend."""
    ses = make(moto, timeout=10)
    with pytest.raises(Misconfigured) as raised:
        await ses.send(replace(MAIL, sender="stranger@example.com"), KEY)
    assert raised.value.code == "content_refused"
    await ses.http.aclose()
