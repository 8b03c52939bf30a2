"""Who the bot is."""

import httpx
import pytest

from core import identity
from core.errors import SettingsError
from core.identity import username_of


def client(*answers: httpx.Response | Exception) -> httpx.AsyncClient:
    left = list(answers)

    def reply(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/bot1:x/getMe"
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.AsyncClient(transport=httpx.MockTransport(reply))


ME = httpx.Response(200, json={"ok": True, "result": {"id": 1, "username": "desk_bot"}})


async def test_telegram_knows(monkeypatch):
    """Asked once."""
    assert await username_of(client(ME), "http://api", "1:x") == "desk_bot"


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("away"), httpx.Response(502, text="<html>"), httpx.Response(200, json={"ok": False})]
)
async def test_trouble_is_waited_out(monkeypatch, trouble):
    """The start does not hang on it: whoever asks does so beside everything else."""
    monkeypatch.setattr(identity, "FIRST_PAUSE", 0.001)
    assert await username_of(client(trouble, trouble, ME), "http://api", "1:x") == "desk_bot"


@pytest.mark.parametrize("status", [401, 404])
async def test_a_wrong_token_is_said(status):
    """With what to do."""
    with pytest.raises(SettingsError, match="TELEGRAM_BOT_TOKEN"):
        await username_of(client(httpx.Response(status, json={"ok": False})), "http://api", "1:x")
