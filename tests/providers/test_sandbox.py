"""The sandbox gateway's adapter, one class for every channel."""

import pytest

from core.errors import Unavailable
from core.model import Channel, DeliveryStatus, Receipt
from core.providers.base import http_client
from core.providers.sandbox import Sandbox
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload


class TestSandbox(ProviderContract):
    """The contract, in the gateway's words."""

    accepts = Answer(202, payload("sandbox/accepted.json"))
    receipt = Receipt("sbx-0f3a")
    refuses = Answer(422, payload("sandbox/refused.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, b'{"error": "unauthorized"}')
    throttles = Answer(429, b"{}", {"Retry-After": "7"})
    unreadable = Answer(202, b'{"no": "id"}')

    def make(self, url: str) -> Sandbox:
        return Sandbox(http_client(TIMEOUT), Channel.EMAIL, url, "key", "desk@example.org")

    async def test_posts_to_its_channel(self, provider: Sandbox, vendor: Vendor):
        """With our key, so that the gateway keeps it once."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        (asked,) = vendor.asked
        assert (asked.path, asked.headers["Authorization"]) == ("/sandbox/email/messages", "Bearer key")
        assert asked.json == {
            "to": "ada@example.org", "subject": "Your draft", "text": "Hello", "html": "<p>Hello</p>", "key": KEY,
            "from": "Postrider <desk@example.org>",
        }  # fmt: skip

    async def test_finds_what_was_taken_with_our_key(self, provider: Sandbox, vendor: Vendor):
        """And with what has become of it."""
        vendor.will(Answer(200, payload("sandbox/listed.json")))
        assert await provider.find("ada@example.org", KEY) == Receipt("sbx-2", DeliveryStatus.DELIVERED)
        assert await provider.find("ada@example.org", "another") is None
        assert vendor.asked[0].path == "/sandbox/email/messages?to=ada@example.org"

    async def test_a_gateway_that_cannot_be_asked_is_not_taken_for_a_no(self, provider: Sandbox, vendor: Vendor):
        """It would be sent again."""
        vendor.will(Answer(503))
        with pytest.raises(Unavailable):
            await provider.find("ada@example.org", KEY)
