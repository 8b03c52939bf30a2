"""WhatsApp templates at Twilio: made, handed in, asked about, taken away."""

import base64
from collections.abc import AsyncIterator

import pytest

from core.errors import AppError, Misconfigured, Unavailable, Uncertain
from core.providers.base import http_client
from core.providers.twilio_content import Approval, Contents, check_body, contents_of
from core.settings import Settings
from tests.providers.vendor import Answer, Vendor, a_vendor, payload

SID = "HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
BODY = "Hello {{1}}, your draft waits."


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        yield vendor


@pytest.fixture
async def contents(vendor: Vendor) -> AsyncIterator[Contents]:
    async with http_client(1) as http:
        yield Contents(http, ("AC1", "token"), vendor.url)


async def test_a_text_is_kept_with_an_example_for_each_variable(contents: Contents, vendor: Vendor):
    """What messages name it by comes back."""
    vendor.will(Answer(201, payload("twilio/content.json")))
    assert await contents.create("reminder_en", "en", BODY, {"1": "Ada", "2": "unused"}) == SID
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("POST", "/v1/Content")
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"AC1:token"
    assert asked.json == {
        "friendly_name": "reminder_en", "language": "en", "variables": {"1": "Ada"},
        "types": {"twilio/text": {"body": BODY}},
    }  # fmt: skip


async def test_it_is_handed_in_under_a_name_that_whatsapp_takes(contents: Contents, vendor: Vendor):
    """Lower case, digits and underscores."""
    vendor.will(Answer(201, payload("twilio/approval_submitted.json")))
    await contents.submit(SID, "Reminder: EN", "utility")
    (asked,) = vendor.asked
    assert asked.path == f"/v1/Content/{SID}/ApprovalRequests/whatsapp"
    assert asked.json == {"name": "reminder_en", "category": "UTILITY"}


async def test_whatsapp_says_what_it_thinks(contents: Contents, vendor: Vendor):
    """And why it does not like it."""
    vendor.will(Answer(200, payload("twilio/approval_rejected.json")))
    assert await contents.approval(SID) == Approval("rejected", "INVALID_FORMAT")
    assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", f"/v1/Content/{SID}/ApprovalRequests")


@pytest.mark.parametrize("body", [b'{"sid": "HX"}', b'{"whatsapp": null}', b'{"whatsapp": {"status": ""}}'])
async def test_what_was_never_handed_in_is_unsubmitted(contents: Contents, vendor: Vendor, body: bytes):
    """Twilio leaves it empty then."""
    vendor.will(Answer(200, body))
    assert await contents.approval(SID) == Approval("unsubmitted", "")


@pytest.mark.parametrize("status", [204, 404])
async def test_a_template_is_taken_away_once(contents: Contents, vendor: Vendor, status: int):
    """One that is gone already is gone."""
    vendor.will(Answer(status))
    await contents.delete(SID)
    assert (vendor.asked[0].method, vendor.asked[0].path) == ("DELETE", f"/v1/Content/{SID}")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401, payload("twilio/unauthorized.json")), Misconfigured),
        (Answer(400, b'{"code": 20001, "message": "Bad request"}'), Misconfigured),
        (Answer(503), Unavailable),
        (Answer(201, b"{}"), Uncertain),
    ],
)
async def test_what_twilio_does_not_do_is_said(
    contents: Contents, vendor: Vendor, answer: Answer, error: type[Exception]
):
    """In the terms of every provider."""
    vendor.will(answer)
    with pytest.raises(error):
        await contents.create("reminder_en", "en", BODY, {"1": "Ada"})


async def test_a_template_that_can_not_be_taken_away_is_said(contents: Contents, vendor: Vendor):
    """It would still be there."""
    vendor.will(Answer(503))
    with pytest.raises(Unavailable):
        await contents.delete(SID)


@pytest.mark.parametrize("body", ["Hello.", BODY, "From {{1}} to {{2}}, with {{1}} again.", "x" * 1024])
def test_forms_that_whatsapp_takes(body: str):
    """A variable may stand more than once."""
    check_body(body, {"1": "Ada", "2": "Paris"})


@pytest.mark.parametrize(
    ("body", "examples", "words"),
    [
        ("", {}, "between 1 and 1024"),
        ("x" * 1025, {}, "between 1 and 1024"),
        ("{{1}}, hello.", {"1": "Ada"}, "begins or ends"),
        ("Hello {{1}}", {"1": "Ada"}, "begins or ends"),
        ("Hello {{1}} \n", {"1": "Ada"}, "begins or ends"),
        ("Hello {{2}}.", {"2": "Ada"}, "without a gap"),
        ("Hello {{1}} and {{3}}.", {"1": "Ada", "3": "Bo"}, "without a gap"),
        ("Hello {{1}} and {{2}}.", {"1": "Ada"}, "example for {{2}}"),
        ("Hello {{1}}.", {"1": " "}, "example for {{1}}"),
    ],
)
def test_forms_that_whatsapp_refuses_are_not_even_handed_in(body: str, examples: dict[str, str], words: str):
    """A rejection costs days."""
    with pytest.raises(AppError) as raised:
        check_body(body, examples)
    assert words in str(raised.value)


async def test_without_an_account_there_are_no_templates():
    """And with one they are at its address."""
    async with http_client(1) as http:
        assert contents_of(Settings(_env_file=None), http) is None
        named = Settings(_env_file=None, twilio={"account_sid": "AC1", "auth_token": "token"})
        assert contents_of(named, http) is not None
        assert named.twilio.content_base_url == "https://content.twilio.com"
