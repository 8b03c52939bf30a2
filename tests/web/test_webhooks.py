"""Reports of providers: verified raw, read, kept."""

import pytest

from web.security import MAX_BODY

GOOD = {"X-Signature": "good"}


async def test_a_signed_report_is_taken(browser):
    """The signature is checked over the bytes as they came."""
    answer = await browser.post("/webhooks/fake", content=b'{ "spaced":1 }', headers=GOOD)
    assert (answer.status_code, answer.json()) == (200, {"received": 1})
    assert browser.provider.verified == [b'{ "spaced":1 }']


async def test_a_repeated_report_counts_once(browser):
    """Providers repeat themselves."""
    await browser.post("/webhooks/fake", content=b"event-1", headers=GOOD)
    answer = await browser.post("/webhooks/fake", content=b"event-1", headers=GOOD)
    assert answer.json() == {"received": 0}


async def test_what_says_nothing_is_fine(browser):
    """A kind of event that we don't know, or a GET that asks whether we are here."""
    assert (await browser.get("/webhooks/fake", headers=GOOD)).json() == {"received": 0}


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/webhooks/fake", b"event", {}, 401),
        ("/webhooks/fake", b"event", {"X-Signature": "forged"}, 401),
        ("/webhooks/nobody", b"event", GOOD, 404),
        ("/webhooks/fake", b"x" * (MAX_BODY + 1), GOOD, 413),
        ("/webhooks/fake", b"unreadable", GOOD, 400),
        ("/webhooks/fake", b"nested too deeply", GOOD, 400),
        ("/webhooks/fake", b"unverifiable", GOOD, 503),
        ("/webhooks/fake", b"garbage", GOOD, 401),
    ],
)
async def test_everything_else_is_refused(browser, path, body, headers, status):
    """With the status that makes the provider do the right thing."""
    answer = await browser.post(path, content=body, headers=headers)
    assert answer.status_code == status
    assert "detail" in answer.json()
