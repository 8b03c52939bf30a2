"""Long polling: stored before it is acknowledged, patient with the network, plain about what a person must mend."""

import asyncio
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from structlog.testing import capture_logs

from bot.polling import ALLOWED, LONG_POLL, LONGEST_PAUSE, GetUpdates, Polling
from core.errors import SettingsError

METHOD = GetUpdates()


class FakeBot:
    """Answers getUpdates from a list; an exception in it is raised; an empty list lets the request wait."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[GetUpdates] = []
        self.webhooks_dropped = 0
        self.waiting = asyncio.Event()

    async def __call__(self, method: GetUpdates, request_timeout: float) -> Any:
        assert request_timeout > LONG_POLL
        self.asked.append(method)
        if not self.answers:
            self.waiting.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def delete_webhook(self, drop_pending_updates: bool) -> None:
        assert drop_pending_updates is False
        self.webhooks_dropped += 1


class FakeIntake:
    """Keeps what it gets; `fails` makes it raise first."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.fails = 0

    async def room(self) -> None:
        """There always is."""

    async def store(self, updates: list[dict[str, Any]]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.kept += [update["update_id"] for update in updates]


class Slept:
    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@pytest.fixture
def slept() -> Slept:
    return Slept()


async def poll(bot: FakeBot, intake: FakeIntake, clock: Any, slept: Slept) -> Polling:
    """Poll until nothing is left to answer, then stop."""
    polling = Polling(bot, intake, clock, sleep=slept)
    running = asyncio.create_task(polling.run())
    waiting = asyncio.create_task(bot.waiting.wait())
    async with asyncio.timeout(5):
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        polling.stop()
        await running
    return polling


async def test_updates_are_acknowledged_by_the_offset_after_they_were_stored(intake, clock, slept):
    """A crash in between makes Telegram send them again."""
    bot = FakeBot([{"update_id": 7}, {"update_id": 8}], [{"update_id": 9}])
    polling = await poll(bot, intake, clock, slept)
    assert intake.kept == [7, 8, 9]
    assert [method.offset for method in bot.asked] == [None, 9, 10]
    assert polling.last_answer == clock.now


async def test_what_could_not_be_stored_is_asked_for_again(intake, clock, slept):
    """The offset stays where it was."""
    intake.fails = 1
    bot = FakeBot([{"update_id": 7}], [{"update_id": 7}])
    await poll(bot, intake, clock, slept)
    assert intake.kept == [7]
    assert [method.offset for method in bot.asked] == [None, None, 8]


async def test_it_asks_for_what_the_tables_answer(intake, clock, slept):
    """And for nothing else before: a server that knows no webhooks is polled all the same."""
    bot = FakeBot([], [])
    await poll(bot, intake, clock, slept)
    assert bot.webhooks_dropped == 0
    assert [method.allowed_updates for method in bot.asked[:2]] == [ALLOWED, ALLOWED]
    assert [method.timeout for method in bot.asked[:2]] == [0, LONG_POLL]
    assert "my_chat_member" in ALLOWED


async def test_an_outage_is_waited_out_ever_more_slowly_and_told_once(intake, clock, slept):
    """One line when it begins, one when it ends."""
    outage = [TelegramNetworkError(METHOD, "no route")] * 7
    with capture_logs() as logs:
        await poll(FakeBot(*outage, [{"update_id": 1}]), intake, clock, slept)
    assert slept.pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
    assert [entry["log_level"] for entry in logs] == ["warning", "info"]
    assert intake.kept == [1]


async def test_another_program_with_the_same_token_is_named(intake, clock, slept):
    """409: somebody has to stop one of them."""
    conflict = TelegramConflictError(METHOD, "Conflict: terminated by other getUpdates request")
    with capture_logs() as logs:
        await poll(FakeBot(conflict, []), intake, clock, slept)
    assert "another program uses this bot token" in logs[0]["event"]


async def test_a_webhook_that_is_set_is_dropped(intake, clock, slept):
    """409 too, but one that we can mend. What waits is not thrown away."""
    conflict = TelegramConflictError(METHOD, "Conflict: can't use getUpdates method while webhook is active")
    bot = FakeBot(conflict, [])
    await poll(bot, intake, clock, slept)
    assert bot.webhooks_dropped == 1


async def test_a_wait_that_telegram_names_is_kept(intake, clock, slept):
    """Longer than ours."""
    await poll(FakeBot(TelegramRetryAfter(METHOD, "flood", 42), []), intake, clock, slept)
    assert slept.pauses == [42]


async def test_a_wrong_token_ends_it_with_what_to_do(intake, clock, slept):
    """Trying on would not help."""
    with pytest.raises(SettingsError, match=r"TELEGRAM_BOT_TOKEN: .*@BotFather"):
        await poll(FakeBot(TelegramUnauthorizedError(METHOD, "Unauthorized")), intake, clock, slept)


async def test_a_stop_does_not_wait_for_the_long_poll(intake, clock, slept):
    """Nor for the pause of an outage."""
    bot = FakeBot()
    async with asyncio.timeout(1):
        await poll(bot, intake, clock, slept)
    assert len(bot.asked) == 1
