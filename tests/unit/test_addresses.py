"""Addresses as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.addresses import mask, parse_email
from core.errors import AppError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Me@Example.ORG ", "me@example.org"),
        ("mailto:me@example.org", "me@example.org"),
        ("a.b+c@sub.example.org", "a.b+c@sub.example.org"),
        ("fail-503@sandbox.test", "fail-503@sandbox.test"),  # the pretend mailbox
    ],
)
def test_an_address_is_read(text: str, address: str):
    """In lower case: a mailbox is not two because of a capital."""
    assert parse_email(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "me", "me@", "@example.org", "me@localhost", "a b@example.org", "me@x..org", "me@x.org, you@x.org"],
)
def test_what_is_no_address_is_refused_with_an_example(text: str):
    """Before anything is sent anywhere."""
    with pytest.raises(AppError, match=r"Example: me@example\.org"):
        parse_email(text)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str):
    """No header can be smuggled in."""
    try:
        assert not set(parse_email(text)) & set("\r\n ,;<>")
    except AppError as error:
        assert "Example" in error.message  # noqa: PT017


@pytest.mark.parametrize(
    ("address", "masked"), [("ada@example.org", "a…@example.org"), ("a@x.org", "a…@x.org"), (None, None), ("", None)]
)
def test_a_masked_address_shows_its_first_letter(address: str | None, masked: str | None):
    """Enough for its owner to know it."""
    assert mask(address) == masked
