"""Telegram's webhook: stored, then acknowledged."""

import asyncio
import json

import pytest

from tests.web.conftest import SECRET
from web.security import MAX_BODY

PATH = "/api/v1/telegram/callback"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
UPDATE = {"update_id": 1, "message": {"chat": {"id": 7, "type": "private"}, "text": "an idea"}}


async def waiting(browser) -> int:
    async with browser.parts.database.read() as uow:
        return await uow.updates.waiting()


async def test_an_update_is_stored_and_the_bot_is_woken(browser):
    """200 says that it is ours now; it is handled after the answer."""
    answer = await browser.post(PATH, json=UPDATE, headers=HEADERS)
    assert (answer.status_code, answer.content) == (200, b"")
    assert await waiting(browser) == 1
    assert browser.woken == [1]


async def test_the_same_update_again_is_acknowledged_and_kept_once(browser):
    """Telegram repeats what it does not know to have arrived."""
    for _ in range(2):
        assert (await browser.post(PATH, json=UPDATE, headers=HEADERS)).status_code == 200
    assert await waiting(browser) == 1


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}])
async def test_without_the_secret_nothing_is_taken(browser, headers):
    """Anybody could write as anybody."""
    assert (await browser.post(PATH, json=UPDATE, headers=headers)).status_code == 401
    assert await waiting(browser) == 0


async def test_a_secret_beyond_ascii_is_just_wrong(browser):
    """Not an error of ours."""
    headers = {b"X-Telegram-Bot-Api-Secret-Token": "ungültig".encode("latin-1")}
    assert (await browser.post(PATH, json=UPDATE, headers=headers)).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"update_id": "1"}', b"[" * 100_000, b"\xff\xfe"])
async def test_what_is_no_update_is_refused(browser, body):
    """Telegram would repeat it for ever if we said that we failed."""
    assert (await browser.post(PATH, content=body, headers=HEADERS)).status_code == 400
    assert await waiting(browser) == 0


async def test_a_megabyte_is_the_most(browser):
    """Counted as it comes, whatever its length is said to be."""

    async def endless():
        for _ in range(3):
            yield b" " * (MAX_BODY // 2)

    assert (await browser.post(PATH, content=endless(), headers=HEADERS)).status_code == 413
    padded = json.dumps(UPDATE).encode().ljust(MAX_BODY)
    assert (await browser.post(PATH, content=padded, headers=HEADERS)).status_code == 200
    assert (await browser.post(PATH, content=padded + b" ", headers=HEADERS)).status_code == 413


async def test_a_body_that_never_ends_is_not_waited_for(browser, monkeypatch):
    """Each would hold a socket, and there are only so many."""
    monkeypatch.setattr("web.security.LONGEST_BODY", 0.05)

    async def stalled():
        yield b"{"
        await asyncio.sleep(60)

    assert (await browser.post(PATH, content=stalled(), headers=HEADERS)).status_code == 408


async def test_a_database_that_is_away_makes_telegram_try_again(browser, monkeypatch):
    """No 200 for what is not stored."""
    monkeypatch.setattr(type(browser.parts.database), "begin", lambda self: (_ for _ in ()).throw(OSError()))
    assert (await browser.post(PATH, json=UPDATE, headers=HEADERS)).status_code == 500
    assert browser.woken == []
