"""Amazon SNS against a server that answers as SNS does, and against moto's, which reads requests as SNS does."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.sns.models import sns_backends

from core.errors import Misconfigured, Refused, SendError, Unavailable
from core.model import Channel, Message, Receipt
from core.ports import Reporting
from core.providers.amazonsns import AmazonSns
from core.providers.base import http_client
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

TEXT = Message(Channel.SMS, "+14155550123", "Grüße & more = “fun” 😀")


def make(url: str | None) -> AmazonSns:
    return AmazonSns(http_client(TIMEOUT), ("AKIAEXAMPLE", "secret"), "eu-west-1", url)


def error(code: str, words: str) -> bytes:
    return (
        payload("amazonsns/throttled.xml")
        .replace(b"Throttled", code.encode())
        .replace(b"Rate exceeded", words.encode())
    )


class TestAmazonSns(ProviderContract):
    """The contract, in SNS's words."""

    message = TEXT
    accepts = Answer(200, payload("amazonsns/published.xml"))
    receipt = Receipt("567910cd-659e-55d4-8ccb-5aaf14679dc0")
    refuses = Answer(400, payload("amazonsns/invalid_number.xml"))
    refusal = ("invalid_address", False)  # it says so of every number where a region sends no SMS
    unauthorized = Answer(403, payload("amazonsns/unauthorized.xml"))
    throttles = Answer(429, payload("amazonsns/throttled.xml"), {"Retry-After": "7"})
    unreadable = Answer(200, b"<PublishResponse/>")

    def make(self, url: str) -> AmazonSns:
        return make(url)

    async def test_publishes_to_a_number(self, provider: AmazonSns, vendor: Vendor):
        """A signed form."""
        vendor.will(self.accepts)
        await provider.send(TEXT, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/")
        form = dict(parse_qsl(asked.body.decode(), strict_parsing=True))
        assert form == {
            "Action": "Publish", "Version": "2010-03-31", "PhoneNumber": TEXT.to, "Message": TEXT.text,
            "MessageAttributes.entry.1.Name": "AWS.SNS.SMS.SMSType",
            "MessageAttributes.entry.1.Value.DataType": "String",
            "MessageAttributes.entry.1.Value.StringValue": "Transactional",
        }  # fmt: skip
        assert asked.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/")
        assert "/eu-west-1/sns/aws4_request" in asked.headers["Authorization"]
        assert asked.headers["Content-Type"].startswith("application/x-www-form-urlencoded")

    @pytest.mark.parametrize(
        ("code", "words", "kind", "ours", "hard"),
        [
            ("Throttled", "Rate exceeded", Unavailable, "rate_limited", None),
            ("ThrottlingException", "Rate exceeded", Unavailable, "rate_limited", None),
            ("OptedOut", "The number opted out", Refused, "unsubscribed", True),
            ("InvalidParameter", "Invalid parameter: Message too long", Misconfigured, "http_400", None),
            ("AuthorizationError", "not authorized to perform: SNS:Publish", Misconfigured, "http_400", None),
        ],
    )
    async def test_codes_say_who_is_to_blame(
        self,
        provider: AmazonSns,
        vendor: Vendor,
        code: str,
        words: str,
        kind: type[SendError],
        ours: str,
        hard: bool | None,
    ):
        """Whatever the status."""
        vendor.will(Answer(400, error(code, words)))
        found = await self.fails(provider)
        assert (type(found), found.code, getattr(found, "hard", None)) == (kind, ours, hard)

    async def test_checks_the_settings_for_sms(self, provider: AmazonSns, vendor: Vendor):
        """Which sends nothing."""
        vendor.will(Answer(200), Answer(403, payload("amazonsns/unauthorized.xml")))
        await provider.check()
        assert b"Action=GetSMSAttributes" in vendor.asked[0].body
        with pytest.raises(Misconfigured):
            await provider.check()


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("eu-west-1", "https://sns.eu-west-1.amazonaws.com/"),
        ("cn-north-1", "https://sns.cn-north-1.amazonaws.com.cn/"),
    ],
)
async def test_a_region_has_its_own_address(region: str, url: str):
    """Where the settings name no other."""
    async with http_client(1) as http:
        assert str(AmazonSns(http, ("AKIA", "secret"), region, None).build(TEXT, KEY).url) == url


async def test_it_says_nothing_more():
    """No webhook, no status: `sent` is all that is ever known."""
    sns = make(None)
    assert not isinstance(sns, Reporting)
    assert (sns.can_poll, sns.can_ask, sns.reports_arrival) == (False, False, False)
    await sns.http.aclose()


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Amazon's services as moto plays them, on a port of their own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


async def test_moto_publishes_what_we_send(moto: str):
    """It parses the form and hands back an id."""
    provider = AmazonSns(http_client(10), ("AKIAEXAMPLE", "secret"), "eu-west-1", moto)
    receipt = await provider.send(TEXT, KEY)
    published = sns_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sms_messages
    assert published[receipt.provider_message_id] == (TEXT.to, TEXT.text)
    await provider.check()
    await provider.http.aclose()


async def test_moto_refuses_a_number_that_is_none(moto: str):
    """In SNS's words."""
    provider = AmazonSns(http_client(10), ("AKIAEXAMPLE", "secret"), "eu-west-1", moto)
    with pytest.raises(Refused) as raised:
        await provider.send(Message(Channel.SMS, "+1", "Hello"), KEY)
    assert raised.value.code == "invalid_address"
    await provider.http.aclose()
