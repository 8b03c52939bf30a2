"""Webhooks to a reader who verifies them with the specification's own library."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook as Reader
from standardwebhooks.webhooks import WebhookVerificationError

from core.delivery.budget import Budget
from core.errors import Misconfigured, Refused, SettingsError
from core.model import Channel, Message, Receipt
from core.providers import webhook
from core.providers.base import http_client
from core.providers.guarded import guarded_client, is_any
from core.providers.parts import Parts
from core.providers.webhook import Webhook, id_of, secret_of, signature
from core.settings import Settings
from tests.conftest import NOW
from tests.providers.contract import KEY as MAIL_KEY
from tests.providers.contract import TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, a_vendor

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TEXT = '{"type": "notification.draft", "timestamp": "2026-03-02T09:00:00+00:00", "data": {"text": "Grüße"}}'


class TestWebhook(ProviderContract):
    """The contract; the reader's address is the vendor's."""

    accepts = Answer(204)
    receipt = Receipt(MAIL_KEY)
    refuses = Answer(410, b"gone")
    refusal = ("unreachable", True)
    unauthorized = Answer(401, b"no")
    throttles = Answer(429, b"", {"Retry-After": "7"})

    def make(self, url: str) -> Webhook:
        self.message = Message(Channel.WEBHOOK, f"{url}/hook?of=ada", TEXT)
        http = guarded_client(TIMEOUT, allows=is_any)
        return Webhook(http, secret_of(SECRET), lambda: datetime.now(UTC))

    async def test_a_reader_can_verify_it(self, provider: Webhook, vendor: Vendor):
        """With the library of whoever wrote the specification; nothing may be changed on the way."""
        vendor.will(self.accepts)
        await provider.send(self.message, MAIL_KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/hook?of=ada")
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.headers["webhook-id"] == MAIL_KEY
        assert asked.body == TEXT.encode()
        assert Reader(SECRET).verify(asked.body, asked.headers)["data"] == {"text": "Grüße"}
        for tampered in (
            (asked.body + b" ", asked.headers),
            (asked.body, asked.headers | {"webhook-id": "other"}),
            (asked.body, asked.headers | {"webhook-timestamp": str(int(asked.headers["webhook-timestamp"]) + 1)}),
        ):
            with pytest.raises(WebhookVerificationError):
                Reader(SECRET).verify(*tampered)

    async def test_the_same_message_keeps_its_id(self, provider: Webhook, vendor: Vendor):
        """By which a reader knows that it came twice."""
        vendor.will(self.unavailable, self.accepts)
        await self.fails(provider)
        await provider.send(self.message, "post:42:v3:email")
        assert len({asked.headers["webhook-id"] for asked in vendor.asked}) == 1

    async def test_plain_words_become_the_data_of_a_message(self, provider: Webhook, vendor: Vendor):
        """A reader always gets type, timestamp and data."""
        vendor.will(self.accepts)
        await provider.send(Message(Channel.WEBHOOK, self.message.to, "42", subject="Hello"), MAIL_KEY)
        body = vendor.asked[0].json
        assert (body["type"], body["data"]) == (
            "notification.message", {"title": "Hello", "text": "42", "url": ""},
        )  # fmt: skip
        assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_a_redirect_is_not_followed(self, provider: Webhook, vendor: Vendor, status: int):
        """Whoever wants webhooks gives the address at which they want them."""
        vendor.will(Answer(status, b"", {"Location": "http://169.254.169.254/"}))
        assert (type(error := await self.fails(provider)), error.code) == (Misconfigured, f"http_{status}")
        assert len(vendor.asked) == 1

    async def test_an_endless_answer_is_not_read(self, provider: Webhook, vendor: Vendor):
        """What counts is the status."""
        vendor.will(Answer(200, b"x" * 1_000_000))
        assert (await provider.send(self.message, MAIL_KEY)).provider_message_id == MAIL_KEY


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        vendor.will(Answer(204))
        yield vendor


def parts(**ours: object) -> Parts:
    settings = Settings(_env_file=None, webhook={"secret": SECRET, **ours})
    return Parts(settings, http_client(TIMEOUT), Budget(25), lambda: NOW, Channel.WEBHOOK)


async def test_an_address_inside_our_network_is_not_called_unless_that_is_allowed(vendor: Vendor):
    """Strangers name it."""
    message = Message(Channel.WEBHOOK, vendor.url, TEXT)
    guarded, trusting = webhook.build(parts()), webhook.build(parts(allow_private=True))
    with pytest.raises(Refused) as raised:
        await guarded.send(message, MAIL_KEY)
    assert (raised.value.code, raised.value.hard) == ("forbidden_address", False)
    assert vendor.asked == []
    await trusting.send(message, MAIL_KEY)
    assert len(vendor.asked) == 1
    for provider in (guarded, trusting):
        await provider.close()


@pytest.mark.parametrize("to", ["not a url", "https://", "mailto:ada@example.org", "https://a.example:99999"])
async def test_what_is_no_web_address_is_refused(to: str):
    """It will never be one."""
    provider = webhook.build(parts())
    with pytest.raises(Refused) as raised:
        await provider.send(Message(Channel.WEBHOOK, to, TEXT), MAIL_KEY)
    assert (raised.value.code, raised.value.hard) == ("invalid_address", True)
    await provider.close()


def test_reaches_web_addresses():
    """And nothing else."""
    provider = webhook.build(parts())
    assert provider.reaches("https://hooks.example.org/x")
    assert not any(provider.reaches(to) for to in ("ada@example.org", "+14155550123", "ftp://a.example", ""))


def test_the_example_of_the_specification():
    """The signature that its own library makes for its own secret."""
    moment = datetime.fromtimestamp(1614265330, UTC)
    expected = Reader(SECRET).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", moment, '{"test": 2432232314}')
    made = signature(secret_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert f"v1,{made}" == expected == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_key_with_a_dot_becomes_an_id_without():
    """A dot stands between the signed parts: an id with one could be read in two ways."""
    assert id_of("post:42:v3:webhook") == "post:42:v3:webhook"
    assert id_of("a.b") != id_of("a.c")
    assert "." not in id_of("a.b")
    assert len(id_of("ä" * 1000)) < 100


@pytest.mark.parametrize("secret", ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", f"whsec_{'QUJD' * 30}"])
def test_a_secret_that_is_none_is_one_clear_line(secret: str):
    """At the start, and without the secret in it."""
    with pytest.raises(SettingsError) as raised:
        secret_of(secret)
    assert str(raised.value).startswith("WEBHOOK_SECRET: is not whsec_ and 24 to 64 bytes in base64 (example: ")
    assert json.dumps(secret) not in str(raised.value)
