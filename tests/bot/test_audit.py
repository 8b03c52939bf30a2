"""/audit in the chat: readable lines, filters, and nothing that nobody should read."""

from typing import Any

import pytest

from bot.views.audit import changes_of, shown_value
from tests.bot.conftest import ADMIN, OTHER, ChatDriver


@pytest.fixture(autouse=True)
async def admin(chat: ChatDriver) -> None:
    """An admin who has changed something, and a user who has."""
    chat.person = dict(ADMIN)
    await chat.says("/start")
    await chat.says("/start", user=OTHER)
    account, other = await chat.account(), await chat.account(OTHER)
    async with chat.database.begin() as uow:
        await uow.audit.write(
            other.user.id, "settings.language", chat.clock.now, {"language": "en"}, {"language": "fr"}
        )
        await uow.audit.write(
            account.user.id, "provider.priority", chat.clock.now,
            {"provider": "sms/twilio", "priority_override": None}, {"provider": "sms/twilio", "priority_override": 2},
        )  # fmt: skip


async def test_who_did_what(chat: ChatDriver) -> None:
    """Before → after, the newest first."""
    await chat.says("/audit")
    (said,) = chat.replies
    public_id = (await chat.account()).user.public_id
    assert f"Mon, Mar 2, 09:00 · Root ({public_id})\n<code>provider.priority</code> · provider: sms/twilio" in said
    assert "priority override: – → 2" in said
    assert said.index("provider.priority") < said.index("settings.language")
    assert "language: en → fr" in said


async def test_topics_are_a_press_away(chat: ChatDriver) -> None:
    """And a second press shows everything again."""
    await chat.says("/audit")
    await chat.presses("settings")
    assert "provider.priority" not in chat.last.text
    assert "• settings" in chat.last.buttons
    await chat.presses("• settings")
    assert "provider.priority" in chat.last.text


async def test_filters_behind_the_command(chat: ChatDriver) -> None:
    """Who, what, or both."""
    await chat.says("/audit @grace")
    assert "settings.language" in chat.replies[0]
    assert "provider.priority" not in chat.replies[0]
    await chat.says("/audit @grace provider")
    assert "Nothing was noted" in chat.replies[0]
    await chat.says("/audit @nobody_at_all")
    assert "I know nobody" in chat.replies[0]


async def test_pages_turn(chat: ChatDriver) -> None:
    """With their filter."""
    async with chat.database.begin() as uow:
        for number in range(9):
            await uow.audit.write(None, "batch.paused", chat.clock.now, None, {"batch": number})
    await chat.says("/audit batch")
    assert "the program itself" in chat.last.text
    assert "batch: 0" not in chat.last.text
    await chat.presses("›")
    assert "batch: 0" in chat.last.text
    assert "provider.priority" not in chat.last.text


async def test_others_have_no_audit_log(chat: ChatDriver) -> None:
    """Not even of themselves; /export has that."""
    await chat.says("/audit", user=OTHER)
    assert "I don't know /audit" in chat.replies[0]
    await chat.presses_data("au:1::0", user=OTHER)
    assert "no longer works" in chat.alerts[0]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("api_key", "SG.xxxxx", "…"),
        ("address", "ada.lovelace@example.org", "a…@example.org"),
        ("numbers", ["+14155550123"], "+…23"),
        ("is_enabled", False, "no"),
        ("prices", {"FR": "0.065"}, "FR 0.065"),
        ("limits", {"token": "xxxxx"}, "token …"),
        ("text", "x" * 500, "x" * 59 + "…"),
        ("nothing", None, "–"),
        ("nothing", [], "–"),
    ],
)
def test_a_value_is_short_and_tells_no_secret(name: str, value: Any, shown: str) -> None:
    """Whatever was noted, by whatever part of the program."""
    assert shown_value(name, value) == shown


def test_what_did_not_change_is_said_once() -> None:
    """And what stands on one side only has no arrow."""
    assert changes_of({"provider": "a", "was": 1}, {"provider": "a", "is": 2}) == ["provider: a", "was: 1", "is: 2"]
