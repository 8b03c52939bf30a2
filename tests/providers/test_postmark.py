"""Postmark against a server that answers as Postmark does."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import BadSignature, Misconfigured, Refused, SendError, Unavailable
from core.model import DeliveryEvent, EventType, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.postmark import Postmark
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MESSAGE_ID = "0a129aee-e1cd-480d-b08d-4f48548ff48d"
LOGIN = ("postmark", "pass:word é")
REPORTS: dict[str, Any] = json.loads(payload("postmark/reports.json"))


def make(url: str, login: tuple[str | None, str | None] = LOGIN) -> Postmark:
    return Postmark(http_client(TIMEOUT), "server-token", url, "desk@example.org", lambda: NOW, login)


def refusing(code: int, status: int = 422) -> Answer:
    return Answer(status, json.dumps({"ErrorCode": code, "Message": "in its own words"}).encode())


class TestPostmark(ProviderContract):
    """The contract, in Postmark's words."""

    accepts = Answer(200, payload("postmark/accepted.json"))
    receipt = Receipt(MESSAGE_ID)
    refuses = Answer(422, payload("postmark/inactive.json"))
    refusal = ("suppressed", True)
    unauthorized = Answer(401, payload("postmark/unauthorized.json"))
    throttles = Answer(429, payload("postmark/too_many.json"), {"Retry-After": "7"})
    unreadable = Answer(200, b"OK")

    def make(self, url: str) -> Postmark:
        return make(url)

    async def test_sends_what_the_api_takes(self, provider: Postmark, vendor: Vendor):
        """Both texts, our key as metadata, our headers, nothing tracked."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/email")
        headers = {name.lower(): value for name, value in asked.headers.items()}
        assert headers["x-postmark-server-token"] == "server-token"
        assert asked.json == {
            "From": "Postrider <desk@example.org>",
            "To": "ada@example.org",
            "Subject": "Your draft",
            "TextBody": "Hello",
            "HtmlBody": "<p>Hello</p>",
            "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://desk.example.org/u/x>"}],
            "Metadata": {"postrider_key": KEY},
            "TrackOpens": False,
            "TrackLinks": "None",
        }

    async def test_a_key_too_long_for_metadata_stays_at_home(self, provider: Postmark, vendor: Vendor):
        """Postmark would refuse the message; and it can't be looked up then."""
        vendor.will(self.accepts)
        await provider.send(replace(self.message, html=None), "k" * 81)
        assert vendor.asked[0].json["Metadata"] == {}
        assert "HtmlBody" not in vendor.asked[0].json
        assert await provider.find("ada@example.org", "k" * 81) is None
        assert len(vendor.asked) == 1

    @pytest.mark.parametrize(
        ("answer", "kind", "code"),
        [
            (Answer(422, payload("postmark/invalid_address.json")), Refused, "invalid_address"),
            (Answer(422, payload("postmark/invalid_sender.json")), Misconfigured, "http_422"),
            (refusing(400), Misconfigured, "sender_refused"),
            (refusing(405), Misconfigured, "out_of_credit"),
            (refusing(412), Misconfigured, "suspended"),
            (refusing(100), Unavailable, "unavailable"),
            (Answer(422, b'{"ErrorCode": "none"}'), Misconfigured, "http_422"),
        ],
    )
    async def test_what_an_error_code_means(
        self, provider: Postmark, vendor: Vendor, answer: Answer, kind: type[SendError], code: str
    ):
        """Only a code about the field To blames the recipient."""
        vendor.will(answer)
        assert (type(error := await self.fails(provider)), error.code) == (kind, code)

    @pytest.mark.parametrize(("code", "kind"), [(406, Refused), (405, Misconfigured), (1234, Misconfigured)])
    async def test_a_refusal_may_come_with_a_200(
        self, provider: Postmark, vendor: Vendor, code: int, kind: type[SendError]
    ):
        """The error code counts, not the status."""
        vendor.will(refusing(code, 200))
        assert isinstance(await self.fails(provider), kind)

    async def test_a_lost_answer_can_be_looked_up(self, provider: Postmark, vendor: Vendor):
        """By our key among the metadata."""
        vendor.will(Answer(200, payload("postmark/found.json")))
        assert await provider.find("ada@example.org", KEY) == Receipt(MESSAGE_ID)
        assert await provider.find("ada@example.org", "another") is None
        path = "/messages/outbound?count=50&offset=0&recipient=ada@example.org&metadata_postrider_key=post:42:v3:email"
        assert vendor.asked[0].path == path

    @pytest.mark.parametrize(
        ("log", "kind", "hard"),
        [
            ("under_way", None, None),
            ("delivered", EventType.DELIVERED, False),
            ("bounced", EventType.BOUNCED, True),
        ],
    )
    async def test_a_message_can_be_asked_about(
        self, provider: Postmark, vendor: Vendor, log: str, kind: EventType | None, hard: bool | None
    ):
        """What kind of bounce it was is asked of the bounces."""
        vendor.will(Answer(200, payload(f"postmark/{log}.json")), Answer(200, payload("postmark/bounce.json")))
        found = await provider.status(MESSAGE_ID, "ada@example.org")
        assert (found and found.type, found and found.hard) == (kind, hard)
        assert found is None or (found.provider_message_id, found.key) == (MESSAGE_ID, KEY)
        paths = [f"/messages/outbound/{MESSAGE_ID}/details", "/bounces/901542550"]
        assert [one.path for one in vendor.asked] == paths[: 1 + (kind is EventType.BOUNCED)]

    async def test_a_bounce_asked_for_is_the_one_that_was_brought(self, provider: Postmark, vendor: Vendor):
        """By the same id, so that it counts once."""
        vendor.will(Answer(200, payload("postmark/bounced.json")), Answer(200, payload("postmark/bounce.json")))
        assert await provider.status(MESSAGE_ID, "") == read(provider, REPORTS["bounce"])

    async def test_an_absent_persons_answer_does_not_undo_the_delivery(self, provider: Postmark, vendor: Vendor):
        """Postmark files it among the bounces."""
        bounce = json.loads(payload("postmark/bounce.json")) | {"Type": "AutoResponder"}
        vendor.will(Answer(200, payload("postmark/bounced.json")), Answer(200, json.dumps(bounce).encode()))
        found = await provider.status(MESSAGE_ID, "")
        assert found
        assert found.type is EventType.DELIVERED

    @pytest.mark.parametrize(("status", "fault"), [(200, None), (422, None), (401, Misconfigured), (503, Unavailable)])
    async def test_a_check_reads_the_server(
        self, provider: Postmark, vendor: Vendor, status: int, fault: type[SendError] | None
    ):
        """And sends nothing."""
        vendor.will(Answer(status, b"{}"))
        if fault:
            with pytest.raises(fault):
                await provider.check()
        else:
            await provider.check()
        assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", "/server")


def asked(body: Any, authorization: str | None = None) -> WebhookRequest:
    headers = {} if authorization is None else {"authorization": authorization}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest("POST", "https://desk.example.org/webhooks/postmark", headers, raw)


def basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def read(postmark: Postmark, report: Any) -> DeliveryEvent | None:
    events = postmark.parse(asked(report)).events
    return events[0] if events else None


@pytest.fixture
def postmark() -> Postmark:
    return make("http://127.0.0.1")


async def test_the_right_name_and_password_are_believed(postmark: Postmark):
    """There is no signature."""
    assert isinstance(postmark, Reporting)
    await postmark.verify(asked({}, basic("postmark:pass:word é")))


@pytest.mark.parametrize(
    "authorization",
    [None, "", basic("postmark:wrong"), basic("other:pass:word é"), basic("postmark:pass:word é").lower(),
     basic("postmark:pass:word é").replace("Basic", "Bearer"), "Basic not base64!", "Basic é"],
)  # fmt: skip
async def test_anything_else_is_a_bad_signature(postmark: Postmark, authorization: str | None):
    """However it is broken."""
    with pytest.raises(BadSignature):
        await postmark.verify(asked({}, authorization))


@pytest.mark.parametrize("login", [(None, None), ("postmark", None), (None, "password"), ("", "")])
async def test_without_name_and_password_nothing_is_believed(login: tuple[str | None, str | None]):
    """Not even an empty one."""
    with pytest.raises(BadSignature):
        await make("http://127.0.0.1", login).verify(asked({}, basic(f"{login[0] or ''}:{login[1] or ''}")))


@pytest.mark.parametrize(
    ("name", "kind", "hard"),
    [
        ("delivery", EventType.DELIVERED, False),
        ("open", EventType.OPENED, False),
        ("bounce", EventType.BOUNCED, True),
        ("spam_complaint", EventType.COMPLAINED, False),
        ("unsubscribed", EventType.UNSUBSCRIBED, False),
        ("suppressed", EventType.BOUNCED, True),
    ],
)
def test_each_kind_of_report(postmark: Postmark, name: str, kind: EventType, hard: bool):
    """By its record type, or by why sending to it was stopped."""
    event = read(postmark, REPORTS[name])
    assert event
    assert (event.type, event.hard, event.provider_message_id) == (kind, hard, MESSAGE_ID)
    assert event.key == (KEY if "Metadata" in REPORTS[name] else "")
    assert "@" not in event.detail


@pytest.mark.parametrize(
    ("type_of_bounce", "meaning"),
    [
        ("SoftBounce", (EventType.BOUNCED, "bounced", False)),
        ("BadEmailAddress", (EventType.BOUNCED, "invalid_address", True)),
        ("Blocked", (EventType.BOUNCED, "content_refused", False)),
        ("SpamNotification", (EventType.BOUNCED, "content_refused", False)),
        ("Transient", (EventType.DEFERRED, None, False)),
        ("DnsError", (EventType.DEFERRED, None, False)),
        ("ManuallyDeactivated", (EventType.FAILED, "suppressed", False)),
        ("AutoResponder", None),
        ("Unknown", None),
    ],
)
def test_a_bounces_type_decides(postmark: Postmark, type_of_bounce: str, meaning: tuple[EventType, str, bool] | None):
    """A bounce by name may be a delay, or somebody on holiday."""
    event = read(postmark, REPORTS["bounce"] | {"Type": type_of_bounce})
    assert (event and (event.type, event.code, event.hard)) == meaning


def test_reports_are_told_apart_and_dated(postmark: Postmark):
    """The same one twice is one; moments have seven digits after the second."""
    events = [read(postmark, one) for one in REPORTS.values()]
    known = [one for one in events if one]
    assert len({one.event_id for one in known}) == len(known) == 6
    assert read(postmark, REPORTS["delivery"]) == known[0]
    assert known[0].at == datetime(2026, 3, 2, 9, 0, 10, 273539, tzinfo=UTC)


@pytest.mark.parametrize("report", [REPORTS["click"], REPORTS["subscribed"], {}, [], 7, {"RecordType": ["Delivery"]}])
def test_what_says_nothing_about_a_delivery_is_left_out(postmark: Postmark, report: Any):
    """Nor does it fail."""
    assert read(postmark, report) is None


def test_a_report_without_a_moment_is_of_now(postmark: Postmark):
    """Its metadata may be anything, too."""
    event = read(postmark, {"RecordType": "Delivery", "MessageID": MESSAGE_ID, "Metadata": "none"})
    assert event
    assert (event.at, event.key) == (NOW, "")
