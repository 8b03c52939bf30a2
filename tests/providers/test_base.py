"""What all adapters share: waits, words, and the proof that nothing was sent."""

from datetime import UTC, datetime
from time import monotonic

import aiohttp
import httpx
import pytest

from core.errors import Misconfigured, SendError, Unavailable, Uncertain
from core.providers.base import answer_to, clean, failure_of, http_client, probe, transport_failure, wait_of
from tests.providers.vendor import Answer, a_vendor

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Mon, 02 Mar 2026 09:01:00 GMT", 60.0),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None):
    """RFC 9110, 10.2.3; what is neither is no wait."""
    assert wait_of({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (429, Unavailable, "rate_limited"),
        (408, Unavailable, "unavailable"),
        (500, Unavailable, "unavailable"),
        (503, Unavailable, "unavailable"),
        (302, Misconfigured, "http_302"),
        (400, Misconfigured, "http_400"),
        (401, Misconfigured, "unauthorized"),
        (403, Misconfigured, "unauthorized"),
        (410, Misconfigured, "http_410"),
    ],
)
def test_what_a_status_means_where_nobody_says_more(status: int, kind: type[Exception], code: str):
    """Never that the recipient is to blame."""
    error = failure_of(status, {}, "")
    assert (type(error), error.code) == (kind, code)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_some_5xx_may_have_been_sent(status: int):
    """The answer came from a proxy, or from halfway through."""
    error = failure_of(status, {}, "")
    assert isinstance(error, Unavailable)
    assert error.maybe_sent


def caused(by: Exception) -> Exception:
    """A connect error of httpx, as httpx-aiohttp raises it."""
    try:
        try:
            raise by
        except Exception as cause:
            raise httpx.ConnectTimeout("") from cause
    except httpx.ConnectTimeout as error:
        return error


def test_only_the_cause_proves_that_nothing_was_sent():
    """A server that hangs up after the request raises the same error."""
    never = caused(aiohttp.ConnectionTimeoutError())
    assert isinstance(transport_failure(never), Unavailable)
    assert isinstance(transport_failure(caused(aiohttp.ServerDisconnectedError())), Uncertain)
    assert isinstance(transport_failure(httpx.ConnectError("no cause at all")), Uncertain)


@pytest.mark.parametrize(
    ("words", "cleaned"),
    [
        ("no <ada@example.org>, sorry", "no <<address>>, sorry"),
        ("call +33 6 12 34 56 78 now", "call <number> now"),
        ("/bot123456:AAE_x-y/sendMessage", "/<token>/sendMessage"),
        ("key SG.abc.def-g", "key <key>"),
        ("two\r\n  lines", "two lines"),
        ("status 550 5.1.1", "status 550 5.1.1"),
        ("no\0 such\ud800 user", "no such user"),
    ],
)
def test_words_are_cleaned(words: str, cleaned: str):
    """Codes stay readable."""
    assert clean(words) == cleaned


@pytest.mark.parametrize("piece", ["a", "1", "key-", "a.", "bot"])
def test_a_long_error_page_is_cleaned_in_no_time(piece: str):
    """It is read on the event loop, and a page may hold a picture in one endless word."""
    began = monotonic()
    assert len(clean(piece * 200_000)) <= 200
    assert monotonic() - began < 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(200), None),
        (Answer(404), None),
        (Answer(429), None),
        (Answer(401), Misconfigured),
        (Answer(403), Misconfigured),
        (Answer(503), Unavailable),
    ],
)
async def test_a_probe_fails_where_the_provider_is_out_of_order_or_does_not_know_us(
    answer: Answer, error: type[SendError] | None
):
    """Every other refusal shows that it is there."""
    async with a_vendor() as vendor, http_client(1) as http:
        vendor.will(answer)
        request = http.build_request("GET", vendor.url)
        if error is None:
            await probe(http, request)
            return
        with pytest.raises(error):
            await probe(http, request)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Answer(200, b'{"a": 1}'), {"a": 1}),
        (Answer(200, b"[1]"), {}),
        (Answer(200, b"<html>"), Unavailable),
        (Answer(404), Misconfigured),
    ],
)
async def test_a_question_is_answered_with_an_object(answer: Answer, found: object):
    """What can't be read is no news, and no reason to stop asking."""
    async with a_vendor() as vendor, http_client(1) as http:
        vendor.will(answer)
        request = http.build_request("GET", vendor.url)
        if isinstance(found, dict):
            assert await answer_to(http, request) == found
            return
        with pytest.raises(SendError) as raised:
            await answer_to(http, request)
        assert type(raised.value) is found
