"""/batches: what goes out to many on a card that follows it, and what admins do about it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.batch_cards import LiveCards
from core.batches.batches import Broadcast
from core.model import Batch, BatchStatus
from storage.tables import audit_log, batch_cards, notification_deliveries
from tests.batches import a_carrier, readers
from tests.bot.conftest import ADMIN, AUTHOR, OTHER, ChatDriver, Shown

B = BatchStatus
WORDS = Broadcast("We move.", "Tonight")


class Operator:
    """An admin in the chat, the scheduler and the workers beside it, as far as a batch goes."""

    def __init__(self, chat: ChatDriver) -> None:
        self.chat = chat
        self.carrier, self.cleaning = a_carrier(chat.database, chat.clock, chat.keys, chat.desk.batches.policy)
        self.live = LiveCards(chat.bot, chat.desk.watching)

    async def begin(self, words: Broadcast = WORDS, key: str = "b1") -> Batch:
        batches = self.chat.desk.batches
        size = await batches.size(words)
        return await batches.create(await self.chat.account(), words, key=key, confirmed=size)

    async def second(self, times: int = 1) -> None:
        """A second passes: the carrier and the loop over the cards have looked."""
        for _ in range(times):
            self.chat.clock.now += timedelta(seconds=1)
            await self.carrier.run()
            await self.live.tick()

    async def fare(self, **statuses: int) -> None:
        """So many deliveries come to these statuses."""
        async with self.chat.database.begin() as uow:
            for status, count in statuses.items():
                pending = select(notification_deliveries.c.id).where(notification_deliveries.c.status == "pending")
                mine = notification_deliveries.c.id.in_(pending.limit(count))
                values = {"status": status, "error_code": "chat_not_found" if status == "failed" else None}
                await uow.connection.execute(update(notification_deliveries).where(mine).values(values))

    async def status(self, batch: Batch) -> BatchStatus:
        return (await self.chat.desk.batches.open(batch.id)).batch.status

    def edits(self) -> int:
        """How often a message was edited so far."""
        return sum(call.__api_method__ == "editMessageText" for call in self.chat.session.calls)


@pytest.fixture
async def operator(chat: ChatDriver) -> Operator:
    chat.person = dict(ADMIN)
    await chat.says("/start")
    await readers(chat.database, 99)
    return Operator(chat)


async def noted(chat: ChatDriver) -> list[str]:
    async with chat.database.read() as uow:
        return list(await uow.connection.scalars(select(audit_log.c.action).where(audit_log.c.action.like("batch%"))))


async def opened(operator: Operator, label: str = "1") -> Shown:
    await operator.chat.says("/batches")
    await operator.chat.presses(label, on=operator.chat.last)
    return operator.chat.last


async def watched(chat: ChatDriver) -> int:
    async with chat.database.read() as uow:
        return len(list(await uow.connection.scalars(select(batch_cards.c.id))))


async def test_nothing_was_ever_sent_to_many(chat: ChatDriver):
    """Said, with the way to begin."""
    await chat.says("/batches", user=ADMIN)
    assert "None yet. /broadcast" in chat.replies[0]


async def test_the_list_says_how_far_each_is(operator: Operator):
    """Newest first, in pages; each can be opened."""
    for number in range(9):
        await operator.begin(Broadcast(f"Word {number}"), key=f"b{number}")
    await operator.second()
    await operator.chat.says("/batches")
    card = operator.chat.last
    assert "Batches</b> · 9" in card.text
    assert "<b>1.</b> ▶️ Word 8\n   going out · 0 % · 100 people" in card.text
    await operator.chat.presses("›", on=card)
    assert "<b>9.</b> ▶️ Word 0" in operator.chat.last.text
    await operator.chat.presses("9")
    assert "<b>Word 0</b>" in operator.chat.last.text


async def test_the_card_follows_what_goes_out(operator: Operator):
    """A bar, the counts, the rate; edited when something has changed, and then only."""
    await operator.begin()
    card = await opened(operator)
    assert "Made for 0 of 100 people" in card.text
    await operator.second()
    await operator.fare(sent=30, delivered=20, failed=5)
    await operator.second(2)
    shown = operator.chat.session.messages[card.message_id].text
    assert "▰▰▰▰▰▰▱▱▱▱ 55 %" in shown
    assert "Sent: 50\nof these known to have arrived: 20\nFailed: 5\nOn their way: 45" in shown
    assert "a second" in shown
    assert "· 5 × the chat can't be found (chat_not_found)" in shown
    assert "everybody · by each reader's own channels\nBegun by Root" in shown
    await operator.second(10)
    before = operator.edits()
    await operator.second(3)
    assert operator.edits() == before


async def test_the_card_is_final_at_the_end(operator: Operator):
    """Then nothing follows it any more."""
    await operator.begin()
    card = await opened(operator)
    await operator.second()
    await operator.fare(delivered=100)
    await operator.second(3)
    shown = operator.chat.session.messages[card.message_id]
    assert "✅ done" in shown.text
    assert "▰▰▰▰▰▰▰▰▰▰ 100 %" in shown.text
    assert list(shown.buttons) == ["⬅️ All batches"]
    before = operator.edits()
    operator.chat.clock.now += timedelta(minutes=11)
    await operator.second(3)
    assert operator.edits() == before


async def test_it_is_paused_at_once_and_resumed_after_a_question(operator: Operator):
    """A brake that asks is none. Both are in the audit log."""
    batch = await operator.begin()
    await operator.second()
    await opened(operator)
    await operator.chat.presses("Pause")
    assert await operator.status(batch) is B.PAUSED
    assert "Tonight: paused" in operator.chat.alerts[0]
    assert "⏸️ paused" in operator.chat.last.text
    assert "Held: 100 (it is one of many that are paused)" in operator.chat.last.text
    await operator.chat.presses("Resume")
    assert "100 messages are left to be sent." in operator.chat.last.text
    assert await operator.status(batch) is B.PAUSED
    await operator.chat.presses("Back")
    await operator.chat.presses("Resume")
    await operator.chat.presses("Go on")
    assert await operator.status(batch) is B.RUNNING
    assert await noted(operator.chat) == ["batch.created", "batch.paused", "batch.resumed"]


async def test_it_is_cancelled_after_a_question(operator: Operator):
    """For good; a card that was left open says so instead of doing anything."""
    batch = await operator.begin()
    await operator.second()
    other = await opened(operator)
    await opened(operator)
    await operator.chat.presses("Cancel")
    assert "never will be" in operator.chat.last.text
    assert await operator.status(batch) is B.RUNNING
    await operator.chat.presses("Cancel it")
    assert await operator.status(batch) is B.CANCELLED
    assert "Cancelled: 100" in operator.chat.last.text
    await operator.chat.presses("Pause", on=other)
    assert "🚫 cancelled" in operator.chat.last.text
    await operator.chat.presses("Cancel", on=other)
    assert "🚫 cancelled" in operator.chat.last.text
    assert await noted(operator.chat) == ["batch.created", "batch.cancelled"]


async def test_a_question_is_not_written_over(operator: Operator):
    """While it stands on the card, the card does not follow the batch."""
    await operator.begin()
    await operator.second()
    card = await opened(operator)
    await operator.chat.presses("Cancel")
    question = operator.chat.last.text
    await operator.fare(sent=50)
    await operator.second(3)
    assert operator.chat.session.messages[card.message_id].text == question
    await operator.chat.presses("Back")
    await operator.fare(sent=10)
    await operator.second(3)
    assert "Sent: 60" in operator.chat.session.messages[card.message_id].text


async def test_the_card_follows_after_a_restart(operator: Operator, make_chat: Callable[..., ChatDriver]):
    """What is watched stands in the database."""
    await operator.begin()
    card = await opened(operator)
    again = Operator(make_chat())
    again.chat.session.messages = operator.chat.session.messages
    await again.second()
    await again.fare(sent=10)
    await again.second(2)
    assert "Sent: 10" in again.chat.session.messages[card.message_id].text


async def test_of_two_processes_one_edits_a_card(operator: Operator, make_chat: Callable[..., ChatDriver]):
    """Each claims it first."""
    await operator.begin()
    await opened(operator)
    operator.chat.clock.now += timedelta(seconds=1)
    await operator.carrier.run()
    (one,) = await operator.chat.desk.watching.outdated()
    assert await operator.chat.desk.watching.claim(one)
    assert not await make_chat().desk.watching.claim(one)


async def test_a_message_that_is_gone_is_followed_no_more(operator: Operator):
    """Nor that of somebody who is no admin any more."""
    await operator.begin()
    card = await opened(operator)
    del operator.chat.session.messages[card.message_id]
    await operator.second(2)
    assert await watched(operator.chat) == 0
    await operator.chat.says("/start", user=OTHER)
    other = await operator.chat.account(OTHER)
    batch = (await operator.chat.desk.batches.list()).items[0]
    await operator.chat.desk.watching.watch(other, batch, 77)
    await operator.fare(sent=1)
    await operator.second(2)
    assert await watched(operator.chat) == 0


async def test_a_message_follows_one_batch_and_a_batch_one_message(operator: Operator):
    """The newest; the list in its place follows none."""
    await operator.begin(key="b1")
    await operator.begin(Broadcast("Another"), key="b2")
    first = await opened(operator, "1")
    assert await watched(operator.chat) == 1
    await opened(operator, "1")
    assert await watched(operator.chat) == 1
    await operator.chat.presses("All batches")
    assert await watched(operator.chat) == 0
    await operator.chat.presses("2")
    await operator.second()
    assert "<b>Another</b>" in operator.chat.session.messages[first.message_id].text


async def test_cleaning_up_is_a_batch_too(operator: Operator):
    """What it has removed stands on its card; nothing can be done about it."""
    then = operator.chat.clock.now - timedelta(days=100)
    await operator.begin()
    await operator.second()
    await operator.fare(sent=100)
    await operator.second(2)
    async with operator.chat.database.begin() as uow:
        values: dict[str, Any] = {"created_at": then, "updated_at": then}
        await uow.connection.execute(update(notification_deliveries).values(values))
        await uow.connection.execute(text("UPDATE notifications SET created_at = :then"), {"then": then})
    await operator.cleaning.begin()
    await operator.second(3)
    await operator.chat.says("/batches")
    assert "✅ Cleaning up\n   done · 2" in operator.chat.last.text
    await operator.chat.presses("1", on=operator.chat.last)
    assert "deliveries: 100" in operator.chat.last.text
    assert list(operator.chat.last.buttons) == ["⬅️ All batches"]
    await operator.chat.presses("All batches")
    await operator.chat.presses("2", on=operator.chat.last)
    assert "Sent: 100" in operator.chat.last.text


async def test_its_buttons_are_the_admins(operator: Operator):
    """For anybody else they are dead."""
    batch = await operator.begin()
    await opened(operator)
    await operator.chat.says("/start", user=AUTHOR)
    await operator.chat.presses("Pause", user=AUTHOR)
    assert "no longer works" in operator.chat.alerts[0]
    assert await operator.status(batch) is B.PENDING
