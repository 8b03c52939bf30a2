"""From the command line to servers that stand in for other people's: webhooks, a gateway of one's own, a browser."""

import json
from collections.abc import AsyncIterator

import pytest
from standardwebhooks.webhooks import Webhook as Reader

from core.providers.vapid import VapidKey
from tests.e2e.conftest import Desk
from tests.providers.test_webpush import FakeBrowser
from tests.providers.vendor import Answer, Vendor, a_vendor

pytestmark = pytest.mark.e2e
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GATEWAY = """
[acme]
channel = "sms"
url = "${ACME_URL}/messages"
body = { to = "{{ message.to }}", text = "{{ message.text }}" }
id = "$.id"
"""


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        vendor.will(Answer(200, b'{"id": "a-1"}'))
        yield vendor


def to_webhook(vendor: Vendor) -> tuple[str, ...]:
    return ("send", "--channel", "webhook", "--to", f"{vendor.url}/hook", "--text", "Hello", "--timeout", "10")


async def test_a_webhook_that_its_reader_can_verify(desk: Desk, vendor: Vendor):
    """Through the whole engine, texts and signature included."""
    desk.env |= {"WEBHOOK_SECRET": SECRET, "WEBHOOK_ALLOW_PRIVATE": "true"}
    code, report = await desk.call(*to_webhook(vendor))
    assert (code, report["status"], report["provider"]) == (0, "sent", "webhook"), report
    (asked,) = vendor.asked
    told = Reader(SECRET).verify(asked.body, asked.headers)
    assert (told["type"], told["data"]["text"]) == ("notification.message", "Hello")


async def test_a_webhook_into_our_own_network_is_not_sent(desk: Desk, vendor: Vendor):
    """Unless that is allowed."""
    desk.env |= {"WEBHOOK_SECRET": SECRET}
    code, report = await desk.call(*to_webhook(vendor))
    assert (code, report["status"]) == (1, "failed"), report
    assert "forbidden_address" in str(report["error"])
    assert vendor.asked == []


async def test_an_sms_through_a_gateway_that_only_a_file_knows(desk: Desk, vendor: Vendor):
    """Nobody has written code for it."""
    (desk.folder / "providers.toml").write_text(GATEWAY)
    desk.env |= {"PROVIDERS_FILE": "providers.toml", "SMS_PROVIDERS": "acme:1", "ACME_URL": vendor.url}
    code, report = await desk.call("send", "--channel", "sms", "--to", "+14155550123", "--text", "Hello")
    assert (code, report["provider"]) == (0, "acme"), report
    assert vendor.asked[0].json == {"to": "+14155550123", "text": "Hello"}


async def test_a_mistake_in_that_file_is_one_line(desk: Desk):
    """With file, table, key and example, and exit code 2."""
    (desk.folder / "providers.toml").write_text(GATEWAY.replace('"sms"', '"fax"'))
    code, said = await desk.call(
        "send", "--channel", "sms", "--to", "+14155550123", "--text", "Hello", "--provider", "sandbox"
    )
    assert code == 0, said  # without PROVIDERS_FILE nobody reads it
    desk.env |= {"PROVIDERS_FILE": "providers.toml"}
    code, said = await desk.call("send", "--channel", "sms", "--to", "+14155550123", "--text", "Hello")
    assert code == 2
    assert said.strip().startswith("PROVIDERS_FILE: providers.toml [acme] channel: is none of email, sms")
    assert len(said.strip().splitlines()) == 1


async def test_a_push_that_only_its_browser_can_read(desk: Desk, vendor: Vendor):
    """With a key as the command prints it."""
    code, line = await desk.call("vapid")
    name, _, key = line.strip().partition("=")
    assert (code, name) == (0, "WEBPUSH_VAPID_PRIVATE_KEY")
    assert VapidKey(key).public
    vendor.will(Answer(201))
    desk.env |= {
        "WEBPUSH_VAPID_PRIVATE_KEY": key, "WEBPUSH_SUBJECT": "mailto:desk@example.org", "WEBPUSH_BASE_URL": vendor.url,
        "PUSH_PROVIDERS": "webpush:1",
    }  # fmt: skip
    browser = FakeBrowser()
    code, report = await desk.call(
        "send", "--channel", "push", "--to", browser.to, "--text", "Hello", "--subject", "News"
    )
    assert (code, report["provider"]) == (0, "webpush"), report
    told = json.loads(browser.read(vendor.asked[0].body))
    assert (told["title"], told["text"]) == ("News", "Hello")
