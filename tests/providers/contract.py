"""What every provider over HTTP must do, whatever its vendor's API looks like. A test class per provider inherits it
and says how its vendor answers; the vendor is a real server, since what proves "not sent" lies below httpx."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest

from core.errors import Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Button, Channel, DeliveryStatus, Message, Receipt
from core.ports import Provider
from tests.providers.vendor import DROP, HANG, Answer, Vendor, a_vendor, closed_port

KEY = "post:42:v3:email"
MAIL = Message(
    Channel.EMAIL,
    "ada@example.org",
    "Hello",
    subject="Your draft",
    html="<p>Hello</p>",
    sender="Postrider <desk@example.org>",
    headers={"List-Unsubscribe": "<https://desk.example.org/u/x>"},
)
CARD = Message(
    Channel.TELEGRAM, "1001", "Hello", html="<b>Hello</b>", buttons=((Button("👍 Approve", data="d:approve:42:3:"),),)
)
TIMEOUT = 0.3  # seconds


class ProviderContract:
    """Accepted, refused address, 401, 429 with a wait, 503, connect error, read timeout, a lost answer."""

    message: Message = MAIL
    accepts: Answer
    receipt: Receipt
    refuses: Answer
    refusal: tuple[str, bool]  # code, hard
    unauthorized: Answer
    throttles: Answer  # with a wait of 7 seconds
    unavailable: Answer = Answer(503, b"come back later")
    broken: Answer = Answer(500, b"oops")
    unreadable: Answer | None = None

    @pytest.fixture
    async def vendor(self) -> AsyncIterator[Vendor]:
        async with a_vendor() as vendor:
            yield vendor

    @pytest.fixture
    async def provider(self, vendor: Vendor) -> AsyncIterator[Provider]:
        provider = self.make(vendor.url)
        yield provider
        await self.finish(provider)

    def make(self, url: str) -> Provider:
        raise NotImplementedError

    async def finish(self, provider: Provider) -> None:
        await provider.close()
        if http := getattr(provider, "http", None):
            await http.aclose()

    async def fails(self, provider: Provider) -> SendError:
        with pytest.raises(SendError) as raised:
            await provider.send(self.message, KEY)
        assert self.message.to not in raised.value.detail
        return raised.value

    async def test_an_accepted_message_has_a_receipt(self, provider: Provider, vendor: Vendor):
        """The vendor's id, by which its reports will speak of it."""
        vendor.will(self.accepts)
        found = await provider.send(self.message, KEY)
        assert replace(found, response={}) == self.receipt
        assert len(vendor.asked) == 1

    async def test_a_refused_address_is_named(self, provider: Provider, vendor: Vendor):
        """Only what the vendor's documents name blames the recipient."""
        vendor.will(self.refuses)
        error = await self.fails(provider)
        assert isinstance(error, Refused)
        assert (error.code, error.hard) == self.refusal

    async def test_a_bad_key_is_our_fault(self, provider: Provider, vendor: Vendor):
        """The admins hear of it, the recipient is not suppressed."""
        vendor.will(self.unauthorized)
        assert (type(error := await self.fails(provider)), error.code) == (Misconfigured, "unauthorized")

    async def test_an_unknown_4xx_is_our_fault_too(self, provider: Provider, vendor: Vendor):
        """Never guessed to be about the address."""
        vendor.will(Answer(418, b"{}"))
        assert isinstance(await self.fails(provider), Misconfigured)

    async def test_a_429_is_not_sent_and_says_how_long(self, provider: Provider, vendor: Vendor):
        """In the vendor's own way."""
        vendor.will(self.throttles)
        error = await self.fails(provider)
        assert isinstance(error, Unavailable)
        assert (error.code, error.maybe_sent) == ("rate_limited", False)
        assert error.retry_after == pytest.approx(7, abs=1.5)

    async def test_a_503_is_not_sent(self, provider: Provider, vendor: Vendor):
        """Another provider may take it at once."""
        vendor.will(self.unavailable)
        error = await self.fails(provider)
        assert isinstance(error, Unavailable)
        assert not error.maybe_sent

    async def test_a_500_may_have_been_sent(self, provider: Provider, vendor: Vendor):
        """It fails over too, and is counted."""
        vendor.will(self.broken)
        error = await self.fails(provider)
        assert isinstance(error, Unavailable)
        assert error.maybe_sent

    async def test_a_refused_connection_is_not_sent(self):
        """Proven: there was nobody to send it to."""
        provider = self.make(f"http://127.0.0.1:{closed_port()}")
        assert (type(error := await self.fails(provider)), error.code) == (Unavailable, "connect")
        await self.finish(provider)

    async def test_a_read_timeout_is_uncertain(self, provider: Provider, vendor: Vendor):
        """A second provider could send it twice."""
        vendor.will(HANG)
        assert (type(error := await self.fails(provider)), error.code) == (Uncertain, "timeout")
        assert len(vendor.asked) == 1

    async def test_a_connection_lost_after_sending_is_uncertain(self, provider: Provider, vendor: Vendor):
        """Though it arrives as a connect error."""
        vendor.will(DROP)
        assert isinstance(await self.fails(provider), Uncertain)
        assert len(vendor.asked) == 1

    async def test_an_answer_that_cannot_be_read_is_uncertain(self, provider: Provider, vendor: Vendor):
        """A 2xx without what we expect in it: it was probably taken."""
        if self.unreadable is None:
            vendor.will(self.accepts)
            assert await provider.send(self.message, KEY)
            return
        vendor.will(self.unreadable)
        assert isinstance(await self.fails(provider), Uncertain)

    async def test_words_of_the_vendor_lose_addresses_and_keys(self, provider: Provider, vendor: Vendor):
        """They go into logs and tables."""
        vendor.will(Answer(503, b"no relay for ada@example.org, +44 20 7946 0018 or bot123:AAE-x with SG.abc.def"))
        detail = (await self.fails(provider)).detail
        assert not any(secret in detail for secret in ("ada@", "7946", "AAE-x", "SG.abc"))

    async def test_asking_what_became_of_it(self, provider: Provider, vendor: Vendor):
        """Only a provider that can be asked says so."""
        vendor.will(self.unavailable)
        if not provider.can_ask:
            assert await provider.find(self.message.to, KEY) is None
            assert vendor.asked == []
            return
        with suppress(SendError):
            await provider.find(self.message.to, KEY)
        assert len(vendor.asked) == 1


DELIVERED = DeliveryStatus.DELIVERED
