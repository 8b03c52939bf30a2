"""What the adapters of phones share: forms of numbers, addresses for reports, what vendors tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import WebhookRequest
from core.providers.phones import basic, callback, digits, e164, fields_of, key_of

PUBLIC = "https://desk.example.org"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+14155550123", "+14155550123"),
        ("442079460018", "+442079460018"),
        (" +14155550123 ", "+14155550123"),
        ("55155", ""),
        ("Postrider", ""),
        ("+0123456789", ""),
        ("+1415555012345678", ""),
        ("US.1234567", ""),
        ("", ""),
    ],
)
def test_a_sender_is_a_number_in_e164_or_nobody(text: str, number: str):
    """Short codes and names can't be answered as numbers."""
    assert e164(text) == number


def test_vendors_take_numbers_without_a_plus():
    """And a name as it is."""
    assert (digits("+14155550123"), digits("Postrider")) == ("14155550123", "Postrider")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200))
def test_an_address_for_reports_brings_any_key_back_without_escapes(key: str):
    """Vendors sign the address, and each escapes in its own way."""
    address = callback(PUBLIC, "twilio", key) or ""
    base, _, query = address.partition("?key=")
    assert base == f"{PUBLIC}/webhooks/twilio"
    assert query.replace("-", "").replace("_", "").isalnum()
    assert key_of(WebhookRequest("POST", address, {}, b"", (("key", query),))) == key


def test_without_a_public_address_nobody_can_call():
    """And without a key the address is bare."""
    assert callback(None, "plivo", "k") is None
    assert callback(PUBLIC, "plivo") == f"{PUBLIC}/webhooks/plivo"


@pytest.mark.parametrize("text", ["a", "????", "_w", "ü"])
def test_a_key_that_is_none_is_left_out(text: str):
    """Anybody may call any address."""
    assert key_of(WebhookRequest("POST", PUBLIC, {}, b"", (("key", text),))) == ""


JSON = {"content-type": "application/json; charset=utf-8"}


@pytest.mark.parametrize(
    ("headers", "body", "told"),
    [
        ({}, b"a=2&b=+%2B&c=", {"q": "1", "a": "2", "b": " +", "c": ""}),
        (JSON, b'{"a": "2", "n": 7, "yes": true}', {"q": "1", "a": "2", "n": "7", "yes": "true"}),
        (JSON, b"{", {"q": "1"}),
        (JSON, b"[1]", {"q": "1"}),
        ({}, b"", {"q": "1"}),
        ({}, b"\xff=\xfe", {"q": "1", "\ufffd": "\ufffd"}),
    ],
)
def test_what_a_vendor_tells(headers: dict[str, str], body: bytes, told: dict[str, str]):
    """By query, form or JSON."""
    assert fields_of(WebhookRequest("POST", PUBLIC, headers, body, (("q", "1"),))) == told


def test_basic_authentication():
    """The example of RFC 7617."""
    assert basic(("Aladdin", "open sesame")) == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}
