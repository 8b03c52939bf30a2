"""Telegram against a server that answers as the Bot API does."""

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from core.delivery.budget import Budget
from core.errors import Misconfigured, Refused, Unavailable, Uncertain
from core.model import Button, Receipt
from core.providers.telegram import Telegram
from tests.providers.contract import CARD, DELIVERED, KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, payload

SENT = Answer(200, payload("telegram/sent.json"))


class TestTelegram(ProviderContract):
    """The contract, in the Bot API's words."""

    message = CARD
    accepts = SENT
    receipt = Receipt("77", DELIVERED)
    refuses = Answer(403, payload("telegram/blocked.json"))
    refusal = ("blocked", True)
    unauthorized = Answer(401, payload("telegram/unauthorized.json"))
    throttles = Answer(429, payload("telegram/too_many.json"))
    broken = Answer(500, payload("telegram/server_error.json"))

    budget = Budget(1000)

    def make(self, url: str) -> Telegram:
        self.budget = Budget(1000)
        return Telegram("123456:AAE-token", url, self.budget, TIMEOUT)

    async def test_sends_html_with_buttons_and_no_preview(self, provider: Telegram, vendor: Vendor):
        """Every kind of button as Telegram takes it."""
        vendor.will(SENT)
        buttons = ((Button("A", data="d:x:1:1:"), Button("B", url="https://example.org"), Button("C", copy="text")),)
        await provider.send(replace(CARD, buttons=buttons), KEY)
        (asked,) = vendor.asked
        assert asked.path == "/bot123456:AAE-token/sendMessage"
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        assert (form["chat_id"], form["text"], form["parse_mode"]) == ("1001", "<b>Hello</b>", "HTML")
        assert json.loads(form["link_preview_options"]) == {"is_disabled": True}
        assert json.loads(form["reply_markup"])["inline_keyboard"] == [
            [
                {"text": "A", "callback_data": "d:x:1:1:"},
                {"text": "B", "url": "https://example.org"},
                {"text": "C", "copy_text": {"text": "text"}},
            ]
        ]

    @pytest.mark.parametrize("name", ["blocked", "deactivated"])
    async def test_every_403_is_for_good(self, provider: Telegram, vendor: Vendor, name: str):
        """Blocked, or an account that is gone."""
        vendor.will(Answer(403, payload(f"telegram/{name}.json")))
        error = await self.fails(provider)
        assert isinstance(error, Refused)
        assert (error.code, error.hard) == ("blocked", True)

    async def test_a_chat_that_is_not_there_is_refused(self, provider: Telegram, vendor: Vendor):
        """The one 400 that is about the address."""
        vendor.will(Answer(400, payload("telegram/chat_not_found.json")))
        assert (type(error := await self.fails(provider)), error.code) == (Refused, "chat_not_found")

    async def test_entities_that_cannot_be_parsed_are_our_fault(self, provider: Telegram, vendor: Vendor):
        """We made the text."""
        vendor.will(Answer(400, payload("telegram/bad_entities.json")))
        assert isinstance(await self.fails(provider), Misconfigured)

    async def test_a_long_text_goes_in_parts_with_the_buttons_at_the_end(self, provider: Telegram, vendor: Vendor):
        """Cut at paragraphs, nothing lost, as plain text: a tag can't be cut in two."""
        vendor.will(SENT)
        text = "\n\n".join(f"paragraph {number} " + "x" * 90 for number in range(60))
        await provider.send(replace(CARD, text=text, html=text), KEY)
        forms = [parse_qs(asked.body.decode()) for asked in vendor.asked]
        assert len(forms) == 2
        assert "\n\n".join(form["text"][0] for form in forms) == text
        assert ["reply_markup" in form for form in forms] == [False, True]
        assert not any("parse_mode" in form for form in forms)

    async def test_what_was_sent_in_part_is_uncertain(self, provider: Telegram, vendor: Vendor):
        """From the start again would show the beginning twice."""
        vendor.will(SENT, Answer(503, b"{}"))
        with pytest.raises(Uncertain):
            await provider.send(replace(CARD, text="x" * 5000, html="x" * 5000), KEY)

    async def test_a_429_pauses_the_whole_bot(self, provider: Telegram, vendor: Vendor):
        """The next delivery goes back into the outbox without a call."""
        vendor.will(self.throttles)
        await self.fails(provider)
        self.budget.pause(60)
        error = await self.fails(provider)
        assert isinstance(error, Unavailable)
        assert error.code == "own_pace"
        assert error.retry_after
        assert error.retry_after > 10
        assert len(vendor.asked) == 1

    async def test_the_token_is_in_no_error(self, provider: Telegram, vendor: Vendor):
        """Not in the words, not in the chain below them that a log would print."""
        vendor.will(Answer(404, b'{"ok":false,"error_code":404,"description":"Not Found"}'))
        error = await self.fails(provider)
        assert isinstance(error, Misconfigured)
        assert "AAE-token" not in repr(error)
