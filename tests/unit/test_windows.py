"""WhatsApp's 24 hours."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.delivery.attempts import PINNED
from core.delivery.windows import held_to_it, is_open, open_windows
from core.model import Channel, Delivery
from tests.conftest import NOW
from tests.delivery import FakeProvider

NUMBER = "+14155550123"
HASHES = {("whatsapp", "hash"): ("whatsapp", NUMBER)}


def a_delivery(channel: Channel = Channel.WHATSAPP) -> Delivery:
    return Delivery(1, channel, NUMBER, "phone", NOW, NOW, "k")


def twilio(*, has_window: bool = True) -> FakeProvider:
    provider = FakeProvider("twilio", Channel.WHATSAPP)
    provider.has_window = has_window
    return provider


@pytest.mark.parametrize(
    ("ago", "is_in_it"),
    [(timedelta(0), True), (timedelta(hours=23, minutes=59), True), (timedelta(hours=24), False)],
)
def test_the_window_closes_after_24_hours(ago: timedelta, is_in_it: bool):
    """Counted from the last word."""
    found = open_windows(HASHES, {("whatsapp", "hash"): NOW - ago}, NOW)
    assert is_open(a_delivery(), twilio(), found) is is_in_it


def test_who_never_wrote_has_no_window():
    """We begin the conversation, so it takes a template."""
    assert is_open(a_delivery(), twilio(), open_windows(HASHES, {}, NOW)) is False


def test_a_word_by_sms_opens_nothing():
    """Nor does anybody else's."""
    assert open_windows(HASHES, {("sms", "hash"): NOW, ("whatsapp", "other"): NOW}, NOW) == set()


def test_where_nobody_asks_for_it_nobody_knows():
    """Another channel, or a gateway without such a rule."""
    assert is_open(a_delivery(Channel.SMS), twilio(), set()) is None
    assert is_open(a_delivery(), twilio(has_window=False), set()) is None


def test_who_names_the_provider_lets_it_decide():
    """`app.py send --provider twilio` tries a number that is set up, whatever we have heard from it."""
    pinned = replace(a_delivery(), delivery_metadata={PINNED: "twilio"})
    assert is_open(pinned, twilio(), set()) is None


def test_only_whatsapp_is_looked_up():
    """Other batches cost no statement."""
    assert held_to_it([("sms", "a"), ("whatsapp", "b"), ("email", "c")]) == [("whatsapp", "b")]
